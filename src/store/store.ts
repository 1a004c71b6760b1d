import type { StoredEvidence } from '../domain/evidence.ts'
import type { Incident } from '../domain/incident.ts'
import type { Run, RunState } from '../domain/run.ts'

/** What is kept. One contract, one suite, two engines. Every method throws StoreError when the store is full or gone. */
export interface Store extends AsyncDisposable {
  createRun(run: Run): Promise<void>
  /** Journalled before anything is said about it; the same step of the same run is kept once. */
  recordEvidence(runId: string, evidence: StoredEvidence): Promise<void>
  finishRun(runId: string, state: RunState, endedAtMs: number, changes?: RunChanges): Promise<void>
  findRun(runId: string): Promise<Run | undefined>
  listRuns(limit: number): Promise<readonly Run[]>
  /** In evidence order. */
  readEvidence(runId: string): Promise<readonly StoredEvidence[]>

  createIncident(incident: Incident): Promise<void>
  findIncident(id: string): Promise<Incident | undefined>
  /** Newest first. */
  listIncidents(filter: IncidentFilter): Promise<readonly Incident[]>

  /** Every version is kept; the newest is returned by findPostmortem. */
  savePostmortem(incidentId: string, markdown: string, savedAtMs: number): Promise<void>
  findPostmortem(incidentId: string): Promise<{ readonly markdown: string; readonly version: number } | undefined>

  /** Append-only and hash-chained. */
  appendAudit(entry: AuditEntry): Promise<void>
  /** Undefined when the chain holds, else the number of the first entry that does not fit. */
  verifyAudit(): Promise<number | undefined>
}

export interface RunChanges {
  readonly bootId?: string | null
  readonly error?: string | null
}

export interface IncidentFilter {
  readonly host?: string
  readonly unit?: string
  readonly limit: number
}

export interface AuditEntry {
  readonly atMs: number
  readonly actor: string
  readonly verb: string
  readonly subject: string
  readonly detail: Readonly<Record<string, string>>
}
