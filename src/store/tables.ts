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
