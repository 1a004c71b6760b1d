import type { Approval, ApprovalState } from '../domain/approval.ts'
import type { StoredEvidence } from '../domain/evidence.ts'
import type { FleetHost, FleetRun, Holder } from '../domain/fleetRun.ts'
import type { Incident } from '../domain/incident.ts'
import type { PageStatus, PageStatusRecord } from '../domain/pageStatus.ts'
import type { PublicationRecord } from '../domain/publication.ts'
import type { Run, RunState } from '../domain/run.ts'
import type { RunRequest, RunRequestState } from '../domain/runRequest.ts'
import type { Machine, Sample, Snapshot } from '../domain/snapshot.ts'

/** What is kept. One contract, one suite, two engines. Every method throws StoreError when the store is full or gone. */
export interface Store extends ChatStore, FleetStore, PageStore, AsyncDisposable {
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

/** What a chat door must remember, so that nothing is done or said twice, and nothing is lost. */
export interface ChatStore {
  /** True the first time a key is seen, false for every repetition. */
  claimDelivery(key: string, atMs: number): Promise<boolean>
  forgetDeliveries(beforeMs: number): Promise<void>

  /** Undefined when the request was opened, else the active one that asks for the same run. */
  openRequest(request: RunRequest): Promise<RunRequest | undefined>
  /** Changes an active request; false when it has ended already. */
  updateRequest(id: string, changes: RequestChanges): Promise<boolean>
  /** Gives an active request of a dead owner to another, who counts it; false when somebody else was quicker. */
  takeRequest(id: string, from: string, owner: string, atMs: number): Promise<boolean>
  findRequest(id: string): Promise<RunRequest | undefined>
  /** Newest first. */
  listRequests(filter: RequestFilter): Promise<readonly RunRequest[]>

  /** Adds a message, or replaces what it should say and where it stands. */
  saveOutgoing(message: OutgoingMessage): Promise<void>
  /** Replaces the body of a message that waits, if it is still exactly `from`; false when somebody else was quicker. */
  takeOutgoing(id: string, from: string, body: string): Promise<boolean>
  findOutgoing(id: string): Promise<OutgoingMessage | undefined>
  /** Messages that are not yet as they should be, oldest first. */
  listUnsent(limit: number): Promise<readonly OutgoingMessage[]>
  forgetOutgoing(beforeMs: number): Promise<void>

  /** A pending approval for the same host is superseded; its id is returned. */
  createApproval(approval: Approval): Promise<string | undefined>
  /** One conditional update: false when the approval is not exactly so any more. */
  changeApproval(id: string, from: ApprovalFrom, changes: ApprovalChanges): Promise<boolean>
  findApproval(id: string): Promise<Approval | undefined>
  /** Newest first. */
  listApprovals(filter: { readonly state?: ApprovalState; readonly limit: number }): Promise<readonly Approval[]>
}

export type RequestChanges = Partial<
  Pick<RunRequest, 'state' | 'heartbeatAtMs' | 'endedAtMs' | 'runId' | 'incidentId' | 'verdict'>
>

export interface RequestFilter {
  readonly state?: RunRequestState
  readonly host?: string
  readonly limit: number
}

/** What must still be so for a change of an approval to take place. */
export type ApprovalFrom = Pick<Approval, 'state'> & Partial<Pick<Approval, 'begunAtMs' | 'result'>>

export type ApprovalChanges = Partial<Pick<Approval, 'state' | 'decidedBy' | 'decidedAtMs' | 'begunAtMs' | 'result'>>

export interface OutgoingMessage {
  readonly id: string
  /** Id of the first message of the thread; a message of that id starts it. */
  readonly threadId: string
  /** Order within the thread. */
  readonly number: number
  readonly state: 'unsent' | 'sent' | 'given-up'
  /** The service's own name of it, null until it is sent. */
  readonly sentAs: string | null
  readonly createdAtMs: number
  /** What it says, in the door's own form. */
  readonly body: string
}

/** What fleet runs, digests and schedules must remember. */
export interface FleetStore {
  /** Many pieces in one transaction: a fleet's evidence would else wait for one disk flush each. */
  recordAllEvidence(items: readonly { readonly runId: string; readonly evidence: StoredEvidence }[]): Promise<void>

