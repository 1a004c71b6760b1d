import { ParseError } from '../domain/errors.ts'
import type { Parser } from './parser.ts'

// timedatectl show          (before systemd 239: timedatectl, "Key: value")
//
// Timezone=Etc/UTC
// NTP=no
// NTPSynchronized=no
// TimeUSec=Mon 2026-11-23 15:03:56 UTC

export interface TimedatectlFacts {
  readonly timezone: string | null
  /** Whether systemd's own time client is switched on; chrony and ntpd may do the work instead. */
  readonly ntpEnabled: boolean | null
  /** What the kernel says about the clock. */
  readonly synchronized: boolean | null
}

export const timedatectlParser: Parser<TimedatectlFacts> = {
  id: 'timedatectl',
  parse: (output) => {
    const fields = new Map<string, string>()
    for (const line of output.split('\n')) {
      const match = /^\s{0,40}([A-Za-z][A-Za-z ]{0,40})(?:=|: )(.{0,200})$/.exec(line)
      if (match !== null) fields.set((match[1] ?? '').toLowerCase().replaceAll(' ', ''), (match[2] ?? '').trim())
    }
    const timezone = fields.get('timezone')?.split(' ')[0] ?? null
    const ntp = fields.get('ntp') ?? fields.get('ntpenabled') ?? fields.get('ntpservice') ?? fields.get('networktimeon')
    const synchronized = fields.get('ntpsynchronized') ?? fields.get('systemclocksynchronized')
    if (timezone === null && synchronized === undefined) {
      throw new ParseError('timedatectl', 1, 'expected Timezone= or NTPSynchronized=')
    }
    return { timezone, ntpEnabled: flag(ntp), synchronized: flag(synchronized) }
  },
}

const flag = (text: string | undefined): boolean | null =>
  text === 'yes' || text === 'active' ? true : text === 'no' || text === 'inactive' ? false : null
