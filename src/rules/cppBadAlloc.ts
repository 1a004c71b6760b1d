import { logParser } from '../parsers/log/log.ts'
import { isAbort, withEndedUnit } from './endedUnit.ts'
import type { Rule } from './rule.ts'
import { claimOf, tellingsOf } from './tellings.ts'
import { unitEndingsOf } from './unitEndings.ts'

/** A C++ program was refused memory, nobody caught it, and it aborted. */
export const cppBadAllocRule: Rule = {
  id: 'cpp-bad-alloc',
  kinds: ['cpp-bad-alloc'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed', 'app-own-message'],
  check: (facts) => {
    const endings = unitEndingsOf(facts)
    return tellingsOf(facts, 'cpp-bad-alloc', { key: (event) => `${event.source ?? ''} ${event.sourcePid ?? ''}` }).map(
      (telling) =>
        withEndedUnit(
          claimOf('cpp-bad-alloc', telling, {
            summary: `${telling.event.source ?? 'a C++ program'} ended on an uncaught std::bad_alloc`,
            why: 'the system refused memory: ulimit -v, strict overcommit, or an absurd size',
          }),
          telling,
          endings,
          isAbort,
        ),
    )
  },
}
