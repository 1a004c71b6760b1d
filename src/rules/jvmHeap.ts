import type { Claim } from '../domain/finding.ts'
import type { EventOf } from '../parsers/log/events.ts'
import { logParser } from '../parsers/log/log.ts'
import { amount } from './amount.ts'
import { isAbort, isStatus, withEndedUnit } from './endedUnit.ts'
import type { Rule } from './rule.ts'
import { claimOf, type Telling, tellingsOf } from './tellings.ts'
import { unitEndingsOf } from './unitEndings.ts'

/** A pool of the JVM is full. The pool is named, because each has a flag of its own. */
export const jvmHeapRule: Rule = {
  id: 'jvm-heap',
  kinds: ['jvm-heap'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed', 'app-own-message', 'watchdog'],
  check: (facts) => {
    const endings = unitEndingsOf(facts)
    const told = tellingsOf(facts, 'jvm-oom', { key: (event) => `${event.pool} ${event.sourcePid ?? ''}` })
    // The error without its message is nearly always another thread's word about the same full pool.
    const named = told.filter(({ event }) => event.pool !== 'unnamed')
    return (named.length > 0 ? named : told).map((telling) => {
      const claim = poolClaim(telling)
      const { ending } = telling.event
      // The VM usually survives: only one that said it ends itself is looked for.
      if (ending === null) return claim
      return withEndedUnit(claim, telling, endings, ending === 'aborted' ? isAbort : isStatus(3))
    })
  },
}

const POOLS: Readonly<Record<EventOf<'jvm-oom'>['pool'], { name: string; why: string }>> = {
  heap: { name: 'Java heap', why: 'the Java heap reached its maximum (-Xmx or -XX:MaxRAMPercentage)' },
  'gc-overhead': {
    name: 'Java heap (GC overhead)',
    why: 'the heap is so full that nearly all time goes into collection',
  },
  metaspace: { name: 'metaspace', why: 'class metadata reached -XX:MaxMetaspaceSize' },
  'class-space': { name: 'compressed class space', why: 'class metadata reached -XX:CompressedClassSpaceSize' },
  'array-size': {
    name: 'one array',
    why: 'the program asked for one array larger than the VM allows: a bug, the heap may be fine',
  },
  direct: {
    name: 'direct buffers',
    why: 'memory outside the heap reached -XX:MaxDirectMemorySize (default: the heap size)',
  },
  unnamed: { name: 'memory in one of its pools', why: 'the error was thrown without the name of the pool' },
}

const ENDINGS = {
  exited: '; the VM then ended itself (exit 3)',
  aborted: '; the VM then aborted itself',
} as const

const poolClaim = (telling: Telling<EventOf<'jvm-oom'>>): Claim => {
  const { event } = telling
  const pool = POOLS[event.pool]
  return claimOf('jvm-heap', telling, {
    summary: `the JVM ran out of ${pool.name}: ${event.detail}${event.ending === null ? '' : ENDINGS[event.ending]}`,
    why: event.limitBytes === null ? pool.why : `${pool.why}; the limit is ${amount(event.limitBytes)}`,
    limitBytes: event.limitBytes,
  })
}
