import type { MemorySample } from '../domain/sample.ts'
import { livesOf } from './theilSen.ts'

const DAY_MS = 86_400_000
const MIB = 1024 * 1024
/** oom.md 4.8: from here on a burst between two samples may have been a kill. */
const NEAR_SHARE = 0.95

export interface BackTest {
  /** Times the limit would have killed; after each the unit starts again from the size its lives start with. */
  readonly kills: number
  /** Samples within 5 % of the limit. */
  readonly near: number
  /** Samples at or above the lower limit; null without one. */
  readonly throttled: number | null
  readonly killsPerDay: number
  readonly nearPerDay: number
  readonly throttledPerDay: number | null
  /** The highest moment, with what may have been missed between two samples on top; null without samples. */
  readonly worst: { readonly atMs: number; readonly bytes: number; readonly marginBytes: number } | null
  readonly days: number
  readonly sampleCount: number
}

/**
 * What a limit would have done to a unit in the time the samples cover (oom.md 4.8). A sample says nothing about the
 * time until the next, so the steepest rise of one interval is added to each.
 */
export const backTest = (
  samples: readonly MemorySample[],
  limitBytes: number,
  highBytes: number | null = null,
): BackTest => {
  const lives = livesOf(samples)
  const margin = steepestRise(lives)
  const startBytes = lives.reduce((least, life) => Math.min(least, life[0]?.bytes ?? least), Number.POSITIVE_INFINITY)
  let kills = 0
  let near = 0
  let throttled = 0
  for (const life of lives) {
    // What a virtual restart has taken off what was really measured.
    let shed = 0
    let isOver = false
    for (const { bytes } of life) {
      // What the unit gave back by itself is not shed twice.
      shed = Math.max(0, Math.min(shed, bytes - startBytes))
      const held = bytes - shed
      const wasOver = isOver
      isOver = held + margin >= limitBytes
      if (highBytes !== null && held >= highBytes) throttled += 1
      if (isOver) {
        // Above the limit from one sample to the next is one kill: a unit that starts too big is killed all the time.
        if (!wasOver) kills += 1
        shed = Math.max(shed, bytes - startBytes)
      } else if (held >= NEAR_SHARE * limitBytes) near += 1
    }
  }
  const sorted = samples.toSorted((a, b) => a.atMs - b.atMs)
  const days = ((sorted.at(-1)?.atMs ?? 0) - (sorted[0]?.atMs ?? 0)) / DAY_MS
  // Less than a day is not stretched to one: what was seen is what is said.
  const perDay = (count: number): number => count / Math.max(1, days)
  const worst = samples.reduce<MemorySample | null>(
    (top, sample) => (top === null || sample.bytes > top.bytes ? sample : top),
    null,
  )
  return {
    kills,
    near,
    throttled: highBytes === null ? null : throttled,
    killsPerDay: perDay(kills),
    nearPerDay: perDay(near),
    throttledPerDay: highBytes === null ? null : perDay(throttled),
    worst: worst === null ? null : { atMs: worst.atMs, bytes: worst.bytes, marginBytes: margin },
    days,
    sampleCount: samples.length,
  }
}

/** The first interval of a life is its start, not growth. */
const steepestRise = (lives: readonly (readonly MemorySample[])[]): number => {
  let most = 0
  for (const life of lives)
    for (const [index, sample] of life.entries())
      if (index > 1) most = Math.max(most, sample.bytes - (life[index - 1]?.bytes ?? sample.bytes))
  return most
}

/** The sum in words, for the check and the postmortem. */
export const backTestText = (result: BackTest): string => {
  const worst =
    result.worst === null
      ? ''
      : `, highest ${Math.round(result.worst.bytes / MIB)} MiB plus ${Math.round(result.worst.marginBytes / MIB)} MiB that may lie between two samples`
  const throttled = result.throttled === null ? '' : `, throttled ${result.throttled} times`
  return `${result.sampleCount} samples of ${result.days.toFixed(1)} days: ${result.kills} kills, ${result.near} near it${throttled}${worst}`
}
