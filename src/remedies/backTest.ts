import { median } from '../domain/median.ts'
import type { MemorySample } from '../domain/sample.ts'
import { livesOf, steepestRise } from './theilSen.ts'

const DAY_MS = 86_400_000
/** oom.md 4.8: from here on a burst between two samples may have been a kill. */
const NEAR_SHARE = 0.95

export interface BackTest<Kept extends MemorySample> {
  /** Where the limit would have killed; after each the unit starts again from the size its lives start with. */
  readonly kills: readonly Kept[]
  /** Samples within 5 % of the limit. */
  readonly near: number
  /** Samples at or above the lower limit; null without one. */
  readonly throttled: number | null
  readonly killsPerDay: number
  readonly nearPerDay: number
  readonly throttledPerDay: number | null
  /** The highest moment; null without samples. */
  readonly worst: Kept | null
  /** What may have been missed between two samples, counted on top of each. */
  readonly marginBytes: number
  readonly days: number
  /** The usual time from one sample to the next; null below two. */
  readonly intervalMs: number | null
  readonly sampleCount: number
}

/**
 * What a limit would have done to a unit in the time the samples cover (oom.md 4.8). A sample says nothing about the
 * time until the next, so the steepest rise of one interval is added to each.
 */
export const backTest = <Kept extends MemorySample>(
  samples: readonly Kept[],
  limitBytes: number,
  highBytes: number | null = null,
): BackTest<Kept> => {
  const lives = livesOf(samples)
  const margin = steepestRise(samples)
  const startBytes = lives.reduce((least, life) => Math.min(least, life[0]?.bytes ?? least), Number.POSITIVE_INFINITY)
  const kills: Kept[] = []
  let near = 0
  let throttled = 0
  for (const life of lives) {
    // What a virtual restart has taken off what was really measured.
    let shed = 0
    let isOver = false
    for (const sample of life) {
      const { bytes } = sample
      // What the unit gave back by itself is not shed twice.
      shed = Math.max(0, Math.min(shed, bytes - startBytes))
      const held = bytes - shed
      const wasOver = isOver
      isOver = held + margin >= limitBytes
      if (highBytes !== null && held >= highBytes) throttled += 1
      if (isOver) {
        // Above the limit from one sample to the next is one kill: a unit that starts too big is killed all the time.
        if (!wasOver) kills.push(sample)
        shed = Math.max(shed, bytes - startBytes)
      } else if (held >= NEAR_SHARE * limitBytes) near += 1
    }
  }
  const sorted = samples.toSorted((a, b) => a.atMs - b.atMs)
  const days = ((sorted.at(-1)?.atMs ?? 0) - (sorted[0]?.atMs ?? 0)) / DAY_MS
  // Less than a day is not stretched to one: what was seen is what is said.
  const perDay = (count: number): number => count / Math.max(1, days)
  const worst = samples.reduce<Kept | null>(
    (top, sample) => (top === null || sample.bytes > top.bytes ? sample : top),
    null,
  )
  return {
    kills,
    near,
    throttled: highBytes === null ? null : throttled,
    killsPerDay: perDay(kills.length),
    nearPerDay: perDay(near),
    throttledPerDay: highBytes === null ? null : perDay(throttled),
    worst,
    marginBytes: margin,
    days,
    intervalMs: median(sorted.slice(1).map(({ atMs }, index) => atMs - (sorted[index]?.atMs ?? atMs))),
    sampleCount: samples.length,
  }
}
