import { blankClaim } from '../domain/finding.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import type { Rule } from './rule.ts'
import { citationsOf, timeOf } from './tellings.ts'

/** The kubelet found its node low on memory and ended pods for it: its own threshold, no kill by the kernel. */
export const kubeletEvictionRule: Rule = {
  id: 'kubelet-eviction',
  kinds: ['memory-pressure'],
  needs: [logParser],
  wants: [],
  explains: [],
  check: (facts) =>
    facts.all(logParser).flatMap((log) => {
      const events = eventsOf(log.facts, 'container-evicted').filter((event) => event.resource === 'memory')
      const evicted = events.filter((event) => event.what === 'evicted')
      const first = evicted[0] ?? events[0]
      if (first === undefined) return []
      const containers = new Set(evicted.flatMap((event) => event.container ?? []))
      const [container = null] = containers.size === 1 ? containers : []
      const whom = container === null ? 'pods' : `the pod of container ${container}`
      return [
        {
          ...blankClaim(
            'memory-pressure',
            evicted.length > 0
              ? `the kubelet evicted ${whom}: the node was low on memory; no OOM killer took part`
              : 'the kubelet found the node low on memory and began to reclaim it',
          ),
          confidence: evicted.length > 0 ? ('certain' as const) : ('likely' as const),
          ...timeOf(first.time),
          container,
          citations: events.flatMap((event) => citationsOf(log, event)).slice(0, MAX_LINES),
        },
      ]
    }),
}

/** One low node evicts many; more lines prove no more. Arbitrary. */
const MAX_LINES = 12
