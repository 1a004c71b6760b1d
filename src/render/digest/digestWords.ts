import type { Digest, DigestGrowth, DigestLine } from '../../domain/digest.ts'
import type { CheckId } from '../../domain/snapshot.ts'
import { formatBytes, formatCount } from '../format.ts'

/** A part of a digest, as plain statements: whoever shows them escapes them. */
export interface DigestSection {
  readonly title: string
  readonly lines: readonly string[]
}

export const section = (title: string, lines: readonly string[]): DigestSection => ({ title, lines })

const HOUR_MS = 3_600_000

export const isOpen = (line: DigestLine): boolean => line.state !== 'resolved'
/** Known before and not worse: open all the same. */
export const STILL: ReadonlySet<DigestLine['state']> = new Set(['same', 'better', 'stale'])

const RANK = { critical: 0, warn: 1, ok: 2 } as const

/** The worse first. */
export const linesOf = (digest: Digest, test: (line: DigestLine) => boolean): readonly DigestLine[] =>
  digest.lines.filter(test).toSorted((one, other) => RANK[one.level] - RANK[other.level])

/** Every line: host, object, value, threshold, since. */
export const lineText =
  (digest: Digest) =>
  (line: DigestLine): string => {
    const object = line.object === 'host' ? '' : ` ${line.object}:`
    const level = line.level === 'critical' ? 'CRITICAL ' : ''
    const since = line.state === 'new' ? '' : `, since ${age(digest.atMs - line.sinceMs)}`
    const owner = line.owner === null || line.state === 'new' ? '' : `, ${line.owner}`
    const state = line.state === 'stale' ? ', not seen this time' : line.state === 'better' ? ', better' : ''
    if (line.state === 'resolved') return `${line.host}:${object} ${CHECK_NAMES[line.check]} resolved: ${line.text}`
    return `${level}${line.host}:${object} ${CHECK_NAMES[line.check]}: ${line.text} (${line.threshold || 'any'})${since}${state}${owner}`
  }

/** How people call what a check looks at. */
export const CHECK_NAMES: Readonly<Record<CheckId, string>> = {
  'memory-available': 'memory',
  'unit-memory': 'unit memory',
  'oom-kills': 'OOM kills',
  'memory-pressure': 'memory pressure',
  'swap-used': 'swap',
  'swap-out': 'swapping',
  'major-faults': 'major faults',
  'disk-used': 'disk',
  'disk-filling': 'disk filling',
  'inodes-free': 'inodes',
  'failed-unit': 'failed unit',
  'unit-restarts': 'automatic restarts',
  load: 'load',
  clock: 'clock',
  'reboot-wanted': 'reboot wanted',
  certificate: 'certificate',
}

const age = (ms: number): string =>
  ms < 48 * HOUR_MS ? `${Math.round(ms / HOUR_MS)} h` : `${Math.round(ms / 24 / HOUR_MS)} d`

const hoursText = (hours: number): string =>
  hours < 48 ? `${Math.max(1, Math.round(hours))} h` : `${(hours / 24).toFixed(1)} d`

/** Never one date without its range. */
export const growthText = ({ host, object, perHourBytes, hours, roomBytes }: DigestGrowth): string => {
  const rate = `rising ${formatBytes(Math.round(perHourBytes))}/h`
  if (hours === null) return `${host}: ${object}: ${rate}, too early to forecast`
  const latest = hours.latest === null ? 'later than 14 d or never' : hoursText(hours.latest)
  return `${host}: ${object}: ${rate}, ${formatBytes(roomBytes)} left: full in ${hoursText(hours.soonest)} to ${latest}, most likely ${hoursText(hours.middle)}, if days like the last one repeat`
}

export const moverText = ({ host, object, fromBytes, toBytes }: Digest['movers'][number]): string =>
  `${host}: ${object}: ${formatBytes(fromBytes)} to ${formatBytes(toBytes)} (${toBytes > fromBytes ? '+' : ''}${formatBytes(toBytes - fromBytes)})`

export const uncheckedLines = (digest: Digest): readonly string[] =>
  digest.notChecked.map(({ host, reason, lastSeenMs }) => {
    const seen = lastSeenMs === null ? 'never seen' : `last seen ${age(digest.atMs - lastSeenMs)} ago`
    return `${host}: ${reason} (${seen})`
  })

export const partlyLines = (digest: Digest): readonly string[] =>
  digest.partly.map(({ host, text }) => `${host}, in part: ${text}`)

export const unforecastLines = (digest: Digest): readonly string[] =>
  digest.unforecast.map(({ reason, count }) => `no memory forecast for ${formatCount(count, 'host')}: ${reason}`)

/** What changed on a host, in a line. */
export const changeText = ({ host, text }: Digest['changes'][number]): string => `${host}: ${text}`
