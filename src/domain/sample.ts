import type { Sample } from './snapshot.ts'

/** What one unit held at one moment. */
export interface MemorySample {
  readonly atMs: number
  readonly bytes: number
  /** Names one life of the unit's processes: another value than before means a restart in between. */
  readonly life: string
}

/**
 * `held` is what the kernel cannot take back: anon, shmem and kernel memory. `current` counts the file cache too, which
 * samples of older versions and of digests do: at most that much was held.
 */
export type Measure = 'held' | 'current'

export interface MeasuredSample extends MemorySample {
  readonly measure: Measure
}

/** Names of the series of one unit in a sample of its host. */
const SERIES: Readonly<Record<Measure, string>> = { held: 'unit-held:', current: 'unit-memory:' }

/**
 * One unit's samples out of those of its host, in order of time, cut into lives: a reboot starts a new one, and so does
 * a sample that shares no process with the one before. All of one measure: where there are held ones, only those.
 */
export const memorySamplesOf = (unit: string, samples: readonly Sample[]): readonly MeasuredSample[] => {
  const found: MeasuredSample[] = []
  let life = 0
  let before: Sample | null = null
  for (const sample of samples.toSorted((a, b) => a.atMs - b.atMs)) {
    const known = measured(unit, sample, 'held') ?? measured(unit, sample, 'current')
    if (known === null) continue
    if (before !== null && isOtherLife(unit, before, sample)) life += 1
    found.push({ atMs: sample.atMs, ...known, life: String(life) })
    before = sample
  }
  const held = found.filter(({ measure }) => measure === 'held')
  return held.length > 0 ? held : found
}

const measured = (unit: string, sample: Sample, measure: Measure): Pick<MeasuredSample, 'bytes' | 'measure'> | null => {
  const bytes = sample.values[SERIES[measure] + unit]
  return bytes === undefined || !Number.isFinite(bytes) || bytes < 0 ? null : { bytes, measure }
}

const isOtherLife = (unit: string, before: Sample, now: Sample): boolean => {
  if (before.bootId !== now.bootId) return true
  const was = before.pids?.[unit] ?? []
  const is = now.pids?.[unit] ?? []
  return was.length > 0 && is.length > 0 && !is.some((pid) => was.includes(pid))
}
