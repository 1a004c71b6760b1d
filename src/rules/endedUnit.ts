import type { Claim } from '../domain/finding.ts'
import type { EventOf } from '../parsers/log/events.ts'
import type { Told } from '../parsers/log/lines/line.ts'
import { isNear, placedOf } from './nearness.ts'
import type { Telling } from './tellings.ts'
import type { UnitEnding } from './unitEndings.ts'

/** Writing the core of a large heap takes seconds before the exit is seen (lab: 4 s for 665 MB). */
const ABORT_MS = 30_000

type Exit = EventOf<'unit-exit'>

/** The abort that V8, Rust, C++ and a JVM told to abort end with; newer V8 traps instead. */
export const isAbort = (exit: Exit): boolean =>
  exit.signal === 'SIGABRT' || exit.signal === 'SIGTRAP' || exit.signal === 'SIGILL'

/** A runtime's own exit status. */
export const isStatus =
  (status: number) =>
  (exit: Exit): boolean =>
    exit.code === 'exited' && exit.status === status

/**
 * Last words name no unit, but systemd says right after them which unit's process ended in just that way. When exactly one unit
 * did, the claim takes its name and cites the line; otherwise nothing is added.
 */
export const withEndedUnit = (
  claim: Claim,
  telling: Telling<Told>,
  endings: readonly UnitEnding[],
  isFitting: (exit: Exit) => boolean,
): Claim => {
  if (claim.unit !== null) return claim
  const placed = placedOf(telling)
  const fitting = endings.filter(
    (ending) =>
      ending.exit !== null &&
      isFitting(ending.exit) &&
      isNear(ending.placed, placed, ABORT_MS) &&
      isAfter(ending, placed),
  )
  const first = fitting[0]
  if (first === undefined || fitting.some((ending) => ending.unit !== first.unit)) return claim
  const victims = claim.victims.map((victim) => ({ ...victim, unit: victim.unit ?? first.unit }))
  return { ...claim, unit: first.unit, victims, citations: [...claim.citations, ...first.citations] }
}

/** journald sorts writers within a tenth of a second or two (lab). */
const DISORDER_MS = 500

const isAfter = (ending: UnitEnding, placed: ReturnType<typeof placedOf>): boolean => {
  const endedMs = ending.placed.time.atMs
  const toldMs = placed.time.atMs
  if (endedMs !== null && toldMs !== null) return endedMs >= toldMs - DISORDER_MS
  return (ending.placed.cited[0]?.line ?? 0) > (placed.cited.at(-1)?.line ?? 0)
}
