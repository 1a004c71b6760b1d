import type { Sample } from './snapshot.ts'

/** What one unit held at one moment that the kernel could not take back: anon, shmem and kernel memory, no file cache. */
export interface MemorySample {
  readonly atMs: number
  readonly bytes: number
  /** Names one life of the unit's processes: another value than before means a restart in between. */
  readonly life: string
}

const SERIES = 'unit-memory:'

/**
 * One unit's samples out of those of its host, in order of time, cut into lives: a reboot starts a new one, and so does
 * a sample that shares no process with the one before.
 */
export const memorySamplesOf = (unit: string, samples: readonly Sample[]): readonly MemorySample[] => {
  const found: MemorySample[] = []
  let life = 0
  let before: Sample | null = null
  for (const sample of samples.toSorted((a, b) => a.atMs - b.atMs)) {
    const bytes = sample.values[SERIES + unit]
    if (bytes === undefined || !Number.isFinite(bytes) || bytes < 0) continue
    if (before !== null && isOtherLife(unit, before, sample)) life += 1
    found.push({ atMs: sample.atMs, bytes, life: String(life) })
    before = sample
  }
  return found
}

const isOtherLife = (unit: string, before: Sample, now: Sample): boolean => {
  if (before.bootId !== now.bootId) return true
  const was = before.pids?.[unit] ?? []
  const is = now.pids?.[unit] ?? []
  return was.length > 0 && is.length > 0 && !is.some((pid) => was.includes(pid))
}
