import { logParser } from '../parsers/log/log.ts'
import { isNear, type Placed, placedOf } from './nearness.ts'
import type { Rule } from './rule.ts'
import { claimOf, tellingsOf } from './tellings.ts'
import { unitEndingsOf } from './unitEndings.ts'

/** Parents, shells and build tools above each other follow a crash within this time; a core dump takes long. */
const SAME_CRASH_MS = 30_000

/** A parent saw its child end by SIGSEGV, and neither the kernel's line nor systemd's about it was read. */
export const segfaultSeenRule: Rule = {
  id: 'segfault-seen',
  kinds: ['segfault'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed'],
  check: (facts) => {
    const told: Placed[] = [
      ...facts
        .all(logParser)
        .flatMap(({ evidence, facts: log }) =>
          log.events
            .filter((event) => event.type === 'segfault')
            .map((event): Placed => ({ evidence, time: event.time, cited: event.cited })),
        ),
      ...unitEndingsOf(facts)
        .filter((ending) => ending.exit?.signal === 'SIGSEGV')
        .map((ending) => ending.placed),
    ]
    const seen = tellingsOf(facts, 'process-crashed', {
      key: (event) => `${event.reporter} ${event.pid ?? ''} ${event.container ?? ''}`,
    })
    // Whoever names a process tells of its own crash; a bare word echoes what is told near by.
    const named = seen.filter(({ event }) => event.pid !== null).map((telling) => placedOf(telling))
    const bare: Placed[] = []
    return seen.flatMap((telling) => {
      const { pid, container, reporter, seenAs } = telling.event
      const placed = placedOf(telling)
      const isTold = (others: readonly Placed[]): boolean =>
        others.some((other) => isNear(other, placed, SAME_CRASH_MS))
      if (isTold(told) || (pid === null && (isTold(bare) || isTold(named)))) return []
      if (pid === null) bare.push(placed)
      const who = container === null ? `a process${pid === null ? '' : ` (pid ${pid})`}` : `container ${container}`
      return [
        claimOf('segfault', telling, {
          summary: `${reporter} saw ${who} crash: segmentation fault`,
          confidence: seenAs === 'status' ? 'possible' : 'certain',
          unit: reporter === 'docker' ? null : (telling.event.unit ?? telling.subject),
          container,
          victims: pid === null ? [] : [{ pid, comm: telling.event.comm ?? null, unit: null, anonRssBytes: null }],
          doubts: seenAs === 'status' ? ['exit code 139 is only a number'] : [],
        }),
      ]
    })
  },
}
