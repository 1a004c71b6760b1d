import type { Claim } from '../domain/finding.ts'
import type { EventOf } from '../parsers/log/events.ts'
import { logParser } from '../parsers/log/log.ts'
import { amount } from './amount.ts'
import { isAbort, withEndedUnit } from './endedUnit.ts'
import type { Rule } from './rule.ts'
import { claimOf, type Telling, tellingsOf } from './tellings.ts'
import { unitEndingsOf } from './unitEndings.ts'

/** Node or Chrome ended itself because V8's heap was full: the process's own limit, not the host's. */
export const v8HeapRule: Rule = {
  id: 'v8-heap',
  kinds: ['v8-heap'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed', 'app-own-message'],
  check: (facts) => {
    const endings = unitEndingsOf(facts)
    return tellingsOf(facts, 'v8-heap', {
      key: (event) => `${event.where ?? ''} ${event.pid ?? event.sourcePid ?? ''} ${event.worker}`,
    }).map((telling) => {
      const claim = heapClaim(telling)
      return telling.event.worker ? claim : withEndedUnit(claim, telling, endings, isAbort)
    })
  },
}

/** V8 could not get address space: a limit on it (ulimit -v, LimitAS=), the heap itself was not full. */
const ADDRESS_SPACE = /virtual memory|CodeRange|reserve|Zone$/

const heapClaim = (telling: Telling<EventOf<'v8-heap'>>): Claim => {
  const { event } = telling
  const used = event.usedBytes === null ? '' : `, ${amount(event.usedBytes)} in use after the last collection`
  const isAddressSpace = event.where !== null && ADDRESS_SPACE.test(event.where)
  return claimOf('v8-heap', telling, {
    summary: event.worker
      ? 'a Node worker thread reached its own JavaScript heap limit; the process may live on'
      : `V8 gave up: ${event.where ?? 'the JavaScript heap is full'}${used}`,
    why: isAddressSpace
      ? 'V8 could not reserve memory from the system: a limit on address space (ulimit -v, LimitAS=) is likelier than a full heap'
      : whyOf(event),
    victims:
      event.pid === null
        ? []
        : [{ pid: event.pid, comm: null, unit: event.unit ?? telling.subject, anonRssBytes: null }],
    doubts: isAddressSpace ? ['the words name address space, not a full heap'] : [],
  })
}

/** `mu` below 0.1: the program had less than a tenth of the time (reference: Node heap evidence). */
const whyOf = (event: EventOf<'v8-heap'>): string => {
  const limit = 'the JavaScript heap reached its limit (--max-old-space-size or the default)'
  return event.mu !== null && event.mu < 0.1
    ? `${limit}; garbage collection left the program ${Math.round(event.mu * 100)} % of the time`
    : limit
}
