import type { Citation } from '../domain/evidence.ts'
import type { Victim } from '../domain/finding.ts'
import type { FactView } from '../parsers/facts.ts'
import type { EventOf } from '../parsers/log/events.ts'
import { isNear, type Placed, placedOf } from './nearness.ts'
import { type Telling, tellingsOf } from './tellings.ts'

/** One end of a unit's run: the exit line, systemd's own signals before it, and the result that was drawn. */
export interface UnitEnding {
  readonly unit: string
  /** The first line of it. */
  readonly telling: Telling<EventOf<'unit-exit'>> | Telling<EventOf<'unit-result'>>
  readonly placed: Placed
  readonly exit: EventOf<'unit-exit'> | null
  /** Null when no result line followed, or systemd is older than 235. */
  readonly result: string | null
  /** systemd itself sent SIGKILL. */
  readonly killedBySystemd: boolean
  readonly victims: readonly Victim[]
  readonly citations: readonly Citation[]
}

/** Exit, result and systemd's signals follow each other at once; slow journals take seconds. */
const ONE_ENDING_MS = 10_000

/** All ends of units that the logs tell, in the order they are told. */
export const unitEndingsOf = (facts: FactView): readonly UnitEnding[] => {
  const exits = tellingsOf(facts, 'unit-exit', {
    key: (event) => `${event.unit} ${event.process} ${event.code} ${event.status}`,
    withinMs: 1000,
  })
  const results = byUnit(
    tellingsOf(facts, 'unit-result', { key: (event) => `${event.unit} ${event.result ?? ''}`, withinMs: 1000 }),
  )
  const signals = byUnit(
    tellingsOf(facts, 'unit-signal', { key: (event) => `${event.unit} ${event.pid} ${event.signal}`, withinMs: 1000 }),
  )
  const told = new Set<unknown>()
  const endings = exits.map((exit): UnitEnding => {
    const { unit } = exit.event
    const result = nextResult(results.get(unit) ?? [], exit, told)
    if (result !== undefined) told.add(result)
    return endingOf(exit, result, signalsBefore(signals.get(unit) ?? [], exit))
  })
  const alone = [...results.values()].flat().filter((result) => !told.has(result))
  return [...endings, ...alone.map((result) => resultOnly(result))]
}

const byUnit = <Event extends { readonly unit: string }>(
  tellings: readonly Telling<Event>[],
): ReadonlyMap<string, readonly Telling<Event>[]> => Map.groupBy(tellings, (telling) => telling.event.unit)

type Exit = Telling<EventOf<'unit-exit'>>
type Result = Telling<EventOf<'unit-result'>>
type Signal = Telling<EventOf<'unit-signal'>>

/** Tellings of one unit are in order, so few are looked at; the bound guards against a log without times. */
const LOOK_AT = 50

const nextResult = (results: readonly Result[], exit: Exit, told: ReadonlySet<unknown>): Result | undefined => {
  let looked = 0
  for (const result of results) {
    if (told.has(result)) continue
    if (isNear(placedOf(exit), placedOf(result), ONE_ENDING_MS) && follows(exit, result)) return result
    looked += 1
    if (looked > LOOK_AT) return undefined
  }
  return undefined
}

/** In one text the result stands below the exit. */
const follows = (exit: Exit, result: Result): boolean => {
  if (exit.evidence.evidence !== result.evidence.evidence) return true
  return (result.event.cited[0]?.line ?? 0) >= (exit.event.cited[0]?.line ?? 0)
}

const signalsBefore = (signals: readonly Signal[], exit: Exit): readonly Signal[] =>
  signals.filter((signal) => isNear(placedOf(signal), placedOf(exit), ONE_ENDING_MS)).slice(0, 10)

const endingOf = (exit: Exit, result: Result | undefined, signals: readonly Signal[]): UnitEnding => ({
  unit: exit.event.unit,
  telling: exit,
  placed: placedOf(exit),
  exit: exit.event,
  result: result?.event.result ?? null,
  killedBySystemd: signals.some((signal) => signal.event.signal === 'SIGKILL'),
  victims: signals.map((signal) => ({
    pid: signal.event.pid,
    comm: signal.event.comm,
    unit: exit.event.unit,
    anonRssBytes: null,
  })),
  citations: [...signals.flatMap((signal) => signal.citations), ...exit.citations, ...(result?.citations ?? [])],
})

const resultOnly = (result: Result): UnitEnding => ({
  unit: result.event.unit,
  telling: result,
  placed: placedOf(result),
  exit: null,
  result: result.event.result,
  killedBySystemd: false,
  victims: [],
  citations: result.citations,
})
