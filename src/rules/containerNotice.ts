import type { Claim } from '../domain/finding.ts'
import type { EventOf } from '../parsers/log/events.ts'
import { logParser } from '../parsers/log/log.ts'
import { isNear, placedOf } from './nearness.ts'
import type { Rule } from './rule.ts'
import { containerKey, isSameContainer } from './sameContainer.ts'
import { claimOf, type Telling, tellingsOf } from './tellings.ts'

type Notice = Telling<EventOf<'container-oom-notice'>>

/** What containerd, docker, Kubernetes or Slurm say about an oom kill inside; the engine joins it with the kernel's report. */
export const containerNoticeRule: Rule = {
  id: 'container-notice',
  kinds: ['container-oom', 'global-oom'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed', 'app-own-message', 'killed-unknown-sender'],
  check: (facts) => {
    const groups: Notice[][] = []
    const groupsOf = new Map<string, Notice[][]>()
    const notices = tellingsOf(facts, 'container-oom-notice', {
      key: (event) => `${event.reporter} ${event.container ?? event.name ?? ''}`,
    })
    for (const notice of notices) {
      const words = wordsOf(notice)
      const candidates = words.flatMap((word) => groupsOf.get(word)?.slice(-MAX_COMPARED) ?? [])
      const known = candidates.find((candidate) => isSameKill(candidate, notice))
      const group = known ?? []
      if (known === undefined) groups.push(group)
      group.push(notice)
      for (const word of words) {
        const filed = groupsOf.get(word) ?? []
        groupsOf.set(word, filed)
        if (!filed.slice(-MAX_COMPARED).includes(group)) filed.push(group)
      }
    }
    const systemOoms = tellingsOf(facts, 'kubelet-system-oom', {
      key: (event) => `${event.comm ?? ''} ${event.pid ?? ''}`,
    })
    return [...groups.flatMap((group) => noticeClaims(group)), ...systemOoms.map((oom) => systemClaim(oom))]
  },
}

/** A hostile log may tell of one name thousands of times: a notice is compared with the last so many. Arbitrary. */
const MAX_COMPARED = 100

const SAME_KILL_MS = 60_000

/** Two reporters of one container in one minute tell of one kill; one reporter twice tells of two. */
const isSameKill = (group: readonly Notice[], notice: Notice): boolean =>
  group.every(
    (known) =>
      known.event.reporter !== notice.event.reporter &&
      isOfSameContainer(known, notice) &&
      isNear(placedOf(known), placedOf(notice), SAME_KILL_MS),
  )

/** Two notices of one container share one of these. */
const wordsOf = ({ event }: Notice): readonly string[] => [
  ...(event.container === null ? [] : [`id ${containerKey(event.container)}`]),
  ...(event.name === null ? [] : [`name ${event.name}`]),
]

const isOfSameContainer = (a: Notice, b: Notice): boolean => {
  const one = a.event.container
  const other = b.event.container
  if (one !== null && other !== null) return isSameContainer(one, other)
  return a.event.name !== null && a.event.name === b.event.name
}

const noticeClaims = (group: readonly Notice[]): readonly Claim[] => {
  const first = group[0]
  if (first === undefined) return []
  const container = group.map((notice) => notice.event.container).find((id) => id !== null) ?? null
  const name = group.map((notice) => notice.event.name).find((known) => known !== null) ?? null
  const reporters = [...new Set(group.map((notice) => notice.event.reporter))].join(' and ')
  const who =
    first.event.reporter === 'slurm'
      ? `step ${name ?? ''}`
      : name === null && container === null
        ? 'a container it does not name'
        : `container ${name ?? container?.slice(0, 12)}`
  return [
    claimOf('container-oom', first, {
      summary: `${reporters} says that the kernel's OOM killer killed in ${who}`,
      // The line is filed under the engine's unit, which is not the victim's.
      unit: null,
      container: container ?? name,
      limitBytes: group.map((notice) => notice.event.limitBytes).find((limit) => limit !== null) ?? null,
      count: Math.max(...group.map((notice) => notice.count)),
      victims: [],
      citations: group.flatMap((notice) => notice.citations),
    }),
  ]
}

/** One supporting fact: the kubelet watched the kernel log and saw an oom of the whole node. */
const systemClaim = (oom: Telling<EventOf<'kubelet-system-oom'>>): Claim => {
  const { comm, pid } = oom.event
  return claimOf('global-oom', oom, {
    summary: `the kubelet saw the node run out of memory${comm === null ? '' : `; the kernel killed ${comm}`}`,
    confidence: 'possible',
    unit: null,
    victims: pid === null ? [] : [{ pid, comm, unit: null, anonRssBytes: null }],
    doubts: ["the kernel's own report is missing here"],
  })
}
