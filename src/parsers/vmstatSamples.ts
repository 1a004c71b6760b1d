import { ParseError } from '../domain/errors.ts'
import type { Parser } from './parser.ts'

// vmstat 1 3
//
// procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----
//  r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st
//  2  0      0 123888   4516 124444    0    0   424    23  227  164 21 26 53  0  0

/** One second of the host. */
export interface VmstatSample {
  readonly runningCount: number
  readonly blockedCount: number
  readonly freeBytes: number
  readonly swapInBytesPerSecond: number
  readonly swapOutBytesPerSecond: number
  readonly userPercent: number | null
  readonly systemPercent: number | null
  readonly idlePercent: number | null
  readonly waitPercent: number | null
  /** 1-based line of the output. */
  readonly line: number
}

export interface VmstatSamplesFacts {
  /** Averages since boot: vmstat's first row says nothing about now. */
  readonly sinceBoot: VmstatSample
  readonly samples: readonly VmstatSample[]
}

export const vmstatSamplesParser: Parser<VmstatSamplesFacts> = {
  id: 'vmstat-samples',
  parse: (output) => {
    const lines = output.split('\n').map((line) => line.trim().split(/\s+/))
    const header = lines.findIndex((words) => words[0] === 'r' && words.includes('free'))
    if (header === -1) throw new ParseError('vmstat-samples', 1, 'expected a header "r b swpd free …"')
    const names = lines[header] ?? []
    const rows: VmstatSample[] = []
    for (const [index, words] of lines.entries()) {
      if (index <= header || !/^\d/.test(words[0] ?? '')) continue
      const cell = (name: string): number | null => {
        const text = words[names.indexOf(name)] ?? ''
        return names.includes(name) && /^\d{1,15}$/.test(text) ? Number(text) : null
      }
      const needed = (name: string): number => {
        const value = cell(name)
        if (value === null) throw new ParseError('vmstat-samples', index + 1, `expected a number in column "${name}"`)
        return value
      }
      rows.push({
        runningCount: needed('r'),
        blockedCount: needed('b'),
        freeBytes: needed('free') * 1024,
        swapInBytesPerSecond: needed('si') * 1024,
        swapOutBytesPerSecond: needed('so') * 1024,
        userPercent: cell('us'),
        systemPercent: cell('sy'),
        idlePercent: cell('id'),
        waitPercent: cell('wa'),
        line: index + 1,
      })
    }
    const [sinceBoot, ...samples] = rows
    if (sinceBoot === undefined) throw new ParseError('vmstat-samples', header + 1, 'a header without samples')
    return { sinceBoot, samples }
  },
}
