import type { Machine, Sample, Snapshot } from '../../domain/snapshot.ts'
import type { Store } from '../../store/store.ts'
import { growthOf } from './hostSeries.ts'
import type { SeriesReport } from './hostSeries.ts'

export interface HostHistory {
  readonly machine: Machine | null
  readonly open: readonly Snapshot[]
  readonly samples: readonly Sample[]
  readonly series: SeriesReport
}

const DAYS_SHOWN = 7

/** What is kept of a host. Nothing is asked of it. */
export const readHostHistory = async (store: Store, host: string, nowMs: number): Promise<HostHistory> => {
  const machine = (await store.findMachine(host)) ?? null
  if (machine === null) return { machine, open: [], samples: [], series: { growing: [], unforecast: null } }
  const [open, samples] = await Promise.all([
    store.readSnapshots(machine.key),
    store.readSamples(machine.key, nowMs - DAYS_SHOWN * 86_400_000),
  ])
  // A forecast is made from the last sample on: what came after it nobody knows.
  const series = growthOf({ host, samples, nowMs: samples.at(-1)?.atMs ?? nowMs })
  return { machine, open, samples, series }
}

export interface TrendLine {
  readonly name: string
  readonly unit: 'bytes' | 'number'
  readonly first: number
  readonly last: number
  readonly low: number
  readonly high: number
  readonly count: number
  /** Averages of equal times from the first sample to the last; null where nothing was measured. */
  readonly points: readonly (number | null)[]
}

const TREND_POINTS = 56
/** Units beyond the largest are in `--json`. */
export const UNITS_SHOWN = 10

/** One line a series: the host first, then units by size. */
export const trendLines = (samples: readonly Sample[]): readonly TrendLine[] => {
  const [first] = samples
  const last = samples.at(-1)
  if (first === undefined || last === undefined) return []
  const names = ['memory-available', 'swap-used', 'load15']
  const units = Object.entries(last.values)
    .filter(([name]) => name.startsWith('unit-memory:'))
    .toSorted(([, one], [, other]) => other - one)
    .map(([name]) => name)
  const disks = Object.keys(last.values).filter((name) => name.startsWith('disk-available:'))
  const spanMs = Math.max(1, last.atMs - first.atMs)
  return [...names, ...disks, ...units].flatMap((name) => {
    const known = samples.flatMap((sample) => {
      const value = sample.values[name]
      return value === undefined ? [] : [{ atMs: sample.atMs, value }]
    })
    const values = known.map(({ value }) => value)
    if (known.length === 0) return []
    const buckets: { sum: number; count: number }[] = Array.from({ length: TREND_POINTS }, () => ({ sum: 0, count: 0 }))
    for (const { atMs, value } of known) {
      const bucket = buckets[Math.min(TREND_POINTS - 1, Math.floor(((atMs - first.atMs) / spanMs) * TREND_POINTS))]
      if (bucket === undefined) continue
      bucket.sum += value
      bucket.count += 1
    }
    return [
      {
        name,
        unit: name === 'load15' ? ('number' as const) : ('bytes' as const),
        first: values[0] ?? 0,
        last: values.at(-1) ?? 0,
        low: Math.min(...values),
        high: Math.max(...values),
        count: values.length,
        points: buckets.map(({ sum, count }) => (count === 0 ? null : sum / count)),
      },
    ]
  })
}
