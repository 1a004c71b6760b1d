import type { Citation } from '../domain/evidence.ts'
import { blankClaim } from '../domain/finding.ts'
import type { Claim } from '../domain/finding.ts'
import type { Kind } from '../domain/kind.ts'
import { cgroupEventsParser } from '../parsers/cgroupEvents.ts'
import type { FactView, Sourced } from '../parsers/facts.ts'
import { systemctlFailedParser } from '../parsers/systemctlFailed.ts'
import { systemctlShowParser } from '../parsers/systemctlShow.ts'
import type { UnitState } from '../parsers/systemctlShow.ts'
import { cgroupReadings } from './cgroupReadings.ts'
import { exitMeaning, signalName } from './exitMeaning.ts'
import type { Rule } from './rule.ts'
import { RESTARTS_RISING } from './thresholds.ts'

/** What systemd keeps about the last end of a unit. A unit that runs again says `success`: history is in the journal. */
export const unitStateRule: Rule = {
  id: 'unit-state',
  kinds: ['unit-failed', 'crash-loop', 'memcg-oom', 'global-oom', 'watchdog', 'timeout-kill'],
  needs: [systemctlShowParser],
  wants: [cgroupEventsParser],
  explains: [],
  check: (facts) => {
    const shownByUnit = new Map<string, { state: UnitState; shown: Sourced<unknown> }[]>()
    for (const shown of facts.all(systemctlShowParser)) {
      for (const state of shown.facts.units) {
        const unit = state.id ?? shown.subject
        if (unit !== null) shownByUnit.set(unit, [...(shownByUnit.get(unit) ?? []), { state, shown }])
      }
    }
    return [...shownByUnit].flatMap(([unit, shown]) => [
      ...resultClaims(facts, unit, shown),
      ...restartClaims(facts, unit, shown),
    ])
  },
}

type Shown = readonly { readonly state: UnitState; readonly shown: Sourced<unknown> }[]

const citeProperties = (
  facts: FactView,
  { state, shown }: Shown[number],
  keys: readonly string[],
): readonly Citation[] =>
  keys.flatMap((key) => {
    const line = state.lines[key]
    return line === undefined ? [] : [facts.cite(shown.evidence, line)]
  })

const resultClaims = (facts: FactView, unit: string, shown: Shown): readonly Claim[] => {
  const last = shown.at(-1)
  if (last === undefined) return []
  const { state } = last
  const { result } = state
  if (result === null || result === 'success' || result === 'exec-condition') return []
  const told = tellResult(facts, unit, state, result)
  return [
    {
      ...blankClaim(told.kind, told.summary),
      confidence: told.kind === 'memcg-oom' || told.kind === 'global-oom' ? 'likely' : 'certain',
      at: state.mainExitAtMs === null ? null : new Date(state.mainExitAtMs).toISOString(),
      unit,
      doubts: told.doubts,
      citations: citeProperties(facts, last, ['Result', 'ExecMainCode', 'ExecMainStatus', 'NRestarts']),
    },
  ]
}

const tellResult = (
  facts: FactView,
  unit: string,
  state: UnitState,
  result: string,
): { kind: Kind; summary: string; doubts: readonly string[] } => {
  if (result === 'oom-kill') return tellOomKill(facts, unit, state)
  if (result === 'start-limit-hit')
    return { kind: 'crash-loop', summary: `${unit} was restarted so often that systemd gave up`, doubts: [] }
  if (result === 'watchdog')
    return { kind: 'watchdog', summary: `${unit} did not answer its watchdog and was ended`, doubts: [] }
  if (result === 'timeout')
    return {
      kind: 'timeout-kill',
      summary: `${unit} did not start or stop in time and was ended by systemd`,
      doubts: [],
    }
  return { kind: 'unit-failed', summary: `${unit} failed with result "${result}"${ending(state)}`, doubts: [] }
}

const ending = (state: UnitState): string => {
  const { mainExitCode: code, mainExitStatus: status } = state
  if (status === null || code === null || code === 0) return ''
  if (code === 1) return `: ${exitMeaning(status)}`
  return `: its main process was ended by ${signalName(status)}${code === 3 ? ' and dumped core' : ''}`
}

/** The result tells that the kernel killed, not for whose limit: the parent's own `oom` counter can (oom.md 1.3). */
const tellOomKill = (
  facts: FactView,
  unit: string,
  state: UnitState,
): { kind: Kind; summary: string; doubts: readonly string[] } => {
  const words = `${unit} ended with result "oom-kill": a process of it was killed by the kernel or systemd-oomd`
  const parent = cgroupReadings(facts, cgroupEventsParser).findLast(
    (reading) => reading.file === 'memory.events' && reading.cgroup === `/${state.slice ?? ''}`,
  )
  const isGlobal = parent?.facts.oomCount === 0 && (parent.facts.oomKillCount ?? 0) > 0
  if (isGlobal)
    return { kind: 'global-oom', summary: `${words}, and no limit of ${state.slice} was reached`, doubts: [] }
  const doubts = ['the result alone cannot tell a limit of the unit from a host that ran out']
  if (state.memoryMaxBytes === 'infinity' && parent === undefined)
    return { kind: 'global-oom', summary: `${words}; the unit has no limit of its own`, doubts }
  return { kind: 'memcg-oom', summary: words, doubts }
}

/** Between two looks at the unit it was started again several times. */
const restartClaims = (facts: FactView, unit: string, shown: Shown): readonly Claim[] => {
  const first = shown[0]
  const last = shown.at(-1)
  if (first === undefined || last === undefined || first === last) return []
  const risen = (last.state.restartCount ?? 0) - (first.state.restartCount ?? last.state.restartCount ?? 0)
  if (risen < RESTARTS_RISING) return []
  return [
    {
      ...blankClaim('crash-loop', `${unit} was restarted ${risen} times while Medic was looking`),
      confidence: 'certain',
      unit,
      citations: [...citeProperties(facts, first, ['NRestarts']), ...citeProperties(facts, last, ['NRestarts'])],
    },
  ]
}

/** Units that systemd lists as failed, for whatever reason and since whenever. */
export const failedUnitsRule: Rule = {
  id: 'failed-units',
  kinds: ['unit-failed'],
  needs: [systemctlFailedParser],
  wants: [systemctlShowParser],
  explains: [],
  check: (facts) => {
    const told = new Set(
      facts.all(systemctlShowParser).flatMap((shown) => shown.facts.units.map((state) => state.id ?? shown.subject)),
    )
    const latest = facts.all(systemctlFailedParser).at(-1)
    if (latest === undefined) return []
    return latest.facts.units
      .filter((failed) => !told.has(failed.unit))
      .map((failed) => ({
        ...blankClaim('unit-failed', `${failed.unit} is in the failed state`),
        confidence: 'likely' as const,
        unit: failed.unit,
        doubts: ['since when and why is not stated here'],
        citations: [facts.cite(latest.evidence, failed.line)],
      }))
  },
}
