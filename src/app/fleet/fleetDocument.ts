import type { FleetHost, FleetHostState, FleetRun, FleetRunState, Holder } from '../../domain/fleetRun.ts'
import type { Run } from '../../domain/run.ts'
import { isAlive } from '../holder.ts'

/** Hosts without a whole look, in the words of the summary. */
export const isUnseen = (host: FleetHost): boolean => host.state !== 'done' || host.isBlind

/** 2 when a host could not be seen, since then the answer is not whole; else 1 when something was found, else 0. */
export const fleetExitCode = (hosts: readonly FleetHost[]): 0 | 1 | 2 => {
  if (hosts.some(isUnseen)) return 2
  return hosts.some((host) => (host.findings ?? 0) > 0) ? 1 : 0
}

/** A run that says it runs while nobody works on it was interrupted, whatever its row says. */
export const stateNow = (run: FleetRun, holder: Holder | undefined, nowMs: number): FleetRunState =>
  run.state === 'running' && (holder === undefined || !isAlive(holder, nowMs)) ? 'interrupted' : run.state

/** The rows as they are to be read in that state. */
export const hostsNow = (hosts: readonly FleetHost[], state: FleetRunState): readonly FleetHost[] =>
  state === 'running'
    ? hosts
    : hosts.map((host) =>
        host.state === 'running' ? { ...host, state: 'interrupted', error: 'Medic ended in the middle' } : host,
      )

/** A run of one host in the same form. */
export const fleetOfRun = (run: Run, isHeld: boolean): { run: FleetRun; hosts: readonly FleetHost[] } => {
  const state = run.state === 'running' && !isHeld ? 'interrupted' : run.state
  return {
    run: {
      id: run.id,
      runbook: run.runbook,
      state: state === 'failed' ? 'done' : state,
      requestedBy: run.requestedBy,
      parameters: run.parameters,
      startedAtMs: run.startedAtMs,
      endedAtMs: run.endedAtMs,
    },
    hosts: [
      {
        host: run.host,
        state: HOST_STATES[state],
        runId: run.id,
        incident: null,
        findings: null,
        verdict: null,
        isBlind: false,
        stepsDone: 0,
        stepsTotal: 0,
        error: run.error,
      },
    ],
  }
}

const HOST_STATES: Readonly<Record<Run['state'], FleetHostState>> = {
  running: 'running',
  done: 'done',
  interrupted: 'interrupted',
  cancelled: 'cancelled',
  failed: 'unreachable',
}

/** The document `medic.run/1`, without the schema's name. */
export const runBody = (run: FleetRun, state: FleetRunState, hosts: readonly FleetHost[]): Record<string, unknown> => ({
  id: run.id,
  runbook: run.runbook,
  state,
  startedAt: new Date(run.startedAtMs).toISOString(),
  endedAt: run.endedAtMs === null ? null : new Date(run.endedAtMs).toISOString(),
  hosts: hosts.map((host) => ({
    host: host.host,
    state: host.state,
    run: host.runId,
    incident: host.incident,
    findings: host.findings,
    stepsDone: host.stepsDone,
    stepsTotal: host.stepsTotal,
    error: host.error,
  })),
})

/** One line of NDJSON for a host without a look, in the form of the others. */
export const unseenDocument = (host: FleetHost): Record<string, unknown> => ({
  schema: 'medic.diagnosis/1',
  findings: [],
  history: [],
  clear: [],
  skipped: [],
  blindSpots: [host.error ?? host.state],
  host: host.host,
  run: host.runId,
  incident: host.incident,
  evidence: [],
})
