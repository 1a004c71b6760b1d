import type { Claim } from '../domain/finding.ts'
import type { FactView } from '../parsers/facts.ts'
import type { EventOf } from '../parsers/log/events.ts'
import { logParser } from '../parsers/log/log.ts'
import type { Rule } from './rule.ts'
import { claimOf, type Telling, tellingsOf } from './tellings.ts'

type Restart = Telling<EventOf<'unit-restart'>>
type Limit = Telling<EventOf<'unit-start-limit'>>

/** A unit or container that is started again and again. Seldom the cause: something else ends it each time. */
export const crashLoopRule: Rule = {
  id: 'crash-loop',
  kinds: ['crash-loop'],
  needs: [logParser],
  wants: [],
  explains: ['unit-failed'],
  check: (facts) => {
    const restarts = Map.groupBy(
      tellingsOf(facts, 'unit-restart', { key: (event) => `${event.unit} ${event.counter ?? ''}`, withinMs: 1000 }),
      (restart) => restart.event.unit,
    )
    const limits = Map.groupBy(limitsOf(facts), (limit) => limit.event.unit)
    const units = [...new Set([...limits.keys(), ...restarts.keys()])]
    const claims = units.flatMap((unit) => unitClaims(unit, limits.get(unit) ?? [], restarts.get(unit) ?? []))
    return [...claims, ...containerClaims(facts)]
  },
}

const limitsOf = (facts: FactView): readonly Limit[] =>
  tellingsOf(facts, 'unit-start-limit', { key: (event) => event.unit, withinMs: 1000 })

/** Three restarts in ten minutes (reference: crash-loop). */
const MIN_RESTARTS = 3
const WINDOW_MS = 600_000

const unitClaims = (unit: string, limits: readonly Limit[], restarts: readonly Restart[]): readonly Claim[] => {
  const burst = burstIn(restarts)
  const limit = limits.at(-1)
  if (limit !== undefined) {
    return [
      claimOf('crash-loop', limit, {
        summary: `${unit} failed so often that systemd stopped starting it`,
        unit,
        why: 'the start limit (StartLimitBurst=) was reached; what ended it each time is the cause',
        count: limits.length,
        citations: [...burst.flatMap((restart) => restart.citations), ...limits.flatMap((one) => one.citations)].slice(
          -8,
        ),
      }),
    ]
  }
  const last = burst.at(-1)
  if (last === undefined) return []
  return [
    claimOf('crash-loop', last, {
      summary: `systemd restarted ${unit} ${burst.length} times${countedTo(last)}`,
      confidence: last.event.time.atMs === null ? 'likely' : 'certain',
      unit,
      why: 'what ended it each time is the cause',
      count: 1,
      citations: burst.flatMap((restart) => restart.citations).slice(-8),
      doubts:
        last.event.time.atMs === null
          ? ['the lines carry no full time, so how fast the restarts followed is not known']
          : [],
    }),
  ]
}

const countedTo = (last: Restart): string =>
  last.event.counter === null ? '' : `, its restart counter is at ${last.event.counter}`

/** The longest run of restarts that each begin no more than ten minutes after the third before it. */
const burstIn = (restarts: readonly Restart[]): readonly Restart[] => {
  const isLoop = restarts.some((restart, index) => {
    const third = restarts[index - MIN_RESTARTS + 1]
    return third !== undefined && isWithinWindow(third, restart)
  })
  if (isLoop) return restarts
  // Lines may be missing, the counter still counts: `3` and `9` within ten minutes are six restarts.
  const first = restarts[0]
  const last = restarts.at(-1)
  if (first === undefined || last === undefined || !isWithinWindow(first, last)) return []
  const rise = (last.event.counter ?? 0) - (first.event.counter ?? 0)
  return rise >= MIN_RESTARTS ? restarts : []
}

const isWithinWindow = (first: Restart, last: Restart): boolean => {
  const from = first.event.time.atMs
  const to = last.event.time.atMs
  return from === null || to === null ? first.evidence.evidence === last.evidence.evidence : to - from <= WINDOW_MS
}

type Loop = Telling<EventOf<'container-restart-loop'>>

const nameOf = (group: readonly Loop[]): string | null => group[0]?.event.container ?? group[0]?.event.name ?? null

const containerClaims = (facts: FactView): readonly Claim[] => {
  const loops = tellingsOf(facts, 'container-restart-loop', {
    key: (event) => `${event.container ?? ''} ${event.name ?? ''}`,
  })
  const groups = [...Map.groupBy(loops, (loop) => `${loop.event.container ?? ''} ${loop.event.name ?? ''}`).values()]
  const named = groups.filter((group) => nameOf(group) !== null)
  const unnamed = groups.filter((group) => nameOf(group) === null)
  // `kubectl describe` says the state without a name and names the container in its events: with one name it is that one.
  const told = named.length === 1 ? [[...unnamed.flat(), ...(named[0] ?? [])]] : groups
  return told.flatMap((group) => {
    const last = group.at(-1)
    if (last === undefined) return []
    const { container, name, by } = last.event
    return [
      claimOf('crash-loop', last, {
        summary:
          by === undefined
            ? `container ${container ?? name ?? 'of a pod'} fails again and again (CrashLoopBackOff)`
            : `${by} sees ${name ?? 'a program'} end soon after each start`,
        unit: by === undefined || container !== null ? null : (last.event.unit ?? last.subject),
        container: by === undefined ? (container ?? name) : container,
        why: 'what ended it each time is the cause',
        count: group.reduce((sum, loop) => sum + loop.count, 0),
        citations: group.flatMap((loop) => loop.citations).slice(-8),
      }),
    ]
  })
}
