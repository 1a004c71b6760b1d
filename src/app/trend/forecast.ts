import { median } from '../../domain/median.ts'

/** One number of a series. */
export interface Point {
  readonly atMs: number
  readonly value: number
}

/** What may honestly be said about where a series goes. Rates are per hour. */
export type Forecast =
  | { readonly state: 'steady' }
  | { readonly state: 'unknown'; readonly reason: string }
  /** It rises, and its last restart is too near to say where to. */
  | { readonly state: 'early'; readonly perHour: number }
  | {
      readonly state: 'growing'
      readonly perHour: number
      readonly room: number
      /** Hours until the room is used, if days like the last one repeat. Never shown without each other. */
      readonly soonestHours: number
      readonly middleHours: number
      /** Null: at its slowest it did not grow at all. */
      readonly latestHours: number | null
    }

const HOUR_MS = 3_600_000
/** Floor rule (outputs.md section 3): the lowest value must rise by this share of the limit from day to day. */
const FLOOR_RISE_SHARE = 0.02
/** Two-sided 95 % of the normal distribution, for the interval of Theil and Sen. */
const Z = 1.96
/** Beyond this nobody plans; a range that wide says nothing (outputs.md section 3). */
const FARTHEST_HOURS = 14 * 24
/** After a restart caches fill; these hours are no floor to rise from. Our choice. */
const WARM_UP_HOURS = 2
/** Of each day at least half of the hours must have been seen; our choice. */
const FEWEST_HOURS = 12
/** Fewer hours than this show no direction; our choice. */
const EARLY_HOURS = 3

/**
 * The floor rule. "Slope above zero" cried wolf in 20 to 33 % of healthy simulated series; this rule in none of 2 000.
 * `points` are those since the last restart, deploy or change of limit, oldest first; `limit` is what the series may reach
 * at most, `room` what is left now.
 */
export const forecast = (
  points: readonly Point[],
  bounds: { readonly limit: number; readonly room: number },
  nowMs: number,
): Forecast => {
  const hours = hourly(points, nowMs)
  const lived = hours.length === 0 ? 0 : (hours.at(0)?.hoursAgo ?? 0)
  const recent = hours.filter((hour) => hour.hoursAgo <= 24)
  if (recent.length < EARLY_HOURS)
    return { state: 'unknown', reason: `only ${recent.length} hours were sampled of the last 24` }
  const least = bounds.limit * FLOOR_RISE_SHARE
  if (lived < 24) return early(hours, least)
  const before = hours.filter(
    (hour) => hour.hoursAgo > 24 && hour.hoursAgo <= 48 && hour.hoursAgo <= lived - WARM_UP_HOURS,
  )
  if (recent.length < FEWEST_HOURS)
    return { state: 'unknown', reason: `only ${recent.length} hours were sampled of the last 24` }
  if (before.length < FEWEST_HOURS)
    return lived < 48
      ? early(hours, least)
      : { state: 'unknown', reason: `only ${before.length} hours were sampled of the day before` }
  // Hours that only one of the days has would move its floor: what is compared must have the same hours.
  const both = recent.filter((hour) => before.some((other) => other.hoursAgo === hour.hoursAgo + 24))
  if (both.length < FEWEST_HOURS) return { state: 'unknown', reason: 'the two days were sampled at different hours' }
  const rise = lowest(both) - lowest(before)
  if (rise < least) return { state: 'steady' }
  const slope = dayByDay(before, recent)
  if (slope === null || slope.low <= 0 || slope.middle * 24 < least) return { state: 'steady' }
  return growing(hours, bounds.room, slope.middle)
}

interface Hour {
  readonly hoursAgo: number
  readonly value: number
}

