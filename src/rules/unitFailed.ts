import type { Claim } from '../domain/finding.ts'
import type { FactView } from '../parsers/facts.ts'
import { logParser } from '../parsers/log/log.ts'
import { isNear, type Placed } from './nearness.ts'
import type { Rule } from './rule.ts'
import { claimOf } from './tellings.ts'
import { type UnitEnding, unitEndingsOf } from './unitEndings.ts'

/** A unit failed and no other kind says why: a symptom, or the last resort. */
export const unitFailedRule: Rule = {
  id: 'unit-failed',
  kinds: ['unit-failed'],
  needs: [logParser],
  wants: [],
  explains: [],
  check: (facts) => {
    const deaths = runtimeDeathsOf(facts)
    const limits = timeLimitsOf(facts)
    const failures = unitEndingsOf(facts).filter(
      (ending) => isUnexplained(ending, deaths) && !limits.some((limit) => endedIt(limit, ending)),
    )
    const groups = groupsOf(failures)
    return [...groups.values()].flatMap((group) => failureClaims(group))
  },
}

/** Alike failures of one unit; a result without its exit line (after the start limit) repeats the failure before it. */
const groupsOf = (failures: readonly UnitEnding[]): ReadonlyMap<string, readonly UnitEnding[]> => {
  const groups = new Map<string, UnitEnding[]>()
  for (const failure of failures) {
    const about = `${failure.unit} ${failure.result ?? ''}`
    const key = failure.exit === null ? about : `${about} ${failure.exit.status}`
    const known = groups.get(key) ?? (failure.exit === null ? lastOf(groups, about) : undefined)
    if (known === undefined) groups.set(key, [failure])
    else if (failure.exit !== null || known[0]?.exit === null) known.push(failure)
  }
  return groups
}

const lastOf = (groups: ReadonlyMap<string, UnitEnding[]>, about: string): UnitEnding[] | undefined =>
  [...groups].findLast(([key]) => key.startsWith(`${about} `))?.[1]

/** Results that other kinds are about. */
const OTHERS = new Set(['oom-kill', 'timeout', 'watchdog', 'start-limit-hit'])

const isUnexplained = (ending: UnitEnding, deaths: readonly Placed[]): boolean => {
  // Only a result line proves a failure; before 235 it had no word for why.
  if (ending.telling.event.type === 'unit-exit' && !endsInFailure(ending)) return false
  if (ending.result !== null && OTHERS.has(ending.result)) return false
  if (ending.exit?.signal === 'SIGKILL') return false
  const isAbort = ending.exit?.signal === 'SIGABRT' || ending.exit?.signal === 'SIGTRAP'
  return !(isAbort && deaths.some((death) => isNear(death, ending.placed, ABORT_MS)))
}

/** A time limit or a watchdog that systemd told of, and the unit. */
interface TimeLimit {
  readonly unit: string
  readonly placed: Placed
}

const timeLimitsOf = (facts: FactView): readonly TimeLimit[] =>
  facts
    .all(logParser)
    .flatMap(({ evidence, facts: log }) =>
      log.events
        .filter((event) => event.type === 'unit-timeout' || event.type === 'unit-watchdog')
        .map((event) => ({ unit: event.unit, placed: { evidence, time: event.time, cited: event.cited } })),
    )

/** Before 235 the result had no word of its own for them: none, or the signal's and the core's. */
const endedIt = ({ unit, placed }: TimeLimit, ending: UnitEnding): boolean =>
  unit === ending.unit &&
  (ending.result === null || ending.result === 'signal' || ending.result === 'core-dump') &&
  isNear(placed, ending.placed, STOP_MS)

/** TimeoutStopSec= and TimeoutAbortSec= are 90 s by default. */
const STOP_MS = 100_000

const endsInFailure = (ending: UnitEnding): boolean => ending.isFailed && ending.result !== 'success'

/** A core dump of a large heap takes seconds before the exit is seen (lab: 4 s for 665 MB). */
const ABORT_MS = 30_000

/** Runtimes that abort by themselves after they have said why. */
const RUNTIME_DEATHS = new Set(['v8-heap', 'rust-alloc', 'cpp-bad-alloc', 'jvm-oom', 'go-oom'])

const runtimeDeathsOf = (facts: FactView): readonly Placed[] =>
  facts
    .all(logParser)
    .flatMap(({ evidence, facts: log }) =>
      log.events
        .filter((event) => RUNTIME_DEATHS.has(event.type))
        .map((event) => ({ evidence, time: event.time, cited: event.cited })),
    )

const failureClaims = (group: readonly UnitEnding[]): readonly Claim[] => {
  const last = group.at(-1)
  if (last === undefined) return []
  const { exit, result, unit } = last
  return [
    claimOf('unit-failed', last.telling, {
      summary: `${unit} failed${result === null ? '' : ` with result '${result}'`}${exitWords(last)}`,
      unit,
      why: exit?.code === 'exited' && exit.status >= 200 && exit.status <= 243 ? SET_UP : null,
      count: group.length,
      citations: group.flatMap((ending) => ending.citations).slice(-8),
    }),
  ]
}

/** Exit statuses 200 to 243 are systemd's own (systemd.exec). */
const SET_UP = 'systemd could not set the process up (exit statuses 200 to 243 are its own): never memory'

const exitWords = ({ exit }: UnitEnding): string => {
  if (exit === null) return ''
  return exit.code === 'exited' ? ` (exit status ${exit.status})` : ` (${exit.signal ?? `signal ${exit.status}`})`
}
