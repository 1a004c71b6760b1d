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
