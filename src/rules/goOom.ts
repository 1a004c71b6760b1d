import { logParser } from '../parsers/log/log.ts'
import { amount } from './amount.ts'
import { isStatus, withEndedUnit } from './endedUnit.ts'
import type { Rule } from './rule.ts'
import { claimOf, tellingsOf } from './tellings.ts'
import { unitEndingsOf } from './unitEndings.ts'

/** The Go runtime was refused memory and ended the program (exit 2). */
export const goOomRule: Rule = {
  id: 'go-oom',
  kinds: ['go-oom'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed', 'app-own-message'],
  check: (facts) => {
    const endings = unitEndingsOf(facts)
    return tellingsOf(facts, 'go-oom', { key: (event) => `${event.sourcePid ?? ''} ${event.addressSpace}` }).map(
      (telling) => {
        const { requestedBytes, inUseBytes, addressSpace } = telling.event
        const sizes =
          requestedBytes === null ? '' : `: ${amount(requestedBytes)} more with ${amount(inUseBytes ?? 0)} in use`
        return withEndedUnit(
          claimOf('go-oom', telling, {
            summary: `the Go runtime could not get memory${inUseBytes === null ? '' : sizes}`,
            why: addressSpace
              ? 'addresses could not be reserved: a limit on address space (ulimit -v, LimitAS=)'
              : 'the system refused memory: ulimit -v, strict overcommit, or nothing left',
          }),
          telling,
          endings,
          isStatus(2),
        )
      },
    )
  },
}
