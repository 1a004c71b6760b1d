import type { Citation } from './evidence.ts'
import type { Risk } from './step.ts'

/** An argument vector: never a shell line. */
export type Argv = readonly string[]

export interface Setting {
  readonly key: string
  readonly value: string
  /** Where the number comes from, in one sentence with its inputs. */
  readonly because: string
}

/** One harm check and what it found. */
export interface Check {
  readonly check: string
  readonly holds: boolean
  readonly detail: string
  /** Lines that prove the detail, where it rests on other evidence than the finding does. */
  readonly citations?: readonly Citation[]
}

/**
 * A proposed change, or a reasoned refusal to propose one (`files` and `apply` empty, the reason in `because`).
 * `title` starts with a verb; `files` hold the exact bytes that would be written.
 * An `apply` step that names `/dev/stdin` is fed the content of the file whose path is its last word.
 */
export interface Remedy {
  readonly id: string
  readonly title: string
  readonly risk: Risk
  readonly because: string
  readonly files: readonly { readonly path: string; readonly content: string }[]
  readonly apply: readonly Argv[]
  readonly verify: readonly Argv[]
  readonly undo: readonly Argv[]
  readonly settings: readonly Setting[]
  /** Every harm check that was made, with what it found. */
  readonly checks: readonly Check[]
  readonly warnings: readonly string[]
  /** `high` ≥ 24 h of samples and a certain diagnosis; `medium` one report and current counters; `low` otherwise. */
  readonly confidence: 'high' | 'medium' | 'low'
}
