import { setTimeout } from 'node:timers/promises'
import { hasEnded } from '../../domain/fleetRun.ts'
import type { FleetHost, FleetRun } from '../../domain/fleetRun.ts'
import type { SiteQueue } from '../../jobs/job.ts'
import type { Runbook } from '../../runbook/runbook.ts'
import type { Store } from '../../store/store.ts'
import { analyseStored } from '../analyse.ts'
import { BESIDE_THE_RUNBOOK_MS } from './fleetHost.ts'
import type { FleetHostEnd } from './fleetHost.ts'
import { hold, isAlive } from '../holder.ts'

/** One question for all hosts of a run; our choice. */
const LOOK_MS = 1_000
/** A dead worker is noticed within a minute (security-reliability.md section 9); twice that without any is an answer. */
const PATIENCE_MS = 120_000
/** An order that got lost with a queue is given again; the same one twice is one. Our choice. */
const OFFER_AGAIN_MS = 30_000
/** Workers see a cancelled run within seconds, and stopped steps have their last words; as in fleetHost.ts and holder.ts. */
const CANCEL_WAIT_MS = 12_000

export interface FarTools {
  readonly store: Store
  readonly sites: SiteQueue
  readonly now: () => number
  /** For tests. */
  readonly patienceMs?: number
}

export interface FarOrder {
  readonly site: string
  readonly number: number
  /** The row an earlier process left, or a new one. */
  readonly prior: FleetHost
  readonly runbook: Runbook
  readonly deadlineMs: number | null
}

/** Who may write a host's row of a fleet run: the worker that looks, or whoever gives the host up. */
export const rowKey = (fleetId: string, number: number): string => `${fleetId}/${number}`

const longestOf = ({ deadlineMs, runbook }: FarOrder): number => deadlineMs ?? runbook.timeoutMs + BESIDE_THE_RUNBOOK_MS

const stuck = (row: FleetHost): FleetHostEnd => ({
  row: { ...row, state: 'timed-out', error: 'its worker lives and does not go on' },
  result: null,
})

/** Hosts of one fleet run that workers at their sites look at. What becomes of each is read from the store. */
export class FarHosts {
  readonly #tools: FarTools
  readonly #run: FleetRun
  #rows: Promise<readonly FleetHost[]> | null = null
  #isCancelled: Promise<unknown> | null = null

  constructor(tools: FarTools, run: FleetRun) {
    this.#tools = tools
    this.#run = run
  }

  /** Waits until the host's row has ended, or nobody has worked on it for too long. */
  async lookAt(order: FarOrder, heard: () => void, signal: AbortSignal): Promise<FleetHostEnd> {
    const { store, now, patienceMs = PATIENCE_MS } = this.#tools
    const { number, prior } = order
    // A row that an earlier process ended early is open again; one that somebody works on is not touched.
    const kept = await store.findFleetHost(this.#run.id, number)
    if (kept?.state === 'interrupted' || kept?.state === 'cancelled')
      await store.saveFleetHost(this.#run.id, number, prior)
    await this.#offer(order)
    let offeredAtMs = now()
    let movedAtMs = now()
    let askedAtMs = 0
    let last = ''
    for (;;) {
      await setTimeout(LOOK_MS, undefined, { signal }).catch(() => {})
      if (signal.aborted) return this.#cancel(order)
      // A database that is away for a while changes nothing about who works where; the next look asks again.
      const row = (await this.#look().catch(() => []))[number]
      if (row !== undefined && hasEnded(row)) return this.#endOf(row)
      const seen = JSON.stringify(row ?? null)
      if (row !== undefined && seen !== last) {
        last = seen
        movedAtMs = now()
        if (row.state === 'running') heard()
      }
      const stillMs = now() - movedAtMs
      if (stillMs > patienceMs && now() - askedAtMs > patienceMs / 4) {
        askedAtMs = now()
        const end = await this.#giveUp(order)
        if (end !== null) return end
        // A worker that lives and says nothing for longer than the host may take is stuck itself.
        if (stillMs > patienceMs + longestOf(order)) return stuck(row ?? prior)
      } else if (now() - offeredAtMs > OFFER_AGAIN_MS) {
        offeredAtMs = now()
        await this.#offer(order).catch(() => {})
      }
    }
  }

  #offer({ site, number, deadlineMs }: FarOrder): Promise<void> {
    return this.#tools.sites.offer(site, { fleetId: this.#run.id, number, deadlineMs })
  }

  /** Hosts that wait share one question a second. */
  #look(): Promise<readonly FleetHost[]> {
    this.#rows ??= this.#tools.store.listFleetHosts(this.#run.id).finally(() => {
      this.#rows = null
    })
    return this.#rows
  }

  /** Null while a living worker holds the row. */
  async #giveUp(order: FarOrder): Promise<FleetHostEnd | null> {
    const { store, now, patienceMs = PATIENCE_MS } = this.#tools
    const { number, site, prior } = order
    const key = rowKey(this.#run.id, number)
    try {
      const holder = await store.findHolder(key)
      if (holder !== undefined && isAlive(holder, now())) return null
      await using held = await hold(store, key, now)
      if (held === undefined) return null
      const row = await store.findFleetHost(this.#run.id, number)
      if (row !== undefined && hasEnded(row)) return this.#endOf(row)
      const seconds = Math.round(patienceMs / 1000)
      const error = `no worker of the site "${site}" looked at it within ${seconds} s: run \`medic worker --site ${site}\` there`
      const ended: FleetHost = { ...(row ?? prior), state: 'unreachable', error }
      await store.saveFleetHost(this.#run.id, number, ended)
      await this.#withdraw(order)
      return { row: ended, result: null }
    } catch {
      return null
    }
  }

  async #withdraw({ site, number, deadlineMs }: FarOrder): Promise<void> {
    await this.#tools.sites.withdraw(site, { fleetId: this.#run.id, number, deadlineMs }).catch(() => {})
  }

  /** Asks the workers to stop, and waits for what they had. */
  async #cancel(order: FarOrder): Promise<FleetHostEnd> {
    const { store } = this.#tools
    this.#isCancelled ??= store.askToCancel(this.#run.id).catch(() => {})
    await this.#isCancelled
    await this.#withdraw(order)
    const deadline = performance.now() + CANCEL_WAIT_MS
    let row: FleetHost = order.prior
    for (;;) {
      row = (await this.#look().catch(() => []))[order.number] ?? row
      if (hasEnded(row)) return this.#endOf(row)
      if (row.state !== 'running' || performance.now() > deadline) break
      await setTimeout(LOOK_MS / 4)
    }
    return { row: { ...row, state: 'cancelled', error: 'stopped before it ended' }, result: null }
  }

  /** The worker kept the evidence; what it says is read here, as any stored incident is. */
  async #endOf(row: FleetHost): Promise<FleetHostEnd> {
    const { store } = this.#tools
    if (row.state !== 'done' || row.runId === null) return { row, result: null }
    try {
      const run = await store.findRun(row.runId)
      if (run === undefined) return { row, result: null }
      const [evidence, incident, page] = await Promise.all([
        store.readEvidence(run.id),
        row.incident === null ? undefined : store.findIncident(row.incident),
        row.incident === null ? undefined : store.findPostmortem(row.incident),
      ])
      const analysis = analyseStored(evidence, run.window)
      return {
        row,
        result: { run, analysis, incident: incident ?? null, postmortem: page?.markdown ?? null, notStored: null },
      }
    } catch {
      return { row, result: null }
    }
  }
}
