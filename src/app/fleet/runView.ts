import { UsageError } from '../../domain/errors.ts'
import type { FleetHost, FleetRun, FleetRunState } from '../../domain/fleetRun.ts'
import type { Run } from '../../domain/run.ts'
import type { Store } from '../../store/store.ts'
import { analyseStored } from '../analyse.ts'
import { fleetOfRun, hostsNow, stateNow } from './fleetDocument.ts'
import { isAlive } from '../holder.ts'
import { incidentOf } from '../incidentOf.ts'

/** A chat door's run has no holder of its own; this long after its start nothing works on it any more. */
const LONGEST_SINGLE_RUN_MS = 10 * 60_000

export interface RunView {
  readonly run: FleetRun
  readonly state: FleetRunState
  readonly hosts: readonly FleetHost[]
  /** False for a run of one host that belongs to no fleet run. */
  readonly isFleet: boolean
}

/** One run with its hosts, of many hosts or of one. Throws UsageError. */
export const viewRun = async (store: Store, id: string, nowMs: number): Promise<RunView> => {
  const run = await store.findFleetRun(id)
  if (run !== undefined) return fleetView(store, run, nowMs)
  const single = await store.findRun(id)
  if (single === undefined)
    throw new UsageError(`there is no run "${printable(id)}"`, { hint: '`medic run list` lists them' })
  return singleView(store, single, nowMs, true)
}

/** Newest first. */
export const listRunViews = async (store: Store, limit: number, nowMs: number): Promise<readonly RunView[]> => {
  const [fleets, singles] = await Promise.all([store.listFleetRuns(limit), store.listSingleRuns(limit)])
  const all = [
    ...fleets.map((run) => ({ startedAtMs: run.startedAtMs, id: run.id, view: () => fleetView(store, run, nowMs) })),
    ...singles.map((run) => ({
      startedAtMs: run.startedAtMs,
      id: run.id,
      view: () => singleView(store, run, nowMs, false),
    })),
  ]
  const newest = all
    .toSorted((one, other) => other.startedAtMs - one.startedAtMs || (one.id < other.id ? 1 : -1))
    .slice(0, limit)
  return Promise.all(newest.map(async ({ view }) => view()))
}

const fleetView = async (store: Store, run: FleetRun, nowMs: number): Promise<RunView> => {
  const state = stateNow(run, await store.findHolder(run.id), nowMs)
  return { run, state, hosts: hostsNow(await store.listFleetHosts(run.id), state), isFleet: true }
}

/** What was found is read anew from the evidence; `isWhole` is false for lists, where it would cost too much. */
const singleView = async (store: Store, run: Run, nowMs: number, isWhole: boolean): Promise<RunView> => {
  const holder = await store.findHolder(run.id)
  const isHeld = holder === undefined ? nowMs - run.startedAtMs < LONGEST_SINGLE_RUN_MS : isAlive(holder, nowMs)
  const view = fleetOfRun(run, isHeld)
  const [host] = view.hosts
  if (!isWhole || host === undefined || run.state === 'failed')
    return { ...view, state: view.run.state, isFleet: false }
  const stored = await store.readEvidence(run.id)
  const { diagnosis } = analyseStored(stored, run.window)
  const incident = run.state === 'done' ? incidentOf(run, diagnosis) : null
  const steps = new Set(stored.map((item) => JSON.stringify([item.step, item.subject]))).size
  const whole: FleetHost = {
    ...host,
    incident: incident?.id ?? null,
    verdict: incident?.title ?? null,
    findings: diagnosis.findings.length,
    isBlind: diagnosis.findings.length === 0 && diagnosis.decisiveBlind,
    stepsDone: steps,
    stepsTotal: steps,
  }
  return { run: view.run, state: view.run.state, hosts: [whole], isFleet: false }
}

export type CancelAnswer = 'asked' | 'cancelled' | 'ended'

/** Asks the process that works on a run to stop; a run nobody works on is marked at once. */
export const cancelRun = async (store: Store, view: RunView, nowMs: number): Promise<CancelAnswer> => {
  const { run, state } = view
  if (state === 'running' && (await store.askToCancel(run.id))) return 'asked'
  if (state !== 'interrupted' && state !== 'running') return 'ended'
  if (view.isFleet) {
    for (const [number, host] of view.hosts.entries()) {
      if (host.state !== 'pending' && host.state !== 'interrupted' && host.state !== 'running') continue
      await store.saveFleetHost(run.id, number, { ...host, state: 'cancelled', error: 'cancelled after Medic ended' })
    }
    await store.updateFleetRun({ ...run, state: 'cancelled', endedAtMs: nowMs })
  } else await store.finishRun(run.id, 'cancelled', nowMs, { error: 'cancelled after Medic ended' })
  return 'cancelled'
}

/** The rows a resumed run begins with: results stay, everything else is open again. */
export const openRows = (hosts: readonly FleetHost[]): readonly FleetHost[] =>
  hosts.map((host) =>
    host.state === 'interrupted' || host.state === 'cancelled' || host.state === 'running'
      ? { ...host, state: 'pending', error: null }
      : host,
  )

const printable = (text: string): string => text.replaceAll(/[\p{C}\p{Z}]/gu, ' ').slice(0, 80)
