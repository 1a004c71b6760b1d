import type { Evidence, StoredEvidence } from './evidence.ts'

/** The time a run looks at. Events before `fromMs` are history. Both null for a text without a host. */
export interface Window {
  readonly fromMs: number | null
  readonly toMs: number | null
}

export type RunState = 'running' | 'done' | 'interrupted' | 'cancelled' | 'failed'

export interface Run {
  readonly id: string
  readonly runbook: string
  /** Hash of the runbook's text, so that a later reader knows which steps ran. */
  readonly runbookHash: string
  readonly host: string
  readonly parameters: Readonly<Record<string, string>>
  readonly state: RunState
  readonly requestedBy: string
  readonly startedAtMs: number
  readonly endedAtMs: number | null
  readonly window: Window
  /** `/proc/sys/kernel/random/boot_id` of the host; a run is resumed only on the same boot. */
  readonly bootId: string | null
  readonly error: string | null
}

/** A unit or process group worth a closer look in the second phase. */
export interface Suspect {
  /** Full unit name, `queue_worker.service`. */
  readonly unit: string
  /** Control group below the cgroup root, `/system.slice/queue_worker.service`; null when the unit is not running. */
  readonly cgroup: string | null
  readonly reason: string
}

/** What a run tells its front door while it goes on. */
export type RunEvent =
  | {
      readonly type: 'phase'
      readonly title: string
      readonly steps: readonly { step: string; subject: string | null }[]
    }
  | { readonly type: 'step-started'; readonly step: string; readonly subject: string | null }
  | { readonly type: 'evidence'; readonly evidence: Evidence }
  | { readonly type: 'suspects'; readonly suspects: readonly Suspect[] }

/** Everything a diagnosis needs, in one plain object: the same bundle gives the same diagnosis, byte for byte. */
export interface Bundle {
  readonly schema: 'medic.bundle/1'
  readonly run: Run
  readonly medicVersion: string
  readonly evidence: readonly StoredEvidence[]
  /** SHA-256 over the canonical JSON of `evidence` only. */
  readonly evidenceHash: string
}
