import { ParseError } from '../domain/errors.ts'
import type { Parser } from './parser.ts'

// /proc/pressure/memory, and memory.pressure, cpu.pressure, io.pressure of a cgroup
//
// some avg10=69.84 avg60=69.67 avg300=26.52 total=94250980
// full avg10=42.70 avg60=58.70 avg300=23.27 total=83339255

/** Share of time in which some or all tasks stood still. */
export interface PressureLine {
  readonly avg10Percent: number
  readonly avg60Percent: number
  readonly avg300Percent: number
  readonly totalUs: number
}

export interface PressureFacts {
  readonly some: PressureLine
  /** Absent for the host's cpu file before kernel 5.13. */
  readonly full: PressureLine | null
}

const LINE = /^(some|full) avg10=(\d{1,3}\.\d\d) avg60=(\d{1,3}\.\d\d) avg300=(\d{1,3}\.\d\d) total=(\d{1,20})\r?$/

export const pressureParser: Parser<PressureFacts> = {
  id: 'pressure',
  parse: (output) => {
    const found: { some?: PressureLine; full?: PressureLine } = {}
    for (const [index, line] of output.split('\n').entries()) {
      if (line.trim() === '') continue
      const match = LINE.exec(line)
      if (match === null)
        throw new ParseError('pressure', index + 1, 'expected "some avg10=… avg60=… avg300=… total=…"')
      found[match[1] as 'some' | 'full'] = {
        avg10Percent: Number(match[2]),
        avg60Percent: Number(match[3]),
        avg300Percent: Number(match[4]),
        totalUs: Number(match[5]),
      }
    }
    if (found.some === undefined) throw new ParseError('pressure', 1, 'no "some" line')
    return { some: found.some, full: found.full ?? null }
  },
}
