import { ParseError } from '../domain/errors.ts'
import type { Parser } from './parser.ts'

// free -b
//
//                total        used        free      shared  buff/cache   available
// Mem:       492584960    80490496   296992768     2818048   130797568   412094464
// Swap:              0           0           0

/** Sizes as `free` computes them. `null`: this version has no such column. */
export interface FreeFacts {
  readonly totalBytes: number
  readonly usedBytes: number
  readonly freeBytes: number
  readonly sharedBytes: number | null
  readonly cacheBytes: number | null
  /** Since procps 3.3.10; busybox since 1.28. */
  readonly availableBytes: number | null
  readonly swapTotalBytes: number | null
  readonly swapUsedBytes: number | null
}

const SUFFIX_BYTES: Readonly<Record<string, number>> = { '': 1, B: 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }

/** Reads `free -b`, and `free -h` with the precision its suffixes leave. */
export const freeParser: Parser<FreeFacts> = {
  id: 'free',
  parse: (output) => {
    const lines = output.split('\n').map((line) => line.trim().split(/\s+/))
    const header = lines.findIndex((words) => words[0] === 'total')
    const memory = lines.findIndex((words) => words[0] === 'Mem:')
    if (header === -1 || memory === -1) throw new ParseError('free', 1, 'expected a header "total …" and a row "Mem:"')
    const cell = (row: number, ...names: readonly string[]): number | null => {
      const at = names.map((name) => lines[header]?.indexOf(name) ?? -1).find((index) => index !== -1)
      return at === undefined ? null : bytesOf(lines[row]?.[at + 1])
    }
    const [totalBytes, usedBytes, freeBytes] = [cell(memory, 'total'), cell(memory, 'used'), cell(memory, 'free')]
    if (totalBytes === null || usedBytes === null || freeBytes === null) {
      throw new ParseError('free', memory + 1, 'expected numbers for total, used and free')
    }
    const swap = lines.findIndex((words) => words[0] === 'Swap:')
    return {
      totalBytes,
      usedBytes,
      freeBytes,
      sharedBytes: cell(memory, 'shared'),
      cacheBytes: cell(memory, 'buff/cache', 'cached'),
      availableBytes: cell(memory, 'available'),
      swapTotalBytes: swap === -1 ? null : cell(swap, 'total'),
      swapUsedBytes: swap === -1 ? null : cell(swap, 'used'),
    }
  },
}

const bytesOf = (text: string | undefined): number | null => {
  const match = /^(\d{1,18}(?:\.\d{1,3})?)([BKMGT]?)i?$/.exec(text ?? '')
  return match === null ? null : Math.round(Number(match[1]) * (SUFFIX_BYTES[match[2] ?? ''] ?? 1))
}
