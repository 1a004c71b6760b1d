import type { Evidence, EvidenceId } from '../domain/evidence.ts'
import type { Diagnosis } from '../domain/finding.ts'
import type { Incident } from '../domain/incident.ts'
import type { Run } from '../domain/run.ts'
import type { HostFacts } from './hostFacts.ts'
import type { MemoryPicture } from './memoryPicture.ts'
import type { TimelineEntry } from './timeline.ts'

/** A span that was measured: down, throttled, short of memory. */
export interface Measure {
  readonly what: string
  readonly fromMs: number
  readonly toMs: number
  readonly basis: string
  readonly evidence: readonly EvidenceId[]
}

/** A change of the host that a person approved. */
export interface ActionTaken {
  /** When it was approved. */
  readonly atMs: number
  readonly what: string
  /** In one line what came of it, null when that is not on record. */
  readonly result: string | null
  /** Names the approval, whose record says who asked and who approved. */
  readonly approval: string
}

/** Everything a draft is made of. The same input gives the same bytes. */
export interface PostmortemInput {
  readonly incident: Incident
  readonly run: Run
  readonly diagnosis: Diagnosis
  readonly evidence: readonly Evidence[]
  /** SHA-256 over the bundle's evidence, null when no bundle was stored. */
  readonly evidenceHash: string | null
  readonly host: HostFacts
  /** What logs, samples and approvals say beside the findings. */
  readonly events: readonly TimelineEntry[]
  readonly measures: readonly Measure[]
  readonly memory: MemoryPicture
  readonly actions: readonly ActionTaken[]
  /** Newest first; null when no history was kept. */
  readonly earlier: readonly Incident[] | null
  readonly generatedAtMs: number
}
