/** Rows as both engines keep them: text, whole numbers and bytes, no booleans and no dates. Times are ms since 1970. */
export interface Tables {
  readonly migrations: { readonly id: string; readonly applied_at_ms: number }
  readonly runs: RunRow
  readonly evidence: EvidenceRow
  readonly incidents: IncidentRow
  readonly postmortems: PostmortemRow
  readonly audit: AuditRow
  readonly deliveries: DeliveryRow
  readonly run_requests: RunRequestRow
  readonly outgoing: OutgoingRow
  readonly approvals: ApprovalRow
  readonly fleet_runs: FleetRunRow
  readonly fleet_hosts: FleetHostRow
  readonly holders: HolderRow
  readonly machines: MachineRow
  readonly snapshots: SnapshotRow
  readonly samples: SampleRow
  readonly digests: DigestRow
  readonly job_days: JobDayRow
  readonly publications: PublicationRow
  readonly page_statuses: PageStatusRow
}

export interface RunRow {
  readonly id: string
  readonly host: string
  readonly runbook: string
  readonly state: string
  readonly started_at_ms: number
  readonly ended_at_ms: number | null
  /** The whole run as JSON; the columns beside it are for finding. */
  readonly body: string
}

export interface EvidenceRow {
  readonly run_id: string
  readonly number: number
  /** The evidence as JSON, compressed with zstd. */
  readonly body: Uint8Array
}

export interface IncidentRow {
  readonly id: string
  readonly run_id: string
  readonly host: string
  readonly unit: string | null
  readonly occurred_at_ms: number
  readonly body: string
}

export interface PostmortemRow {
  readonly incident_id: string
  readonly version: number
  readonly saved_at_ms: number
  readonly markdown: string
}

export interface AuditRow {
  readonly number: number
  readonly body: string
  /** SHA-256 over the previous entry's hash and this body. */
  readonly hash: string
}

export interface DeliveryRow {
  readonly key: string
  readonly at_ms: number
}

export interface RunRequestRow {
  readonly id: string
  /** Unique while the request is active, null afterwards: two processes cannot start the same run. */
  readonly active_key: string | null
  readonly host: string
  readonly state: string
  readonly created_at_ms: number
  readonly body: string
}

export interface OutgoingRow {
  readonly id: string
  readonly thread_id: string
  readonly number: number
  readonly state: string
  /** Where the service says it stands, null until it is sent. */
  readonly sent_as: string | null
  readonly created_at_ms: number
  readonly body: string
}

export interface ApprovalRow {
  readonly id: string
  /** Unique while pending, null afterwards: one pending change per host. */
  readonly pending_key: string | null
  readonly state: string
  readonly created_at_ms: number
  readonly body: string
}

export interface FleetRunRow {
  readonly id: string
  readonly state: string
  readonly started_at_ms: number
  readonly body: string
}

export interface FleetHostRow {
  readonly fleet_id: string
  /** Order of the inventory. */
  readonly number: number
  readonly host: string
  readonly state: string
  readonly run_id: string | null
  readonly body: string
}

export interface HolderRow {
  /** What is held: a run, a fleet run, a job's day. */
  readonly key: string
  readonly holder: string
  readonly heartbeat_at_ms: number
  readonly is_cancelled: number
}

export interface MachineRow {
  readonly key: string
  readonly host: string
  readonly last_seen_ms: number
  readonly body: string
}

export interface SnapshotRow {
  readonly machine: string
  readonly check_id: string
  readonly object: string
  readonly body: string
}

export interface SampleRow {
  readonly machine: string
  readonly at_ms: number
  /** The sample as JSON, compressed with zstd. */
  readonly body: Uint8Array
}

export interface DigestRow {
  readonly id: string
  readonly name: string
  readonly at_ms: number
  readonly body: string
}

export interface JobDayRow {
  readonly job: string
  /** `2026-11-12` in the zone of the job; `first` marks when the job was first known. */
  readonly local_date: string
  readonly state: string
  readonly at_ms: number
  readonly detail: string
}

export interface PublicationRow {
  readonly incident_id: string
  readonly target: string
  readonly body: string
}

export interface PageStatusRow {
  readonly incident_id: string
  readonly status: string
  readonly body: string
}
