import { ParseError } from '../domain/errors.ts'
import type { Parser } from './parser.ts'

// /proc/uptime
//
// 133.56 131.52

export interface UptimeFacts {
  readonly uptimeSeconds: number
}

export const uptimeParser: Parser<UptimeFacts> = {
  id: 'uptime',
  parse: (output) => {
    const match = /^(\d{1,12}\.\d\d) \d{1,14}\.\d\d\s*$/.exec(output)
    if (match === null) throw new ParseError('uptime', 1, `expected two numbers, got "${output.trim().slice(0, 40)}"`)
    return { uptimeSeconds: Number(match[1]) }
  },
}
