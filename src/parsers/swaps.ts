import { ParseError } from '../domain/errors.ts'
import { parseCount } from './limitValue.ts'
import type { Parser } from './parser.ts'

// /proc/swaps
//
// Filename				Type		Size		Used		Priority
// /dev/zram0                              partition	524284		1024		100

export interface SwapArea {
  readonly path: string
  readonly type: string
  readonly sizeBytes: number
  readonly usedBytes: number
}

export interface SwapsFacts {
  /** Empty: the host has no swap. */
  readonly areas: readonly SwapArea[]
}

export const swapsParser: Parser<SwapsFacts> = {
  id: 'swaps',
  parse: (output) => {
    const lines = output.split('\n')
    if (!/^Filename\s+Type\s+Size\s+Used\s+Priority/.test(lines[0] ?? ''))
      throw new ParseError('swaps', 1, 'expected the header "Filename Type Size Used Priority"')
    const areas: SwapArea[] = []
    for (const [index, line] of lines.entries()) {
      if (index === 0 || line.trim() === '') continue
      // Blanks in a path are printed as \040, so columns can be counted from the left.
      const [path, type, size, used] = line.trim().split(/\s+/)
      const sizeKib = parseCount(size)
      const usedKib = parseCount(used)
      if (path === undefined || type === undefined || sizeKib === null || usedKib === null)
        throw new ParseError('swaps', index + 1, 'expected path, type, size, used')
      areas.push({ path, type, sizeBytes: sizeKib * 1024, usedBytes: usedKib * 1024 })
    }
    return { areas }
  },
}
