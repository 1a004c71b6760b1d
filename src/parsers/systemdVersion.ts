import { ParseError } from '../domain/errors.ts'
import type { Parser } from './parser.ts'

// systemctl --version
//
// systemd 252 (252.39-1~deb12u2)
// +PAM +AUDIT … default-hierarchy=unified

export interface SystemdVersionFacts {
  readonly version: number
  /** The distribution's full version, null when it is not printed. */
  readonly detail: string | null
  /** What it was built for; the running host may differ. */
  readonly defaultHierarchy: string | null
}

export const systemdVersionParser: Parser<SystemdVersionFacts> = {
  id: 'systemd-version',
  parse: (output) => {
    const match = /^systemd (\d{1,4})(?:\.\S{1,40}|~\S{1,40})?(?: \(([^()\n]{1,100})\))?/.exec(output)
    if (match === null) throw new ParseError('systemd-version', 1, 'expected "systemd <number>"')
    return {
      version: Number(match[1]),
      detail: match[2] ?? null,
      defaultHierarchy: /default-hierarchy=(\w{1,20})/.exec(output)?.[1] ?? null,
    }
  },
}
