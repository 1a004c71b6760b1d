import type { EvidenceId } from '../domain/evidence.ts'
import type { CitedLine, LogTime } from '../parsers/log/lines/line.ts'
import { apartOnWall } from './wallClock.ts'

/** Something that stands in a log: where, and when as far as it says. */
export interface Placed {
  readonly evidence: EvidenceId
  readonly time: LogTime
  readonly cited: readonly CitedLine[]
}

/** Lines of one incident stand close together; used only when no stamps can be compared. Arbitrary. */
export const NEAR_LINES = 200

/**
 * Whether two things belong to one moment: by wall clock, else by the boot's clock, else by stamps of one shape that
 * lack year or zone, else by lines of one text.
 */
export const isNear = (a: Placed, b: Placed, withinMs: number): boolean => {
  if (a.time.atMs !== null && b.time.atMs !== null) return Math.abs(a.time.atMs - b.time.atMs) <= withinMs
  if (a.evidence !== b.evidence) return false
  if (a.time.bootSeconds !== null && b.time.bootSeconds !== null) {
    return Math.abs(a.time.bootSeconds - b.time.bootSeconds) * 1000 <= withinMs
  }
  const apart = apartOnWall(a.time, b.time)
  if (apart !== null) return apart <= withinMs
  const aLine = a.cited[0]?.line
  const bLine = b.cited[0]?.line
  return aLine !== undefined && bLine !== undefined && Math.abs(aLine - bLine) <= NEAR_LINES
}

/** Where a telling stands. */
export const placedOf = (telling: {
  readonly evidence: { readonly evidence: EvidenceId }
  readonly event: { readonly time: LogTime; readonly cited: readonly CitedLine[] }
}): Placed => ({ evidence: telling.evidence.evidence, time: telling.event.time, cited: telling.event.cited })
