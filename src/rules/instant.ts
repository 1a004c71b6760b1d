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
