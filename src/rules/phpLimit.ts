import { logParser } from '../parsers/log/log.ts'
import { amount } from './amount.ts'
import type { Rule } from './rule.ts'
import { claimOf, tellingsOf } from './tellings.ts'

/** A wrapped copy is written at once; the web server's clock is the same host's. */
const COPY_MS = 5000

/** One PHP request reached memory_limit; FPM's and the web server's copies of the line are the same event. */
export const phpLimitRule: Rule = {
  id: 'php-limit',
  kinds: ['php-limit'],
  needs: [logParser],
  wants: [],
  explains: ['app-own-message'],
  check: (facts) =>
    tellingsOf(facts, 'php-limit', {
      key: (event) => `${event.limitBytes} ${event.triedBytes} ${event.file ?? ''} ${event.scriptLine ?? ''}`,
      teller: (event) => `${event.teller} ${event.source ?? ''}`,
      withinMs: COPY_MS,
    }).map((telling) => {
      const { event } = telling
      const where =
        event.file === null ? '' : ` in ${event.file}${event.scriptLine === null ? '' : ` line ${event.scriptLine}`}`
      return claimOf('php-limit', telling, {
        summary: `a PHP request reached memory_limit of ${amount(event.limitBytes)}${where}`,
        why: `the script asked for ${amount(event.triedBytes)} more; the request fails, the worker lives on`,
        // The web server's copy is filed under the web server's unit.
        ...(event.teller === 'web-server' ? { unit: null } : {}),
        limitBytes: event.limitBytes,
      })
    }),
}
