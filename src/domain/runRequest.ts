/** `active` until the run it asked for has ended, by itself or with its process. */
export type RunRequestState = 'active' | 'done' | 'failed' | 'cancelled' | 'interrupted'

/** What a person asked for in a place that is not a terminal: remembered, so that one command stays one run. */
export interface RunRequest {
  readonly id: string
  readonly runbook: string
  readonly host: string
  readonly parameters: Readonly<Record<string, string>>
  /** Opaque id of the person, given by the door. */
  readonly requestedBy: string
  /** Opaque: where the answer goes. */
  readonly place: string
  /** Message the answer hangs on; the door's own id. */
  readonly threadId: string
  /** The message that shows how far the run is, the first one of a thread or a later one in it. */
  readonly headId: string
  readonly state: RunRequestState
  /** The process that does the work, `machine:pid:random`. */
  readonly owner: string
  readonly heartbeatAtMs: number
  readonly createdAtMs: number
  /** How often another process took it over from a dead one; absent for never. */
  readonly takenOver?: number
  readonly endedAtMs: number | null
  readonly runId: string | null
  readonly incidentId: string | null
  /** One line: what came of it. */
  readonly verdict: string | null
  /** The approval it carries out; absent for a run that only reads. */
  readonly approval?: string
}

/** Two requests with the same key ask for the same run. */
export const requestKey = (request: Pick<RunRequest, 'runbook' | 'host'>): string =>
  `${request.runbook}|${request.host}`
