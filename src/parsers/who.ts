import { ParseError } from '../domain/errors.ts'
import type { Parser } from './parser.ts'

// who -u
//
// dora     pts/0        2026-11-23 15:02   .          812 (10.0.2.2)

export interface Login {
  readonly user: string
  readonly terminal: string
  /** As printed, in the zone of the host's environment. */
  readonly sinceText: string
  /** Where from; null for a login at the machine. */
  readonly from: string | null
  /** 1-based line of the output. */
  readonly line: number
}

export interface WhoFacts {
  /** Empty: nobody is logged in, or this host keeps no record of it. */
  readonly logins: readonly Login[]
}

const ROW =
  /^(\S{1,64})\s{1,40}(\S{1,40})\s{1,40}(\d{4}-\d\d-\d\d \d\d:\d\d|[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d)(?:\s[^()\n]{0,80})?(?:\(([^()\n]{1,255})\))?\s{0,10}$/

export const whoParser: Parser<WhoFacts> = {
  id: 'who',
  parse: (output) => {
    const logins: Login[] = []
    for (const [index, line] of output.split('\n').entries()) {
      if (line.trim() === '' || line.startsWith('#')) continue
      const match = ROW.exec(line)
      if (match === null) throw new ParseError('who', index + 1, 'expected "user terminal date time (host)"')
      const [, user = '', terminal = '', sinceText = '', from = null] = match
      logins.push({ user, terminal, sinceText, from, line: index + 1 })
    }
    return { logins }
  },
}
