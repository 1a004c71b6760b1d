import type { Risk } from './step.ts'

/** A decision is final; only `pending` may change. `superseded`: a newer plan for the same host took its place. */
export type ApprovalState = 'pending' | 'approved' | 'denied' | 'expired' | 'superseded'

/** Exactly what would be done. Any difference makes a new plan; approvals do not carry over. */
export interface ChangePlan {
  readonly id: string
  readonly host: string
  readonly runbook: string
  readonly runbookHash: string
  readonly parameters: Readonly<Record<string, string>>
  readonly risk: Risk
  /** Exact text that would run, and what undoes it. */
  readonly steps: readonly { readonly name: string; readonly body: string; readonly undo: string | null }[]
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
  /** What came of it, in one line; null until it was carried out. */
  readonly result: string | null
}
