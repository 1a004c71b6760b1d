import type { Citation } from '../domain/evidence.ts'
import { blankClaim } from '../domain/finding.ts'
import type { Claim } from '../domain/finding.ts'
import { isRefusedFork } from '../domain/step.ts'
import { cgroupValueParser } from '../parsers/cgroupValue.ts'
import type { FactView } from '../parsers/facts.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import { pidsEventsParser } from '../parsers/pidsEvents.ts'
import { unitOfCgroup } from '../parsers/unitOfCgroup.ts'
import { isHostAsked } from './askedHost.ts'
import { cgroupReadings, latestValue, unitOfReading } from './cgroupReadings.ts'
import { findForkLimit } from './forkLimit.ts'
import { NotEnoughEvidence } from './notEnough.ts'
import { claimTime } from './oomKill.ts'
import type { Rule } from './rule.ts'

/** More messages of one program prove no more; our choice. */
const MAX_MESSAGES = 6

/** The host, or one cgroup on it, cannot start processes or threads. */
export const cannotForkRule: Rule = {
  id: 'cannot-fork',
  kinds: ['cannot-fork'],
  needs: [],
  wants: [logParser, pidsEventsParser, cgroupValueParser],
  explains: ['jvm-native-thread', 'crash-loop', 'unit-failed'],
  check: (facts) => {
    const probed = probeClaims(facts)
    const told = new Set(probed.map((claim) => claim.cgroup))
    const counted = counterClaims(facts).filter((claim) => !told.has(claim.cgroup))
    const claims = [...probed, ...kernelClaims(facts), ...messageClaims(facts), ...counted]
    if (claims.length === 0 && !isHostAsked(facts) && facts.all(logParser).length === 0) {
      throw new NotEnoughEvidence('neither a host nor a log was read')
    }
    return claims
  },
}

/** Steps that could not be started because the host refused to fork: Medic saw it itself. */
const probeClaims = (facts: FactView): readonly Claim[] => {
  const refused = facts.evidence.flatMap(({ id, result }) => (isRefusedFork(result) ? [{ id, result }] : []))
  const [first] = refused
  if (first === undefined) return []
  const limit = findForkLimit(facts)
  const group = limit?.cgroup ?? null
  const whose = group === null ? 'the host' : group.slice(group.lastIndexOf('/') + 1)
  return [
    {
      ...blankClaim(
        'cannot-fork',
        `${whose} cannot start processes${limit === null ? '' : `: ${limit.summary}`} (${refused.length} steps could not be run)`,
      ),
      confidence: 'certain',
      cgroup: group,
      limitBytes: limit?.limitBytes ?? null,
      culprit: limit?.culprit ?? null,
      why: limit === null ? first.result.reason : `${first.result.reason}; ${limit.why}`,
      // The proof is the missing output: the citation says so in the place of a line.
      citations: [{ evidence: first.id, line: 1, text: first.result.reason }, ...(limit?.citations ?? [])],
    },
  ]
}

/** `cgroup: fork rejected by pids controller in <path>`: printed once a cgroup, naming the one that forked. */
const kernelClaims = (facts: FactView): readonly Claim[] => {
  const told = facts
    .all(logParser)
    .flatMap((log) => eventsOf(log.facts, 'fork-rejected').map((event) => ({ event, log })))
  return [...Map.groupBy(told, ({ event }) => event.cgroup)].flatMap(([cgroup, copies]): Claim[] => {
    // The kernel log and the journal hold the same line; a printed wall clock is the better time.
    const best = copies.find(({ event }) => event.time.atMs !== null) ?? copies[0]
    if (best === undefined) return []
    return [
      {
        ...blankClaim(
          'cannot-fork',
          `${unitOfCgroup(cgroup) ?? cgroup} was refused a new task: a TasksMax= of it or of a slice above it is reached`,
        ),
        confidence: 'certain',
        ...claimTime(facts, best.event.time),
        unit: unitOfCgroup(cgroup),
        why: 'the pids controller refused it; the kernel names the cgroup that forked, which need not be the one with the limit',
        citations: copies
          .flatMap(({ event, log }) =>
            event.cited.map((cited) => ({ evidence: log.evidence, line: cited.line, text: cited.text })),
          )
          .slice(0, MAX_MESSAGES),
      },
    ]
  })
}

const messageClaims = (facts: FactView): readonly Claim[] =>
  facts.all(logParser).flatMap((log) => {
    const events = eventsOf(log.facts, 'fork-refused').filter((event) => event.errno !== 'ENOMEM')
    const groups = Map.groupBy(events, (event) => JSON.stringify([event.program ?? event.source, event.call]))
    return [...groups.values()].flatMap((group): Claim[] => {
      const newest = group.at(-1)
      if (newest === undefined) return []
      const program = newest.program ?? newest.source ?? 'a program'
      const citations: readonly Citation[] = group
        .flatMap((event) => event.cited)
        .slice(0, MAX_MESSAGES)
        .map((cited) => ({ evidence: log.evidence, line: cited.line, text: cited.text }))
      return [
        {
          ...blankClaim(
            'cannot-fork',
            `${program} was refused a new ${newest.call === 'thread' ? 'thread' : 'process'}: a limit on tasks, not on memory`,
          ),
          confidence: 'certain',
          at: newest.time.atMs === null ? null : new Date(newest.time.atMs).toISOString(),
          atText: newest.time.atText,
          unit: log.subject,
          why: 'EAGAIN: look at pids.events, TasksMax=, ulimit -u, kernel.pid_max and threads-max, in this order',
          count: group.reduce((sum, event) => sum + event.repeats, 0),
          citations,
        },
      ]
    })
  })

/** A cgroup that counts refused forks and stands at its limit. */
const counterClaims = (facts: FactView): readonly Claim[] => {
  const latest = new Map(cgroupReadings(facts, pidsEventsParser).map((reading) => [reading.cgroup, reading]))
  return [...latest.values()].flatMap((reading): Claim[] => {
    const count = reading.facts.maxCount ?? 0
    if (count === 0) return []
    const max = latestValue(facts, reading.cgroup, 'pids.max')
    const current = latestValue(facts, reading.cgroup, 'pids.current')
    const isAtLimit = typeof max?.value === 'number' && typeof current?.value === 'number' && current.value >= max.value
    const unit = unitOfReading(reading)
    return [
      {
        ...blankClaim(
          'cannot-fork',
          `${unit ?? reading.cgroup} was refused new tasks ${count} times since it was started${typeof max?.value === 'number' ? ` (limit ${max.value})` : ''}`,
        ),
        confidence: isAtLimit ? 'likely' : 'possible',
        unit,
        cgroup: reading.cgroup,
        citations: [
          facts.cite(reading.evidence, 1),
          ...[max, current].flatMap((value) => (value === undefined ? [] : [facts.cite(value.evidence, 1)])),
        ],
      },
    ]
  })
}
