import type { Claim } from '../domain/finding.ts'

/** A point on one clock; points on different clocks cannot be compared. */
export interface Instant {
  /** `utc`, `boot`, `no-year`, or the shape of a stamp without zone. */
  readonly clock: string
  readonly ms: number
}

/** `Nov 12 09:15:02`, with or without a fraction: local time of an unknown year. */
const NO_YEAR = /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?$/

/** `2026-11-12 09:15:02,713`, `2026/11/12 09:15:02`, `12-Nov-2026 09:15:02`: local time of an unknown zone. */
const NO_ZONE =
  /^(?:(\d{4})([-/])(\d\d)[-/](\d\d)|(\d\d)-([A-Z][a-z]{2})-(\d{4}))([T ])(\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?$/

/** `[   12.713120]`: seconds since a boot that is not stated. */
const SINCE_BOOT = /^\[?\s{0,20}(\d{1,10}\.\d{1,9})\s{0,20}\]?$/

/**
 * When a claim happened, on whatever clock its text gives. Stamps without year or zone say nothing about the date,
 * and still tell which of two lines of the same log came first.
 */
export const instantOf = (claim: Pick<Claim, 'at' | 'atText'>): Instant | null => {
  if (claim.at !== null) return { clock: 'utc', ms: Date.parse(claim.at) }
  if (claim.atText === null) return null
  const wall = wallOf(claim.atText)
  if (wall !== null) return wall
  const boot = SINCE_BOOT.exec(claim.atText)
  return boot === null ? null : { clock: 'boot', ms: Number(boot[1]) * 1000 }
}

/** A printed stamp that lacks its year or its zone. Stamps of two shapes may be of two zones. */
export const wallOf = (stamp: string): Instant | null => {
  const year = NO_YEAR.exec(stamp)
  // 2000 was a leap year, so that Feb 29 is a day.
  if (year !== null) return wall('no-year', `${year[1]} ${year[2]} 2000 ${year[3]}`, year[4])
  const zone = NO_ZONE.exec(stamp)
  if (zone === null) return null
  const date = zone[1] === undefined ? `${zone[6]} ${zone[5]} ${zone[7]}` : `${zone[1]}-${zone[3]}-${zone[4]}`
  return wall(`no-zone ${zone[2] ?? ''}${zone[8]}`, `${date} ${zone[9]}`, zone[10])
}

const wall = (clock: string, date: string, fraction: string | undefined): Instant | null => {
  const ms = Date.parse(`${date} UTC`)
  return Number.isNaN(ms) ? null : { clock, ms: ms + Number(`0.${fraction ?? '0'}`) * 1000 }
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

const isBoot = ({ clock }: Instant): boolean => clock === 'boot'

/**
 * How far apart two instants are if they are one event; null when nothing can be said. `Nov 23 16:03:43` in some zone and
 * `2026-11-23T15:03:43Z` may be the same second: what a zone explains is no distance.
 */
export const apartMs = (a: Instant | null, b: Instant | null): number | null => {
  const later = laterByMs(a, b)
  if (later !== null) return Math.abs(later)
  if (a === null || b === null || isBoot(a) || isBoot(b)) return null
  const distance = a.clock === 'no-year' || b.clock === 'no-year' ? yearless(a, b) : Math.abs(a.ms - b.ms)
  if (distance > FURTHEST_ZONE_MS) return distance
  return Math.abs(distance - Math.round(distance / QUARTER_MS) * QUARTER_MS)
}

/** As if both were of one year, or on the two sides of its end. */
const yearless = (a: Instant, b: Instant): number => {
  const distance = Math.abs(new Date(a.ms).setUTCFullYear(2000) - new Date(b.ms).setUTCFullYear(2000))
  return Math.min(distance, YEAR_MS - distance)
}

/** Where an instant is filed, so that those no further apart than a minute are found: as `nearMinutes` says. */
export const minuteOf = (instant: Instant): readonly string[] => {
  const minute = Math.floor(instant.ms / MINUTE_MS)
  return [`${instant.clock} ${minute}`, `${instant.clock} quarter ${minute % QUARTER_MINUTES}`]
}

/** Under which words to look for what may be one event with this instant, on its own clock and on the others of a text. */
export const nearMinutes = (instant: Instant, clocks: ReadonlySet<string>): readonly string[] => {
  const minutes = [-1, 0, 1].map((step) => Math.floor(instant.ms / MINUTE_MS) + step)
  const same = minutes.map((minute) => `${instant.clock} ${minute}`)
  if (isBoot(instant)) return same
  const others = [...clocks].filter((clock) => clock !== instant.clock && clock !== 'boot')
  return [
    ...same,
    ...others.flatMap((clock) => minutes.map((minute) => `${clock} quarter ${minute % QUARTER_MINUTES}`)),
  ]
}
