import type { Risk } from './step.ts'

/** A decision is final; only `pending` may change. `superseded`: a newer plan for the same host took its place. */
export type ApprovalState = 'pending' | 'approved' | 'denied' | 'expired' | 'superseded'

/** One file a change touches, as it was. */
export interface FileState {
  readonly path: string
  /** Null: there was no such file. */
  readonly sha256: string | null
}

/** The host as it was when a change was asked for. What differs when it is about to begin needs a new approval. */
export interface Preconditions {
  /** Null where the host tells none. */
  readonly machineId: string | null
  /** For the record only: a host that booted since is still the host. */
  readonly bootId: string | null
  /** Paths and globs the runbook declares, with its parameters put in. */
  readonly touches: readonly string[]
  /** What they stood for, in path order. */
  readonly files: readonly FileState[]
}

/** Exactly what would be done, and to what. Any difference makes a new plan; approvals do not carry over. */
export interface ChangePlan {
  readonly id: string
  readonly host: string
  readonly runbook: string
  readonly runbookHash: string
  readonly parameters: Readonly<Record<string, string>>
  readonly risk: Risk
  /** Exact text that would run, and what undoes it. */
  readonly steps: readonly { readonly name: string; readonly body: string; readonly undo: string | null }[]
  readonly before: Preconditions
  readonly requestedBy: string
  readonly expiresAtMs: number
}

export interface Approval {
  readonly id: string
  readonly plan: ChangePlan
  /** SHA-256 over the canonical JSON of the plan: what a person saw is what is done. */
  readonly planHash: string
  readonly state: ApprovalState
  /** Opaque: where it was asked, and the message that asks. */
  readonly place: string
  readonly messageId: string
  readonly createdAtMs: number
  readonly decidedBy: string | null
  readonly decidedAtMs: number | null
  /** Its one use: set just before the first changing step, null until then. */
  readonly begunAtMs: number | null
  /** What came of it, in one line; null until it was carried out or closed. */
  readonly result: string | null
}
