import { logParser } from '../parsers/log/log.ts'
import { amount } from './amount.ts'
import { isAbort, withEndedUnit } from './endedUnit.ts'
import type { Rule } from './rule.ts'
import { claimOf, tellingsOf } from './tellings.ts'
import { unitEndingsOf } from './unitEndings.ts'

/** No server has this much: such a request is a wrong length, not a shortage. Arbitrary. */
const ABSURD_BYTES = 64 * 1024 ** 4

/** A Rust program was refused memory and aborted. */
export const rustAllocRule: Rule = {
  id: 'rust-alloc',
  kinds: ['rust-alloc'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed', 'app-own-message'],
  check: (facts) => {
    const endings = unitEndingsOf(facts)
    return tellingsOf(facts, 'rust-alloc', { key: (event) => `${event.requestedBytes} ${event.sourcePid ?? ''}` }).map(
      (telling) => {
        // A number that no double holds is beyond every memory.
        const bytes = telling.event.requestedBytes ?? Infinity
        return withEndedUnit(
          claimOf('rust-alloc', telling, {
            summary: `a Rust program could not allocate ${Number.isFinite(bytes) ? amount(bytes) : 'what it asked for'} and aborted`,
            why:
              bytes >= ABSURD_BYTES
                ? 'the size is absurd: a bug, not a shortage'
                : 'the system refused memory: ulimit -v, strict overcommit, or nothing left',
          }),
          telling,
          endings,
          isAbort,
        )
      },
    )
  },
}
