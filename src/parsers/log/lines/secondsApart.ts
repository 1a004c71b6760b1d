import type { LogTime } from './line.ts'

/** Seconds from one stamp to another on the first clock that both have; null when they share none. */
export const secondsApart = (from: LogTime, to: LogTime): number | null => {
  if (from.bootSeconds !== null && to.bootSeconds !== null) return to.bootSeconds - from.bootSeconds
  if (from.atMs !== null && to.atMs !== null) return (to.atMs - from.atMs) / 1000
  if (from.atText === null || to.atText === null) return null
  if (from.atText === to.atText) return 0
  const start = secondOfDay(from.atText)
  const end = secondOfDay(to.atText)
  if (start === null || end === null) return null
  // Another day, or simply past midnight: the shorter way round is meant.
  const seconds = end - start
  if (seconds > DAY / 2) return seconds - DAY
  return seconds < -DAY / 2 ? seconds + DAY : seconds
}

const DAY = 86_400

const secondOfDay = (stamp: string): number | null => {
  const match = /(\d\d):(\d\d):(\d\d)/.exec(stamp)
  return match === null ? null : Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3])
}
