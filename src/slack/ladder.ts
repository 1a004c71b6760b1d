import { RUNGS, type Rung } from './draft.ts'
import type { Entry } from './entry.ts'

/** A form that was refused is tried again after this: Slack learns new blocks. */
export const REFUSAL_MEMORY_MS = 3_600_000

/** Rich blocks, portable blocks, text: each message takes the highest rung this Slack accepts. */
export class Ladder {
  readonly #now: () => number
  /** Kinds of messages whose rich form was refused, and when. */
  readonly #refusedAtMs = new Map<string, number>()

  constructor(now: () => number) {
    this.#now = now
  }

  rungOf(entry: Entry): Rung {
    const refusedAtMs = this.#refusedAtMs.get(entry.draft.kind)
    // Only the rich form is a matter of what this Slack knows; a portable form was refused for what it said.
    const isKnown = refusedAtMs !== undefined && this.#now() - refusedAtMs < REFUSAL_MEMORY_MS
    return isKnown && entry.rung === 'rich' ? 'portable' : entry.rung
  }

  /** The next lower rung, from now on that of this message; null when there is none. */
  stepDown(entry: Entry): Rung | null {
    const rung = this.rungOf(entry)
    const isRich = rung === 'rich' && entry.draft.rich !== null
    const next = RUNGS[RUNGS.indexOf(rung === 'rich' && !isRich ? 'portable' : rung) + 1]
    if (next === undefined) return null
    entry.rung = next
    if (isRich) this.#refusedAtMs.set(entry.draft.kind, this.#now())
    return next
  }
}
