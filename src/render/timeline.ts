import type { EvidenceId } from '../domain/evidence.ts'
import type { Diagnosis } from '../domain/finding.ts'
import { evidenceOf } from './statement.ts'

/** One row of the timeline. `basis`: observed, inferred or reported. */
export interface TimelineEntry {
  readonly atMs: number
  readonly what: string
  readonly basis: 'observed' | 'inferred' | 'reported'
  readonly evidence: readonly EvidenceId[]
}

/** What happened according to the findings that state a time; events before the window say so. */
export const timelineOfFindings = (diagnosis: Diagnosis): readonly TimelineEntry[] => {
  const entries: TimelineEntry[] = []
  for (const [findings, before] of [
    [diagnosis.findings, ''],
    [diagnosis.history, 'Before the window: '],
  ] as const) {
    for (const finding of findings) {
      const atMs = finding.at === null ? Number.NaN : Date.parse(finding.at)
      if (Number.isNaN(atMs)) continue
      const times = finding.count > 1 ? ` (${finding.count} alike)` : ''
      entries.push({
        atMs,
        what: `${before}${finding.summary.replace(/[.\s]+$/, '')}${times}`,
        basis: finding.confidence === 'certain' ? 'observed' : 'inferred',
        evidence: evidenceOf(finding.citations),
      })
    }
  }
  return entries
}
