import type { DeltaState } from '../../domain/digest.ts'
import type { CheckId, CheckReading, Level, Snapshot } from '../../domain/snapshot.ts'

export interface Delta {
  readonly state: DeltaState
  readonly snapshot: Snapshot
}

const RANK: Readonly<Record<Level, number>> = { ok: 0, warn: 1, critical: 2 }

/** What is remembered of a host, and what a look at it gave. */
export interface DeltaInput {
  readonly before: readonly Snapshot[]
  /** Empty with an empty `seen` for a host that did not answer. */
  readonly readings: readonly CheckReading[]
  /** Checks whose source was read: an object they do not name any more is gone, not unseen. */
  readonly seen: ReadonlySet<CheckId>
  readonly atMs: number
}

/**
 * The change of every open check since the digest before. A state ends at the clearing value, not at the firing one; what
 * could not be seen keeps its state and is marked stale. Checks that are and were fine are left out.
 */
export const deltasOf = ({ before, readings, seen, atMs }: DeltaInput): readonly Delta[] => {
  const known = new Map(before.map((snapshot) => [keyOf(snapshot), snapshot]))
  const deltas: Delta[] = []
  for (const reading of readings) {
    const old = known.get(keyOf(reading))
    known.delete(keyOf(reading))
    const delta = deltaOf(reading, old, atMs)
    if (delta !== null) deltas.push(delta)
  }
  for (const old of known.values()) {
    if (old.level === 'ok') continue
    if (seen.has(old.check)) {
      const text = EVENTS.has(old.check) ? 'not again since' : 'not there any more'
      deltas.push({ state: 'resolved', snapshot: { ...old, level: 'ok', text, sinceMs: atMs, seenAtMs: atMs } })
    } else deltas.push({ state: 'stale', snapshot: old })
  }
  return deltas
}

/** The rows to keep for the next night. */
export const snapshotsAfter = (deltas: readonly Delta[]): readonly Snapshot[] =>
  deltas.map(({ snapshot }) => snapshot).filter((snapshot) => snapshot.level !== 'ok')

/** These count what happened since the digest before, so that every reading is news. */
const EVENTS: ReadonlySet<CheckId> = new Set(['oom-kills', 'unit-restarts'])

const keyOf = ({ check, object }: { readonly check: CheckId; readonly object: string }): string =>
  JSON.stringify([check, object])

const deltaOf = (reading: CheckReading, old: Snapshot | undefined, atMs: number): Delta | null => {
  const wasOpen = old !== undefined && old.level !== 'ok'
  const isOpen = reading.level !== 'ok' || (wasOpen && !reading.isClear)
  if (!isOpen && !wasOpen) return null
  // Below the firing value and above the clearing one it stays open at the lower level.
  const level: Level = reading.level === 'ok' && isOpen ? 'warn' : reading.level
  const { check, object, badness, text, threshold } = reading
  const base = { check, object, badness, text, threshold, seenAtMs: atMs }
  if (old === undefined || !wasOpen) return { state: 'new', snapshot: { ...base, level, sinceMs: atMs } }
  if (!isOpen) return { state: 'resolved', snapshot: { ...base, level: 'ok', sinceMs: atMs } }
  const change = RANK[level] - RANK[old.level]
  const isNews = EVENTS.has(check)
  const state = isNews ? 'new' : change > 0 ? 'worse' : change < 0 ? 'better' : 'same'
  return { state, snapshot: { ...base, level, sinceMs: old.sinceMs } }
}
