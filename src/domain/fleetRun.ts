import type { UnreachableReason } from './errors.ts'

/** What became of one host of a fleet run. The last six are ends without a whole look. */
export type FleetHostState =
  | 'pending'
  | 'running'
  | 'done'
  | 'unreachable'
  | 'refused'
  | 'key-changed'
  | 'timed-out'
  | 'interrupted'
  | 'cancelled'

export type FleetRunState = 'running' | 'done' | 'interrupted' | 'cancelled'

/** One host's row in the journal of a fleet run: exactly one, from the beginning. */
export interface FleetHost {
  readonly host: string
  readonly state: FleetHostState
  /** The run of this host, null before it began. */
  readonly runId: string | null
  readonly incident: string | null
  /** Null while unknown. */
  readonly findings: number | null
  /** The first finding in a few words, for the line of a list. */
  readonly verdict: string | null
  /** Nothing was found, and a decisive source was blind. */
  readonly isBlind: boolean
  readonly stepsDone: number
  readonly stepsTotal: number
  readonly error: string | null
}

/** Many hosts, one runbook: a journalled state machine that a later process can take up again. */
export interface FleetRun {
  readonly id: string
  readonly runbook: string
  readonly state: FleetRunState
  readonly requestedBy: string
  readonly parameters: Readonly<Record<string, string>>
  readonly startedAtMs: number
  readonly endedAtMs: number | null
}

/** Who works on something now. The process is alive, or its heartbeat is fresh, or what it held may be taken over. */
export interface Holder {
  /** Name of the machine. */
  readonly machine: string
  readonly pid: number
  /** Tells two processes of the same number apart, null where the system does not say. */
  readonly startedAtText: string | null
  readonly heartbeatAtMs: number
  /** Somebody asked for an early end. */
  readonly isCancelled: boolean
}

export const pendingHost = (host: string): FleetHost => ({
  host,
  state: 'pending',
  runId: null,
  incident: null,
  findings: null,
  verdict: null,
  isBlind: false,
  stepsDone: 0,
  stepsTotal: 0,
  error: null,
})

/** A host that needs no more work in this run. */
export const hasEnded = (host: FleetHost): boolean => host.state !== 'pending' && host.state !== 'running'

/** A login that fails and a key nobody has seen are refusals by one side or the other; the error says which. */
export const stateOfReason = (reason: UnreachableReason): FleetHostState =>
  reason === 'key-unknown' || reason === 'login-failed' ? 'refused' : reason
