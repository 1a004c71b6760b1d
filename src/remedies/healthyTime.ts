import { median } from '../domain/median.ts'
import type { MemorySample } from '../domain/sample.ts'
import { livesOf, type Growth } from './theilSen.ts'

/** oom.md 4.1: the end of a life before a kill and its start are not its steady state. */
const UNSTEADY_SHARE = 0.1
/** Of a life that only grows, what came before the growth took over. */
const BEFORE_GROWTH_SHARE = 0.25
/** What a life does not come back to this near to its middle from, is the way to its end; our choice. */
const USUAL_SHARE = 1.1

/**
 * The samples in which a unit was well: what a limit must never kill. Meant for a unit that is to blame for a kill, so
 * the last climb of each life, also of the one that the kill ended after the last sample, is none.
 */
export const healthyTime = <Kept extends MemorySample>(samples: readonly Kept[], growth: Growth): readonly Kept[] => {
  const lives = livesOf(samples)
  return lives.flatMap((life, index) => {
    const from = Math.min(life.length - 1, Math.ceil(UNSTEADY_SHARE * life.length))
    const ended = index < lives.length - 1
    const share = growth === 'leak' ? BEFORE_GROWTH_SHARE : ended ? 1 - UNSTEADY_SHARE : 1
    const usual = USUAL_SHARE * (median(life.map(({ bytes }) => bytes)) ?? 0)
    const climb = 1 + life.findLastIndex(({ bytes }) => bytes <= usual)
    return life.slice(from, Math.max(from + 1, Math.min(climb, Math.floor(share * life.length))))
  })
}

/** The smallest value that this share of the samples does not exceed; null without any. */
export const percentileBytes = (samples: readonly MemorySample[], share: number): number | null => {
  const sorted = samples.map((sample) => sample.bytes).toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null
}