/** Medians by the hour, so that one peak is no trend; oldest first. */
const hourly = (points: readonly Point[], nowMs: number): readonly Hour[] => {
  const byHour = new Map<number, number[]>()
  for (const { atMs, value } of points) {
    const hoursAgo = Math.floor((nowMs - atMs) / HOUR_MS) + 1
    if (hoursAgo < 1 || hoursAgo > 49) continue
    const values = byHour.get(hoursAgo)
    if (values === undefined) byHour.set(hoursAgo, [value])
    else values.push(value)
  }
  return [...byHour]
    .map(([hoursAgo, values]) => ({ hoursAgo, value: median(values) ?? 0 }))
    .toSorted((one, other) => other.hoursAgo - one.hoursAgo)
}

/** The lowest value, of three hours together: one hour's luck is no floor. */
const lowest = (hours: readonly Hour[]): number =>
  Math.min(
    ...hours.map((_, index) => {
      const near = hours.slice(Math.max(0, index - 1), index + 2)
      return near.reduce((sum, hour) => sum + hour.value, 0) / near.length
    }),
  )

const early = (hours: readonly Hour[], least: number): Forecast => {
  const { low, middle } = theilSen(hours)
  const span = (hours.at(0)?.hoursAgo ?? 0) - (hours.at(-1)?.hoursAgo ?? 0)
  return low > 0 && middle * span >= least ? { state: 'early', perHour: middle } : { state: 'steady' }
}

/** The median of all slopes, and where its interval begins (Sen 1968; the variance is Kendall's). */
const theilSen = (hours: readonly Hour[]): { readonly low: number; readonly middle: number } => {
  const slopes: number[] = []
  for (const [index, later] of hours.entries())
    for (const earlier of hours.slice(0, index))
      slopes.push((later.value - earlier.value) / (earlier.hoursAgo - later.hoursAgo))
  if (slopes.length === 0) return { low: 0, middle: 0 }
  const sorted = slopes.toSorted((one, other) => one - other)
  const count = hours.length
  const spread = Z * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18)
  const lowAt = Math.floor((sorted.length - spread) / 2)
  return { low: sorted[lowAt] ?? Number.NEGATIVE_INFINITY, middle: median(sorted) ?? 0 }
}

/**
 * The same estimate over pairs of one hour of two days (Hirsch and Slack 1982, the seasonal form): a daily cycle, which
 * hid one leak of three in simulation, cancels out. The interval is that of the sign test.
 */
const dayByDay = (
  before: readonly Hour[],
  recent: readonly Hour[],
): { readonly low: number; readonly middle: number } | null => {
  const slopes = recent.flatMap((hour) => {
    const other = before.find((candidate) => candidate.hoursAgo === hour.hoursAgo + 24)
    return other === undefined ? [] : [(hour.value - other.value) / 24]
  })
  if (slopes.length < FEWEST_HOURS) return null
  const sorted = slopes.toSorted((one, other) => one - other)
  const lowAt = Math.floor((sorted.length - Z * Math.sqrt(sorted.length)) / 2)
  return { low: sorted[Math.max(0, lowAt)] ?? 0, middle: median(sorted) ?? 0 }
}

/** Room by the fastest and the slowest six-hour rate of the last day; by the rate from day to day, the middle. */
const growing = (hours: readonly Hour[], room: number, whole: number): Forecast => {
  const at = (hoursAgo: number): number | undefined =>
    hours.find((hour) => hour.hoursAgo === hoursAgo)?.value ??
    hours.find((hour) => Math.abs(hour.hoursAgo - hoursAgo) === 1)?.value
  const rates: number[] = []
  for (let ago = 1; ago + 6 <= 25; ago += 1) {
    const [from, to] = [at(ago + 6), at(ago)]
    if (from !== undefined && to !== undefined) rates.push((to - from) / 6)
  }
  const fastest = Math.max(...rates, whole)
  const slowest = Math.min(...rates, whole)
  const left = Math.max(0, room)
  const middleHours = left / whole
  if (middleHours > FARTHEST_HOURS) return { state: 'steady' }
  return {
    state: 'growing',
    perHour: whole,
    room: left,
    soonestHours: left / fastest,
    middleHours,
    latestHours: slowest <= 0 || left / slowest > FARTHEST_HOURS ? null : left / slowest,
  }
}
