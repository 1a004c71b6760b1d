import { ParseError } from '../domain/errors.ts'
import { dfRows } from './dfRows.ts'
import { parseCount } from './limitValue.ts'
import type { Parser } from './parser.ts'

// df -P -i
//
// Filesystem       Inodes  IUsed    IFree IUse% Mounted on
// /dev/vda       16777216 431149 16346067    3% /

export interface FilesystemInodes {
  readonly source: string
  readonly mount: string
  /** 0: the file system makes inodes as needed (btrfs). */
  readonly totalCount: number | null
  readonly usedCount: number | null
  readonly freeCount: number | null
  readonly usedPercent: number | null
  /** 1-based line of the output. */
  readonly line: number
}

export interface DfInodesFacts {
  readonly filesystems: readonly FilesystemInodes[]
}

export const dfInodesParser: Parser<DfInodesFacts> = {
  id: 'df-inodes',
  parse: (output) => {
    const { header, rows } = dfRows('df-inodes', output)
    if (!/\sInodes\s/.test(header))
      throw new ParseError('df-inodes', 1, `expected a column "Inodes", got "${header.slice(0, 80)}"`)
    return {
      filesystems: rows.map((row) => ({
        source: row.source,
        mount: row.mount,
        totalCount: parseCount(row.numbers[0]),
        usedCount: parseCount(row.numbers[1]),
        freeCount: parseCount(row.numbers[2]),
        usedPercent: row.percent,
        line: row.line,
      })),
    }
  },
}
