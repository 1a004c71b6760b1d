import { median } from '../domain/median.ts'
import type { MemorySample } from '../domain/sample.ts'

const HOUR_MS = 3_600_000
const MIB = 1024 * 1024
/** oom.md 4.8: fewer samples, or a shorter time, say nothing. */
const FEWEST_SAMPLES = 30
const SHORTEST_HOURS = 1
/** Share of hours in which memory has to have risen. */
const RISING_SHARE = 0.8
/** Pairs grow with the square: a life is thinned to this many samples, 20 000 pairs. */
const MOST_SAMPLES = 200
/** A rise below this over the whole time is noise of the allocator, not a leak. */
const LEAST_RISE = 0.05

/** Whether the unit's memory only ever rises, comes back, or nobody can say. */
export type Growth = 'leak' | 'flat' | 'unknown'

export interface GrowthVerdict {
  readonly growth: Growth
  /** Median of the slopes of all pairs within one life; null when nothing could be measured. */
  readonly mibPerHour: number | null
  readonly why: string
}

/** Median slope of a series, MiB an hour; a quarter of the points may lie and it does not move. Null below two times. */
export const theilSen = (samples: readonly MemorySample[]): number | null => {
  const points = thinned(samples)
  const slopes: number[] = []
  for (const [index, from] of points.entries())
    for (const to of points.slice(index + 1))
      if (to.atMs > from.atMs) slopes.push((to.bytes - from.bytes) / MIB / ((to.atMs - from.atMs) / HOUR_MS))
  return median(slopes)
}

/** Leak or load, oom.md 4.8: by the longest life, because a restart hides growth. */
export const growthOf = (samples: readonly MemorySample[]): GrowthVerdict => {
  const longest = livesOf(samples).toSorted((a, b) => hoursOf(b) - hoursOf(a))[0] ?? []
  const hours = hoursOf(longest)
  const cannotTell = (why: string): GrowthVerdict => ({ growth: 'unknown', mibPerHour: null, why })
  if (longest.length < FEWEST_SAMPLES || hours < SHORTEST_HOURS)
    return cannotTell(
      `${longest.length} samples over ${hours.toFixed(1)} h of one life cannot tell a leak from load: ${FEWEST_SAMPLES} over ${SHORTEST_HOURS} h are needed`,
    )
  const slope = theilSen(longest) ?? 0
  const mibPerHour = Math.round(10 * slope) / 10
  const minima = hourlyMinima(longest)
  const steps = minima.slice(1).map((low, index) => low - (minima[index] ?? low))
  const rising = steps.filter((step) => step > 0).length
  const share = steps.length === 0 ? 0 : rising / steps.length
  const first = minima[0] ?? 0
  const risen = (slope * hours * MIB) / Math.max(1, first)
  const words = `${mibPerHour} MiB/h over ${hours.toFixed(1)} h, the lowest of each hour rose in ${rising} of ${steps.length}`
  if (slope > 0 && share >= RISING_SHARE && risen >= LEAST_RISE)
    // Load rises in the morning as a leak does; only a night tells them apart.
    return steps.length < 2
      ? cannotTell(`${words}: too short to tell a leak from load`)
      : { growth: 'leak', mibPerHour, why: words }
  return { growth: 'flat', mibPerHour, why: `${words}: it comes back` }
}

/** Samples of each life in order of time. */
export const livesOf = <Kept extends MemorySample>(samples: readonly Kept[]): readonly (readonly Kept[])[] => {
  const lives = new Map<string, Kept[]>()
  for (const sample of samples.toSorted((a, b) => a.atMs - b.atMs)) {
    const life = lives.get(sample.life)
    if (life === undefined) lives.set(sample.life, [sample])
    else life.push(sample)
  }
  return [...lives.values()]
}

/** Most bytes gained from one sample to the next; the first interval of a life is its start, not growth. */
export const steepestRise = (samples: readonly MemorySample[]): number => {
  let most = 0
  for (const life of livesOf(samples))
    for (const [index, sample] of life.entries())
      if (index > 1) most = Math.max(most, sample.bytes - (life[index - 1]?.bytes ?? sample.bytes))
  return most
}

const hoursOf = (life: readonly MemorySample[]): number =>
  life.length < 2 ? 0 : ((life.at(-1)?.atMs ?? 0) - (life[0]?.atMs ?? 0)) / HOUR_MS

/** A saw-tooth of the collector rises within the hour; its floor does not. */
const hourlyMinima = (life: readonly MemorySample[]): readonly number[] => {
  const start = life[0]?.atMs ?? 0
  const lows = new Map<number, number>()
  for (const { atMs, bytes } of life) {
    const hour = Math.floor((atMs - start) / HOUR_MS)
    lows.set(hour, Math.min(bytes, lows.get(hour) ?? Number.POSITIVE_INFINITY))
  }
  return [...lows.values()]
}

const thinned = (samples: readonly MemorySample[]): readonly MemorySample[] => {
  if (samples.length <= MOST_SAMPLES) return samples
  const step = (samples.length - 1) / (MOST_SAMPLES - 1)
  return Array.from({ length: MOST_SAMPLES }, (_, index) => samples[Math.round(index * step)]).filter(
    (sample) => sample !== undefined,
  )
}
