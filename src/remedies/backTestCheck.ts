import type { Check } from '../domain/remedy.ts'
import type { FactView } from '../parsers/facts.ts'
import { backTest, type BackTest } from './backTest.ts'
import { healthyTime } from './healthyTime.ts'
import { mib } from './sizing.ts'
import type { Growth } from './theilSen.ts'
import { samplesOf, type CitedSample } from './unitSamples.ts'

const MIB = 1024 * 1024
const HOUR_MS = 3_600_000
const LINES_CITED = 3

/** What the samples say of a limit. Without a check there is no verdict, and the text says why. */
export interface BackTested {
  readonly check: Check | null
  /** For people, whole sentences. */
  readonly text: string
  /** What it would have done in all of the time, where that differs: growth that ended in a kill is in it. */
  readonly whole: string | null
}

/**
 * Holds a limit against what Medic had measured of the unit before the run (oom.md 4.8). One that would have killed in
 * normal operation does not hold. Samples that count the file cache can only clear a limit, never refuse it.
 */
export const backTested = (unit: string, limitMib: number, growth: Growth, facts: FactView): BackTested => {
  const samples = samplesOf(unit, facts)
  if (samples.length === 0) return { check: null, text: 'Not back-tested: no samples of this unit yet', whole: null }
  const healthy = backTest(healthyTime(samples, growth), limitMib * MIB)
  const all = backTest(samples, limitMib * MIB)
  const withCache = samples.every(({ measure }) => measure === 'current')
  if (withCache && healthy.kills.length > 0)
    return {
      check: null,
      text: `Not back-tested: the ${samples.length} samples of this unit count its file cache, and only without it could they be held against ${limitMib} MiB`,
      whole: null,
    }
  const text = textOf(healthy, all, withCache)
  return {
    check: {
      check: 'it would not have killed a healthy unit',
      holds: healthy.kills.length === 0,
      detail: text,
      citations: [...healthy.kills.slice(0, LINES_CITED), ...(healthy.worst === null ? [] : [healthy.worst])].map(
        ({ evidence, line }) => facts.cite(evidence, line),
      ),
    },
    text: `Back-test: ${text}`,
    whole:
      all.kills.length > healthy.kills.length && !withCache
        ? `In all that was measured, start and growth before kills included, this limit would have been ${reachedText(all)}.`
        : null,
  }
}

const textOf = (healthy: BackTest<CitedSample>, all: BackTest<CitedSample>, withCache: boolean): string => {
  const [first] = healthy.kills
  const { worst, marginBytes } = healthy
  const every = all.intervalMs === null ? '' : ` (every ${spanText(all.intervalMs)})`
  const near = healthy.near === 0 ? '' : `, near it ${times(healthy.near)}`
  const highest =
    worst === null
      ? ''
      : `; highest ${mib(worst.bytes)} MiB${worst === first ? '' : ` ${placeOf(worst)}`}, and ${mib(marginBytes)} MiB on top for what lies between two samples`
  return `${all.sampleCount} samples of ${spanText(all.days * 24 * HOUR_MS)}${every}${withCache ? ', file cache counted' : ''}: in normal operation ${reachedText(healthy)}${near}${highest}`
}

const reachedText = ({ kills }: BackTest<CitedSample>): string => {
  const [first] = kills
  if (first === undefined) return 'reached 0 times'
  return kills.length === 1
    ? `reached once, ${placeOf(first)}`
    : `reached ${kills.length} times, first ${placeOf(first)}`
}

const placeOf = (sample: CitedSample): string =>
  `${new Date(sample.atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC (${sample.evidence}:${sample.line})`

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)

const spanText = (ms: number): string =>
  ms >= 48 * HOUR_MS
    ? `${Math.round(ms / (24 * HOUR_MS))} days`
    : ms >= 2 * HOUR_MS
      ? `${Math.round(ms / HOUR_MS)} h`
      : ms >= 120_000
        ? `${Math.round(ms / 60_000)} min`
        : `${Math.round(ms / 1000)} s`
