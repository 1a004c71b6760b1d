import { RUNGS, type Rung } from './draft.ts'
import type { Entry } from './entry.ts'

/** A form that was refused is tried again after this: Slack learns new blocks. */
export const REFUSAL_MEMORY_MS = 3_600_000

/** Rich blocks, portable blocks, text: each message takes the highest rung this Slack accepts. */
export class Ladder {
  readonly #now: () => number
  /** Kinds of messages whose rich form was refused, and when. */
  readonly #refusedAtMs = new Map<string, number>()

  /** This server refuses arguments that Slack knows: our marks and the switches against links are left out. */
  #isBare = false

  constructor(now: () => number) {
    this.#now = now
  }

  /** How the message is said next. */
  formOf(entry: Entry): { readonly rung: Rung; readonly isBare: boolean } {
    return { rung: this.rungOf(entry), isBare: this.#isBare }
  }

  rungOf(entry: Entry): Rung {
    const refusedAtMs = this.#refusedAtMs.get(entry.draft.kind)
    // Only the rich form is a matter of what this Slack knows; a portable form was refused for what it said.
    const isKnown = refusedAtMs !== undefined && this.#now() - refusedAtMs < REFUSAL_MEMORY_MS
    return isKnown && entry.rung === 'rich' ? 'portable' : entry.rung
  }

  /** The next lower rung, from now on that of this message, or the same one with fewer arguments; null: none is left. */
  stepDown(entry: Entry, reason: string): Rung | null {
    const rung = this.rungOf(entry)
    if (!this.#isBare && (reason.startsWith('invalid_arg_name') || rung === 'text')) {
      this.#isBare = true
      return rung
    }
    const isRich = rung === 'rich' && entry.draft.rich !== null
    const next = RUNGS[RUNGS.indexOf(rung === 'rich' && !isRich ? 'portable' : rung) + 1]
    if (next === undefined) return null
    entry.rung = next
    if (isRich) this.#refusedAtMs.set(entry.draft.kind, this.#now())
    return next
  }
}
