import type { DigestChange, DigestGrowth, DigestMover } from '../../domain/digest.ts'
import type { Sample } from '../../domain/snapshot.ts'
import { formatBytes } from '../../render/format.ts'
import { forecast } from './forecast.ts'
import type { Point } from './forecast.ts'

const HOUR_MS = 3_600_000
/** The floor rule looks at two days; the third shows a restart just before them. */
export const SERIES_MS = 50 * HOUR_MS
/** A unit below this share of the memory is no reason to wake anybody; our choice. */
const LEAST_SHARE = 0.02
/** Smaller moves are noise on any server of today; our choice. */
const LEAST_MOVE_BYTES = 64 * 1024 ** 2
const TREND_HOURS = 48

export interface HostSeries {
  readonly host: string
  /** Oldest first, the newest is now. */
  readonly samples: readonly Sample[]
  readonly nowMs: number
}

export interface SeriesReport {
  readonly growing: readonly DigestGrowth[]
  /** Why nothing can be said, null when something can. */
  readonly unforecast: string | null
}

/** Forecasts of a host's memory and of each of its larger units. */
export const growthOf = ({ host, samples, nowMs }: HostSeries): SeriesReport => {
  const now = samples.at(-1)
  const total = now?.values['memory-total']
  const available = now?.values['memory-available']
  if (now === undefined || total === undefined || available === undefined)
    return { growing: [], unforecast: 'its memory could not be read' }
  const growing: DigestGrowth[] = []
  const reasons: string[] = []
  const look = (object: string, points: readonly Point[], bounds: { limit: number; room: number }): void => {
    const seen = forecast(points, bounds, nowMs)
    if (seen.state === 'unknown') reasons.push(seen.reason)
    if (seen.state !== 'early' && seen.state !== 'growing') return
    const isEarly = seen.state === 'early'
    growing.push({
      host,
      object,
      perHourBytes: seen.perHour,
      hours: isEarly ? null : { soonest: seen.soonestHours, middle: seen.middleHours, latest: seen.latestHours },
      roomBytes: isEarly ? null : seen.room,
      trend: trendOf(points, nowMs),
    })
  }
  const used = sinceBoot(samples).flatMap(({ atMs, values }) => {
    const [whole, left] = [values['memory-total'], values['memory-available']]
    return whole === undefined || left === undefined ? [] : [{ atMs, value: whole - left }]
  })
  look('memory of the host', used, { limit: total, room: available })
  for (const [name, value] of Object.entries(now.values)) {
    if (!name.startsWith('unit-memory:') || value < total * LEAST_SHARE) continue
    const unit = name.slice('unit-memory:'.length)
    const limit = now.values[`unit-limit:${unit}`]
    // A limit above what the machine has is no room.
    const room = limit === undefined ? available : Math.min(Math.max(0, limit - value), available)
    look(unit, pointsOf(unit, sinceRestart(unit, samples)), { limit: Math.min(limit ?? total, total), room })
  }
  return { growing, unforecast: growing.length > 0 ? null : (reasons[0] ?? null) }
}

const pointsOf = (unit: string, samples: readonly Sample[]): readonly Point[] =>
  samples.flatMap(({ atMs, values }) => {
    const value = values[`unit-memory:${unit}`]
    return value === undefined ? [] : [{ atMs, value }]
  })

const sinceBoot = (samples: readonly Sample[]): readonly Sample[] =>
  after(samples, (one, next) => one.bootId !== next.bootId)

/** A boot, an end, a new limit or all new processes begin a series anew. */
const sinceRestart = (unit: string, samples: readonly Sample[]): readonly Sample[] =>
  after(samples, (one, next) => {
    if (one.bootId !== next.bootId) return true
    if (next.values[`unit-memory:${unit}`] === undefined) return true
    if (one.values[`unit-limit:${unit}`] !== next.values[`unit-limit:${unit}`]) return true
    const [before, now] = [one.pids?.[unit] ?? [], next.pids?.[unit] ?? []]
    return before.length > 0 && now.length > 0 && !now.some((pid) => before.includes(pid))
  })

/** What follows the last break; the sample before it belongs to another life. */
const after = (samples: readonly Sample[], isBreak: (one: Sample, next: Sample) => boolean): readonly Sample[] => {
  let from = 0
  for (const [index, next] of samples.entries()) {
    const one = samples[index - 1]
    if (one !== undefined && isBreak(one, next)) from = index
  }
  return samples.slice(from)
}

export const trendOf = (points: readonly Point[], nowMs: number): readonly (number | null)[] => {
  const hours: (number | null)[] = Array.from({ length: TREND_HOURS }, () => null)
  for (const { atMs, value } of points) {
    const index = TREND_HOURS - 1 - Math.floor((nowMs - atMs) / HOUR_MS)
    if (index >= 0 && index < TREND_HOURS) hours[index] = value
  }
  return hours
}

/** What moved most since a moment, in the nearest sample to it. */
export const moversOf = ({ host, samples }: HostSeries, sinceMs: number): readonly DigestMover[] => {
  const now = samples.at(-1)
  const before = nearest(samples.slice(0, -1), sinceMs)
  if (now === undefined || before === undefined) return []
  return Object.entries(now.values).flatMap(([name, toBytes]) => {
    const fromBytes = before.values[name]
    if (!name.startsWith('unit-memory:') || fromBytes === undefined) return []
    if (Math.abs(toBytes - fromBytes) < LEAST_MOVE_BYTES) return []
    return [{ host, object: name.slice('unit-memory:'.length), fromBytes, toBytes }]
  })
}

/** What an operator did, as far as two samples show it. */
export const sampleChanges = ({ host, samples }: HostSeries, sinceMs: number): readonly DigestChange[] => {
  const now = samples.at(-1)
  const before = nearest(samples.slice(0, -1), sinceMs)
  if (now === undefined || before === undefined) return []
  const changes: DigestChange[] = []
  if (now.bootId !== null && before.bootId !== null && now.bootId !== before.bootId)
    changes.push({ host, kind: 'reboot', text: 'rebooted' })
  const limits = new Set(
    [...Object.keys(now.values), ...Object.keys(before.values)].filter((name) => name.startsWith('unit-limit:')),
  )
  for (const name of limits) {
    const unit = name.slice('unit-limit:'.length)
    // A unit that is not running has no limit to compare.
    if (now.values[`unit-memory:${unit}`] === undefined || before.values[`unit-memory:${unit}`] === undefined) continue
    const [from, to] = [before.values[name], now.values[name]]
    if (from === to) continue
    const word = (bytes: number | undefined): string => (bytes === undefined ? 'none' : formatBytes(bytes))
    changes.push({ host, kind: 'limit', text: `${unit}: memory limit ${word(from)}, now ${word(to)}` })
  }
  return changes
}

const nearest = (samples: readonly Sample[], atMs: number): Sample | undefined =>
  samples.toSorted((one, other) => Math.abs(one.atMs - atMs) - Math.abs(other.atMs - atMs))[0]