  /** The run and a row for each host, at once. */
  createFleetRun(run: FleetRun, hosts: readonly FleetHost[]): Promise<void>
  updateFleetRun(run: FleetRun): Promise<void>
  saveFleetHost(fleetId: string, number: number, host: FleetHost): Promise<void>
  findFleetRun(id: string): Promise<FleetRun | undefined>
  findFleetHost(fleetId: string, number: number): Promise<FleetHost | undefined>
  /** In the order the run was given. */
  listFleetHosts(fleetId: string): Promise<readonly FleetHost[]>
  /** Newest first. */
  listFleetRuns(limit: number): Promise<readonly FleetRun[]>
  /** Runs of one host that belong to no fleet run, newest first. */
  listSingleRuns(limit: number): Promise<readonly Run[]>

  /** Takes something that nobody holds, or exactly `expected` holds; false when somebody else was quicker. */
  takeHold(key: string, holder: Holder, expected: Holder | null): Promise<boolean>
  /** Renews the heartbeat and returns the row as it is now, undefined when it is lost. */
  renewHold(key: string, holder: Holder, nowMs: number): Promise<Holder | undefined>
  findHolder(key: string): Promise<Holder | undefined>
  /** Everything held whose key begins so, by key. */
  listHolders(prefix: string): Promise<readonly { readonly key: string; readonly holder: Holder }[]>
  askToCancel(key: string): Promise<boolean>
  releaseHold(key: string, holder: Holder): Promise<void>

  saveMachine(machine: Machine): Promise<void>
  /** The newest machine that answered under this name. */
  findMachine(host: string): Promise<Machine | undefined>
  /** Replaces every snapshot of a machine. */
  saveSnapshots(machineKey: string, snapshots: readonly Snapshot[]): Promise<void>
  readSnapshots(machineKey: string): Promise<readonly Snapshot[]>
  addSample(machineKey: string, sample: Sample): Promise<void>
  /** Oldest first. */
  readSamples(machineKey: string, fromMs: number): Promise<readonly Sample[]>
  forgetSamples(beforeMs: number): Promise<void>

  saveDigest(record: DigestRecord): Promise<void>
  findLastDigest(name: string): Promise<DigestRecord | undefined>
  forgetDigests(beforeMs: number): Promise<void>

  /** True for the one that claims this job's day first. */
  claimJobDay(day: JobDay): Promise<boolean>
  saveJobDay(day: JobDay): Promise<void>
  findJobDay(job: string, localDate: string): Promise<JobDay | undefined>
  /** Newest first. */
  listJobDays(job: string, limit: number): Promise<readonly JobDay[]>
}

export interface DigestRecord {
  readonly id: string
  readonly name: string
  readonly atMs: number
  /** The digest as JSON. */
  readonly body: string
}

/** One row per job and local date: a night is never done twice. */
export interface JobDay {
  readonly job: string
  /** `2026-11-12` in the zone of the job; `first` marks when the job was first known. */
  readonly localDate: string
  readonly state: 'known' | 'running' | 'done' | 'failed' | 'missed'
  readonly atMs: number
  readonly detail: string
}

/** Where pages are published, and how far people have brought them. */
export interface PageStore {
  /** One record for an incident and a target; the newest stands. */
  savePublication(record: PublicationRecord): Promise<void>
  /** By incident, newest first. */
  listPublications(filter: {
    readonly incidentId?: string
    readonly target?: string
  }): Promise<readonly PublicationRecord[]>
  /** Undefined for a page that nobody moved past draft. */
  findPageStatus(incidentId: string): Promise<PageStatusRecord | undefined>
  /** One conditional update: false when the page does not have that status any more. */
  changePageStatus(from: PageStatus, record: PageStatusRecord): Promise<boolean>
}
