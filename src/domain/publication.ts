/** Where the page of an incident was last seen, so that its index and its status can follow it. */
export interface PublicationRecord {
  readonly incidentId: string
  /** A target's name in medic.yaml. */
  readonly target: string
  readonly page: string
  readonly address: string | null
  /** Sum of the measured spans, null when none was measured. */
  readonly downtimeMs: number | null
  readonly publishedAtMs: number
}
