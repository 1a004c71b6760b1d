import { isFile, type Entry } from './entry.ts'
import { PACE, type Pace } from './pace.ts'

export interface Thread {
  readonly id: string
  readonly entries: Entry[]
  busy: boolean
}

export type Choice =
  | { readonly type: 'send'; readonly thread: Thread; readonly entry: Entry }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'nothing' }

const FINAL_EDIT = 2
const PROGRESS_EDIT = 5

/** The most urgent thing that may be sent now, or how long until one may. */
export const chooseNext = (threads: Iterable<Thread>, pace: Pace, nowMs: number): Choice => {
  let best: Candidate | null = null
  let soonestMs = Number.POSITIVE_INFINITY
  for (const thread of threads) {
    if (thread.busy) continue
    for (const candidate of candidatesOf(thread)) {
      const { entry, rank } = candidate
      const waitMs = Math.max(entry.notBeforeMs - nowMs, waitOf(entry, pace, nowMs))
      if (waitMs <= 0) {
        if (best === null || rank < best.rank || (rank === best.rank && entry.createdAtMs < best.entry.createdAtMs))
          best = candidate
        break
      }
      soonestMs = Math.min(soonestMs, waitMs)
      // A message that waits holds back all that follows it; an edit that waits for its budget holds back nothing.
      if (entry.ts === null) break
    }
  }
  if (best !== null) return { type: 'send', thread: best.thread, entry: best.entry }
  return Number.isFinite(soonestMs) ? { type: 'wait', ms: soonestMs } : { type: 'nothing' }
}

interface Candidate {
  readonly thread: Thread
  readonly entry: Entry
  readonly rank: number
}

/** What a thread has to say: its head first, then by rank, replies of one rank in the order they were written. */
const candidatesOf = (thread: Thread): readonly Candidate[] => {
  const head = thread.entries.find((entry) => entry.id === thread.id)
  if (head?.state === 'unsent') return [{ thread, entry: head, rank: head.priority }]
  return thread.entries
    .flatMap((entry) => {
      const rank = rankOf(entry)
      return rank === null ? [] : [{ thread, entry, rank }]
    })
    .toSorted((one, other) => one.rank - other.rank || one.entry.number - other.entry.number)
}

const rankOf = (entry: Entry): number | null => {
  if (entry.state === 'given-up') return null
  if (entry.state === 'unsent') return entry.priority
  if (entry.sentVersion >= entry.version || isFile(entry)) return null
  return entry.isFinal ? FINAL_EDIT : PROGRESS_EDIT
}

const waitOf = (entry: Entry, pace: Pace, nowMs: number): number => {
  if (entry.ts === null) return pace.waitForPost(entry.channel)
  return Math.max(entry.lastEditAtMs + PACE.editGapMs - nowMs, pace.waitForEdit(entry.isFinal))
}
