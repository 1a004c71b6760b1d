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

/** An upgrade of a whole system would push everything else off the page. */
const MOST_CHANGES = 12

/** What happened according to the findings that state a time; events before the window say so. Changes of the host stand between them. */
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
  for (const change of (diagnosis.changes ?? []).slice(0, MOST_CHANGES)) {
    if (change.at === null) continue
    entries.push({
      atMs: Date.parse(change.at),
      what: change.what,
      basis: 'observed',
      evidence: [change.citation.evidence],
    })
  }
  return entries
}
