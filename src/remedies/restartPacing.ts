import type { Remedy } from '../domain/remedy.ts'
import type { FactView } from '../parsers/facts.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import { unitOfCgroup } from '../parsers/unitOfCgroup.ts'
import { advice, dropInRemedy, versionCheck } from './dropIn.ts'
import { precedenceCheck } from './harmChecks.ts'
import { hostView } from './hostView.ts'
import type { RemedyMaker } from './remedy.ts'
import { whyProtected } from './target.ts'
import { spanSeconds } from './timeSpan.ts'
import { unitView } from './unitView.ts'

/** oom.md 4.4: an endless loop helps nobody, and one that is paced leaves the host usable. */
const RESTART_S = 5
const BURST = 5
const INTERVAL_S = 600

/** Would `burst` starts fall into the interval? Else the limit never fires. */
export const pacingFires = (
  burst: number,
  restartSeconds: number,
  secondsToKill: number,
  intervalSeconds: number,
): boolean => burst * (restartSeconds + secondsToKill) < intervalSeconds

/** Median time from one restart to the next, from the journal; null with fewer than two restarts. */
export const secondsBetweenRestarts = (unit: string, facts: FactView): number | null => {
  const times = [
    ...new Set(
      facts
        .all(logParser)
        .flatMap((item) => eventsOf(item.facts, 'unit-restart'))
        .flatMap((event) => (event.unit === unit && event.time.atMs !== null ? [event.time.atMs] : [])),
    ),
  ].toSorted((a, b) => a - b)
  const gaps = times.slice(1).map((time, index) => (time - (times[index] ?? time)) / 1000)
  return gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? null
}

/** systemd keeps the result of the last run when the start limit fires, so its words in the journal count too. */
const hasGivenUp = (unit: string, facts: FactView): boolean => {
  const { state } = unitView(unit, facts)
  if (state?.result === 'start-limit-hit') return true
  return (
    state?.activeState === 'failed' &&
    facts.all(logParser).some((item) => eventsOf(item.facts, 'unit-start-limit').some((event) => event.unit === unit))
  )
}

/** Killed at the limit of a slice, it need not be the one that grew: an end of its restarts would only make it stay away. */
const diesForOthers = (unit: string, facts: FactView): boolean =>
  facts
    .all(logParser)
    .flatMap((item) => eventsOf(item.facts, 'kernel-oom'))
    .some(
      ({ ownerCgroup, taskCgroup }) =>
        taskCgroup !== null &&
        unitOfCgroup(taskCgroup) === unit &&
        ownerCgroup?.endsWith('.slice') === true &&
        taskCgroup.startsWith(`${ownerCgroup}/`),
    )

/** Restarts with a pause and an end. */
export const restartPacingMaker: RemedyMaker = {
  id: 'restart-pacing',
  answers: ['crash-loop', 'memcg-oom', 'v8-heap'],
  propose: (finding, facts) => {
    const { unit } = finding
    if (unit === null || !unit.endsWith('.service') || diesForOthers(unit, facts)) return []
    const between = secondsBetweenRestarts(unit, facts)
    if (between === null && finding.kind !== 'crash-loop') return []
    const view = unitView(unit, facts)
    if (hasGivenUp(unit, facts))
      return [
        advice({
          id: 'restart-pacing',
          title: `Find why ${unit} ends, then start it with systemctl reset-failed`,
          because: `The start limit has fired already: systemd gave up on ${unit}, which is what a limit is for.`,
        }),
      ]
    const restart = spanSeconds(view.state?.properties['RestartUSec']) ?? 0.1
    const interval = spanSeconds(view.state?.properties['StartLimitIntervalUSec'])
    const burst = Number(view.state?.properties['StartLimitBurst'] ?? Number.NaN)
    const toKill = between === null ? null : Math.max(0, between - restart)
    if (interval !== null && toKill !== null && burst > 0 && pacingFires(burst, restart, toKill, interval)) return []
    return [paced(unit, facts, toKill)]
  },
}

const paced = (unit: string, facts: FactView, toKill: number | null): Remedy => {
  const view = unitView(unit, facts)
  const keys = ['RestartSec', 'StartLimitIntervalSec', 'StartLimitBurst']
  const fires = toKill !== null && pacingFires(BURST, RESTART_S, toKill, INTERVAL_S)
  const protectedBecause = whyProtected(unit, view.state?.delegate ?? null)
  const restarts = view.state?.restart ?? null
  return dropInRemedy({
    id: 'restart-pacing',
    title: `Pause ${RESTART_S} s between restarts of ${unit} and stop after ${BURST} in 10 min`,
    unit,
    topic: 'restart',
    settings: [
      { key: 'StartLimitIntervalSec', value: '10min', because: `${BURST} starts in 10 min are a loop, not a repair` },
      { key: 'StartLimitBurst', value: String(BURST), because: `${BURST} tries, then a person has to look` },
      {
        key: 'RestartSec',
        value: `${RESTART_S}s`,
        because: 'systemd waits 100 ms by default, which keeps the host busy with starts',
      },
    ],
    because: `${unit} is restarted again and again${toKill === null ? '' : `, about ${Math.round(toKill)} s after each start`}. A pause leaves the host usable, and an end makes the loop visible.`,
    checks: [
      {
        check: 'the unit may be changed',
        holds: protectedBecause === null,
        detail: protectedBecause ?? `${unit} is neither a way in nor an engine that runs others`,
      },
      {
        check: 'the limit can fire',
        holds: fires,
        detail:
          toKill === null
            ? 'how long the unit lives after a start is not known'
            : `${BURST} x (${RESTART_S} s + ${Math.round(toKill)} s) = ${Math.round(BURST * (RESTART_S + toKill))} s against ${INTERVAL_S} s`,
      },
      {
        check: 'systemd restarts it at all',
        holds: restarts !== null && restarts !== 'no',
        detail: restarts === null ? 'Restart= was not read' : `Restart=${restarts}`,
      },
      versionCheck(keys, hostView(facts).systemdVersion),
      precedenceCheck(view, 'restart', keys),
    ],
    warnings: [`After ${BURST} starts in 10 min ${unit} stays stopped until a person starts it.`],
    confidence: 'medium',
    cgroupFiles: [],
  })
}
