import { ParseError } from '../domain/errors.ts'
import { parseCount } from './limitValue.ts'

/** Flat `name number` files: /proc/vmstat, memory.events, memory.stat. Foreign lines are an error of the whole file. */
export const parseCounters = (parser: string, output: string): ReadonlyMap<string, number> => {
  const counters = new Map<string, number>()
  for (const [index, raw] of output.split('\n').entries()) {
    const line = raw.replace(/\r$/, '')
    if (line === '') continue
    const match = /^([A-Za-z0-9_:.-]{1,80}) (-?\d{1,20})$/.exec(line)
    if (match === null) throw new ParseError(parser, index + 1, 'expected "name number"')
    const value = parseCount(match[2])
    // A negative or inexact counter is left out: absent is honest, a wrong number is not.
    if (value !== null) counters.set(match[1] ?? '', value)
  }
  if (counters.size === 0) throw new ParseError(parser, 1, 'no counters')
  return counters
}
