import type { Claim } from '../domain/finding.ts'

/** A point on one clock; points on different clocks cannot be compared. */
export interface Instant {
  readonly clock: 'utc' | 'no-year' | 'boot'
  readonly ms: number
}

/** `Nov 12 09:15:02`, with or without a fraction: local time of an unknown year. */
const NO_YEAR = /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?$/

/** `[   12.713120]`: seconds since a boot that is not stated. */
const SINCE_BOOT = /^\[?\s{0,20}(\d{1,10}\.\d{1,9})\s{0,20}\]?$/

/**
 * When a claim happened, on whatever clock its text gives. Stamps without year or zone say nothing about the date,
 * and still tell which of two lines of the same log came first.
 */
export const instantOf = (claim: Pick<Claim, 'at' | 'atText'>): Instant | null => {
  if (claim.at !== null) return { clock: 'utc', ms: Date.parse(claim.at) }
  if (claim.atText === null) return null
  const text = NO_YEAR.exec(claim.atText)
  if (text !== null) {
    // 2000 was a leap year, so that Feb 29 is a day.
    const ms = Date.parse(`${text[1]} ${text[2]} 2000 ${text[3]} UTC`)
    return Number.isNaN(ms) ? null : { clock: 'no-year', ms: ms + Number(`0.${text[4] ?? '0'}`) * 1000 }
  }
  const boot = SINCE_BOOT.exec(claim.atText)
  return boot === null ? null : { clock: 'boot', ms: Number(boot[1]) * 1000 }
}

/** How much later `b` is than `a`; null when they are not on one clock. */
export const laterByMs = (a: Instant | null, b: Instant | null): number | null =>
  a === null || b === null || a.clock !== b.clock ? null : b.ms - a.ms

const MINUTE_MS = 60_000
const QUARTER_MINUTES = 15
const QUARTER_MS = QUARTER_MINUTES * MINUTE_MS
/** Zones are whole quarters of an hour away from UTC, and none is further (Kiritimati). */
const FURTHEST_ZONE_MS = 14 * 60 * 60_000
/** Of 2000, the year that stamps without one are read in. */
const YEAR_MS = 366 * 24 * 60 * 60_000

/**
 * How far apart two instants are if they are one event; null when nothing can be said. `Nov 23 16:03:43` in some zone and
 * `2026-11-23T15:03:43Z` may be the same second: what a zone explains is no distance.
 */
export const apartMs = (a: Instant | null, b: Instant | null): number | null => {
  const later = laterByMs(a, b)
  if (later !== null) return Math.abs(later)
  if (a === null || b === null || a.clock === 'boot' || b.clock === 'boot') return null
  const [full, local] = a.clock === 'utc' ? [a, b] : [b, a]
  const days = Math.abs(local.ms - new Date(full.ms).setUTCFullYear(2000))
  const distance = Math.min(days, YEAR_MS - days)
  if (distance > FURTHEST_ZONE_MS) return distance
  return Math.abs(distance - Math.round(distance / QUARTER_MS) * QUARTER_MS)
}

/** Where an instant is filed, so that those no further apart than a minute are found: as `nearMinutes` says. */
export const minuteOf = ({ clock, ms }: Instant): readonly string[] => {
  const minute = Math.floor(ms / MINUTE_MS)
  return clock === 'boot' ? [`boot ${minute}`] : [`${clock} ${minute}`, `${clock} quarter ${minute % QUARTER_MINUTES}`]
}

/** Under which words to look for what may be one event with this instant, on its own clock and on the other. */
export const nearMinutes = ({ clock, ms }: Instant): readonly string[] => {
  const minutes = [-1, 0, 1].map((step) => Math.floor(ms / MINUTE_MS) + step)
  const same = minutes.map((minute) => `${clock} ${minute}`)
  if (clock === 'boot') return same
  const other = clock === 'utc' ? 'no-year' : 'utc'
  return [...same, ...minutes.map((minute) => `${other} quarter ${minute % QUARTER_MINUTES}`)]
}
