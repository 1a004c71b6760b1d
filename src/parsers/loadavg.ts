import { ParseError } from '../domain/errors.ts'
import type { Parser } from './parser.ts'

// /proc/loadavg
//
// 1.14 0.67 0.27 1/95 426

export interface LoadavgFacts {
  readonly load1: number
  readonly load5: number
  readonly load15: number
  /** Tasks on a processor or waiting for one. */
  readonly runnableCount: number
  /** All tasks; each thread is one. */
  readonly taskCount: number
}

export const loadavgParser: Parser<LoadavgFacts> = {
  id: 'loadavg',
  parse: (output) => {
    const match = /^(\d{1,7}\.\d\d) (\d{1,7}\.\d\d) (\d{1,7}\.\d\d) (\d{1,9})\/(\d{1,9}) \d{1,10}\s{0,2}$/.exec(output)
    if (match === null) throw new ParseError('loadavg', 1, 'expected "1.14 0.67 0.27 1/95 426"')
    const [load1 = 0, load5 = 0, load15 = 0, runnableCount = 0, taskCount = 0] = match.slice(1).map(Number)
    return { load1, load5, load15, runnableCount, taskCount }
  },
}
