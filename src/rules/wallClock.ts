import type { LogTime } from '../parsers/log/lines/line.ts'
import { instantOf } from './instant.ts'

/** A point on the clock on somebody's wall: local time, of an unknown year or zone. */
interface WallTime {
  readonly clock: string
  readonly ms: number
}

/** `2026-11-12 09:15:02,713`, `2026/11/12 09:15:02`, `12-Nov-2026 09:15:02`: local time of an unknown zone. */
const NO_ZONE =
  /^(?:(\d{4})([-/])(\d\d)[-/](\d\d)|(\d\d)-([A-Z][a-z]{2})-(\d{4}))([T ])(\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?$/

/** The stamp of a line that lacks year or zone. */
export const wallOf = ({ atText }: LogTime): WallTime | null => {
  if (atText === null) return null
  const instant = instantOf({ at: null, atText })
  if (instant !== null) return instant.clock === 'no-year' ? instant : null
  const zone = NO_ZONE.exec(atText)
  if (zone === null) return null
  const date = zone[1] === undefined ? `${zone[6]} ${zone[5]} ${zone[7]}` : `${zone[1]}-${zone[3]}-${zone[4]}`
  const ms = Date.parse(`${date} ${zone[9]} UTC`)
  // Stamps of two shapes come from two writers, who may live in two zones.
  return Number.isNaN(ms)
    ? null
    : { clock: `${zone[2] ?? ''}${zone[8]}`, ms: ms + Number(`0.${zone[10] ?? '0'}`) * 1000 }
}

/** How far apart two stamps of one shape are that lack year or zone; null when they cannot be compared. */
export const apartOnWall = (one: LogTime, other: LogTime): number | null => {
  const from = wallOf(one)
  const to = wallOf(other)
  return from === null || to === null || from.clock !== to.clock ? null : Math.abs(to.ms - from.ms)
}
