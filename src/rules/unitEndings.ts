import type { Citation } from '../domain/evidence.ts'
import type { Victim } from '../domain/finding.ts'
import type { FactView } from '../parsers/facts.ts'
import type { EventOf } from '../parsers/log/events.ts'
import type { Told } from '../parsers/log/lines/line.ts'
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
  /** A line says that the unit failed, whether or not it says why. */
  readonly isFailed: boolean
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
    withoutOldWords(
      tellingsOf(facts, 'unit-result', { key: (event) => `${event.unit} ${event.result ?? ''}`, withinMs: 1000 }),
    ),
  )
  const signals = byUnit(
    tellingsOf(facts, 'unit-signal', { key: (event) => `${event.unit} ${event.pid} ${event.signal}`, withinMs: 1000 }),
  )
  const told = new Set<unknown>()
  const endings = exits.map((exit): UnitEnding => {
    const { unit } = exit.event
    const result = nearTo(results.get(unit), exit).find((one) => !told.has(one) && follows(exit, one))
    if (result !== undefined) told.add(result)
    return endingOf(exit, result, nearTo(signals.get(unit), exit).slice(0, MAX_SIGNALS))
  })
  const alone = [...results.values()].flatMap(({ list }) => list).filter((result) => !told.has(result))
  return [...endings, ...alone.map((result) => resultOnly(result))]
}

/** 227 to 234 print `Unit entered failed state.` and the result below it: the one that says why is enough. */
const withoutOldWords = (results: readonly Result[]): readonly Result[] =>
  results.filter((result, at) => {
    if (result.event.result !== null) return true
    const next = results.slice(at + 1, at + 1 + LOOK_AT).find((one) => one.event.unit === result.event.unit)
    return next === undefined || next.event.result === null || !isRightBelow(result, next)
  })

const isRightBelow = (upper: Result, lower: Result): boolean => {
  const lines = (lower.event.cited[0]?.line ?? 0) - (upper.event.cited[0]?.line ?? 0)
  return isNear(placedOf(upper), placedOf(lower), ONE_ENDING_MS) && lines > 0 && lines <= BELOW_LINES
}

/** Lines of other units may fall between. Arbitrary. */
const BELOW_LINES = 10

const byUnit = <Event extends Told & { readonly unit: string }>(
  tellings: readonly Telling<Event>[],
): ReadonlyMap<string, Queue<Event>> => {
  const lists = Map.groupBy(tellings, (telling) => telling.event.unit)
  return new Map([...lists].map(([unit, list]) => [unit, { list, from: 0 }]))
}

/** Tellings of one unit in their order; `from` passes those too old for any later exit. */
interface Queue<Event> {
  readonly list: readonly Telling<Event>[]
  from: number
}

type Exit = Telling<EventOf<'unit-exit'>>
type Result = Telling<EventOf<'unit-result'>>
type Signal = Telling<EventOf<'unit-signal'>>

/** A stop of many processes prints a line for each; the first name it well enough. */
const MAX_SIGNALS = 10
/** So many tellings of one unit may stand in ten seconds; the bound keeps a log without times linear. */
const LOOK_AT = 100

/** What stands near an exit. Exits are asked about in their order, so nothing is looked at again and again. */
const nearTo = <Event extends Told>(queue: Queue<Event> | undefined, exit: Exit): readonly Telling<Event>[] => {
  if (queue === undefined) return []
  const placed = placedOf(exit)
  while (queue.from < queue.list.length && isOlder(queue.list[queue.from], exit)) queue.from += 1
  return queue.list
    .slice(queue.from, queue.from + LOOK_AT)
    .filter((telling) => isNear(placedOf(telling), placed, ONE_ENDING_MS))
}

/** Too old for this exit and for all that follow it: further up in its text, or in a text that is done with. */
const isOlder = (telling: Telling<Told> | undefined, exit: Exit): boolean => {
  if (telling === undefined || isNear(placedOf(telling), placedOf(exit), ONE_ENDING_MS)) return false
  const toldIn = telling.evidence.evidence
  const exitIn = exit.evidence.evidence
  if (toldIn !== exitIn) return Number(toldIn.slice(1)) < Number(exitIn.slice(1))
  return (telling.event.cited[0]?.line ?? 0) < (exit.event.cited[0]?.line ?? 0)
}

/** In one text the result stands below the exit. */
const follows = (exit: Exit, result: Result): boolean => {
  if (exit.evidence.evidence !== result.evidence.evidence) return true
  return (result.event.cited[0]?.line ?? 0) >= (exit.event.cited[0]?.line ?? 0)
}

const endingOf = (exit: Exit, result: Result | undefined, signals: readonly Signal[]): UnitEnding => ({
  unit: exit.event.unit,
  telling: exit,
  placed: placedOf(exit),
  exit: exit.event,
  result: result?.event.result ?? null,
  isFailed: result !== undefined,
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
  isFailed: true,
  killedBySystemd: false,
  victims: [],
  citations: result.citations,
})
