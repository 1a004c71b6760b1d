const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB

/** One decimal where it says something, none where it does not. */
const short = (value: number): string =>
  value < 10 && value % 1 !== 0 ? value.toFixed(1).replace(/\.0$/, '') : value.toFixed(0)

/** MiB up to 10 GiB, so that numbers of one host compare at a glance. */
export const formatBytes = (bytes: number | null): string => {
  if (bytes === null || !Number.isFinite(bytes)) return 'not stated'
  if (bytes < 0) return `-${formatBytes(-bytes)}`
  if (bytes < KIB) return `${bytes} bytes`
  if (bytes < MIB) return `${short(bytes / KIB)} KiB`
  if (bytes < 10 * GIB) return `${short(bytes / MIB)} MiB`
  return `${(bytes / GIB).toFixed(1)} GiB`
}

/** Two units at most: `10 min 32 s`, `2 h 5 min`, `3 d 4 h`. */
export const formatDuration = (ms: number | null): string => {
  if (ms === null || !Number.isFinite(ms) || ms < 0) return 'not stated'
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1).replace(/\.0$/, '')} s`
  const seconds = Math.round(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  const days = Math.floor(hours / 24)
  if (minutes < 60) return pair(minutes, 'min', seconds % 60, 's')
  if (hours < 48) return pair(hours, 'h', minutes % 60, 'min')
  return pair(days, 'd', hours % 24, 'h')
}

const pair = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`

/** `2026-11-12 09:15:02`, always UTC; the reader is told so beside it. */
export const formatUtc = (atMs: number | null): string => {
  if (atMs === null || !Number.isFinite(atMs) || Math.abs(atMs) > 8.64e15) return 'not stated'
  return new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')
}

/** The same moment on the host's clock; null offset is "not known". */
export const formatHostTime = (atMs: number | null, offsetMinutes: number | null): string =>
  atMs === null || offsetMinutes === null ? 'not known' : formatUtc(atMs + offsetMinutes * 60_000)

/** `+07:00` */
export const formatOffset = (offsetMinutes: number | null): string => {
  if (offsetMinutes === null) return 'offset not known'
  const size = Math.abs(offsetMinutes)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

/** `3 items`, `1 item`; the plural is given where an `s` is not enough. */
export const formatCount = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`

const UP_TO = 8

/** `a, b and c`; a long list is cut and says so. */
export const formatList = (items: readonly string[], none = 'none'): string => {
  if (items.length === 0) return none
  const shown = items.slice(0, UP_TO)
  const rest = items.length - shown.length
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`
  const last = shown.pop() ?? ''
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`
}
