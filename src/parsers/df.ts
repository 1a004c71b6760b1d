import { ParseError } from '../domain/errors.ts'
import { dfRows } from './dfRows.ts'
import { parseCount } from './limitValue.ts'
import type { Parser } from './parser.ts'

// df -P -k   (also df, df -h, df -PT)
//
// Filesystem     1024-blocks   Used Available Capacity Mounted on
// /dev/vda           3024412 596992   2256200      21% /

export interface Filesystem {
  readonly source: string
  readonly mount: string
  /** From `df -h` sizes are rounded by df; the percentage is what it prints. */
  readonly sizeBytes: number | null
  readonly usedBytes: number | null
  readonly availableBytes: number | null
  readonly usedPercent: number | null
  /** 1-based line of the output. */
  readonly line: number
}

export interface DfFacts {
  readonly filesystems: readonly Filesystem[]
}

const HUMAN: Record<string, number> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40, P: 2 ** 50 }

const blockBytes = (header: string): number | 'human' | null => {
  if (/\s(?:Size|1B-blocks)\s/.test(header)) return /1B-blocks/.test(header) ? 1 : 'human'
  const match = /\s(\d{1,7})(K|M)?-blocks\s/.exec(header)
  if (match === null) return null
  return Number(match[1]) * (HUMAN[match[2] ?? ''] ?? 1)
}

const humanBytes = (text: string): number | null => {
  const match = /^(\d{1,6}(?:[.,]\d{1,2})?)([KMGTP]?)i?$/.exec(text)
  if (match === null) return null
  return Math.round(Number(match[1]?.replace(',', '.')) * (HUMAN[match[2] ?? ''] ?? 1))
}

export const dfParser: Parser<DfFacts> = {
  id: 'df',
  parse: (output) => {
    const { header, rows } = dfRows('df', output)
    const unit = blockBytes(header)
    if (unit === null)
      throw new ParseError('df', 1, `expected a column "…-blocks" or "Size", got "${header.slice(0, 80)}"`)
    const bytes = (text: string | undefined): number | null => {
      if (unit === 'human') return humanBytes(text ?? '')
      const count = parseCount(text)
      return count === null ? null : count * unit
    }
    return {
      filesystems: rows.map((row) => ({
        source: row.source,
        mount: row.mount,
        sizeBytes: bytes(row.numbers[0]),
        usedBytes: bytes(row.numbers[1]),
        availableBytes: bytes(row.numbers[2]),
        usedPercent: row.percent,
        line: row.line,
      })),
    }
  },
}
