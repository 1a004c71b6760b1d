import type { Evidence } from '../domain/evidence.ts'
import type { Diagnosis } from '../domain/finding.ts'

/** The document of `--json`, schema `medic.diagnosis/1` (docs/diagnosis-schema.md). */
export const diagnosisDocument = (diagnosis: Diagnosis, evidence: readonly Evidence[]): Record<string, unknown> => ({
  schema: 'medic.diagnosis/1',
  findings: diagnosis.findings,
  history: diagnosis.history,
  changes: diagnosis.changes,
  clear: diagnosis.clear,
  skipped: diagnosis.skipped,
  blindSpots: diagnosis.blindSpots,
  evidence: evidence.map((item) => ({
    id: item.id,
    step: item.step,
    subject: item.subject,
    command: item.command,
    outcome: item.result.outcome,
    exitCode: item.result.outcome === 'exited' ? item.result.exitCode : null,
    bytes: item.longText?.byteLength ?? Buffer.byteLength(item.result.stdout),
    droppedBytes: item.result.droppedBytes,
    redactions: item.redactions,
  })),
})

export interface TriageIds {
  readonly host: string
  readonly run: string
  /** Null when nothing was found: no postmortem is written then. */
  readonly incident: string | null
}

/** The same document about a host. */
export const triageDocument = (
  diagnosis: Diagnosis,
  ids: TriageIds,
  evidence: readonly Evidence[],
): Record<string, unknown> => ({ ...diagnosisDocument(diagnosis, evidence), ...ids })

/** 0 nothing wrong, 1 something found, 2 could not look, also when nothing was found but a decisive source was blind. */
export const exitCodeOf = (diagnosis: Diagnosis): 0 | 1 | 2 => {
  if (diagnosis.findings.length > 0) return 1
  return diagnosis.decisiveBlind ? 2 : 0
}
