import type { Kind } from './kind.ts'

/** One bad thing that happened to one host, made of one run's evidence. */
export interface Incident {
  /** `inc-20261112T091502Z-vps-01-queue_worker` */
  readonly id: string
  readonly runId: string
  readonly host: string
  readonly unit: string | null
  readonly kind: Kind
  readonly title: string
  /** When it happened; the run's start when no evidence states a time. */
  readonly occurredAtMs: number
  readonly recordedAtMs: number
}
