import { UsageError } from '../../domain/errors.ts'
import { hasEnded, pendingHost } from '../../domain/fleetRun.ts'
import type { FleetHost, FleetRun } from '../../domain/fleetRun.ts'
import type { Host } from '../../domain/host.ts'
import { joinSignals } from '../../domain/joinedSignal.ts'
import type { JoinedSignal } from '../../domain/joinedSignal.ts'
import type { SiteQueue } from '../../jobs/job.ts'
import type { Runbook } from '../../runbook/runbook.ts'
import type { Store } from '../../store/store.ts'
import { createConnectGate } from './connectGate.ts'
import { FarHosts } from './farHosts.ts'
import { runFleetHost } from './fleetHost.ts'
import type { FleetHostEnd } from './fleetHost.ts'
import { FleetSlots } from './fleetSlots.ts'
import type { Slot } from './fleetSlots.ts'
import { groupedStore } from '../groupedStore.ts'
import { Handover } from './handover.ts'
import { hold } from '../holder.ts'
import type { Hold } from '../holder.ts'
import { Journal } from '../journal.ts'
import type { TriageResult, TriageTools } from '../triage.ts'

export interface FleetTools {
  /** Null when it could not be opened: hosts are looked at all the same, and the end says so. */
  readonly store: Store | null
  readonly triageTools: (host: Host) => Promise<TriageTools>
  readonly now: () => number
  readonly newRunId: (nowMs: number) => string
  /** Workers near the hosts; null or left out, this process looks at every host itself. */
  readonly sites?: SiteQueue | null
}

export interface FleetRequest {
  readonly hosts: readonly Host[]
  readonly runbook: Runbook
  readonly parameters: Readonly<Record<string, string>>
  readonly requestedBy: string
  /** Longest time for one host; null takes what the runbook needs. */
  readonly deadlineMs?: number | null
  /** Hosts at once; left out, the machine decides. */
  readonly concurrency?: number
  /** A run an earlier process left. */
  readonly resume?: { readonly run: FleetRun; readonly hosts: readonly FleetHost[] }
}

export type FleetEvent =
  | { readonly type: 'started'; readonly run: FleetRun; readonly hosts: readonly FleetHost[] }
  | { readonly type: 'host-started'; readonly host: string }
  /** `result` holds all evidence of the host: use it now and let it go. Null when there is none in this process. */
  | { readonly type: 'host-ended'; readonly host: FleetHost; readonly result: TriageResult | null }

export interface FleetEnd {
  readonly run: FleetRun
  readonly hosts: readonly FleetHost[]
  /** Why not everything was stored, null when all was. */
  readonly notStored: string | null
}

/**
 * One runbook on many hosts. Each host is a row from the beginning and has exactly one result at the end; slow, dead and
 * endless ones wait beside the others. Aborting the signal keeps what arrived.
 */
export async function* runFleet(
  tools: FleetTools,
  request: FleetRequest,
  signal: AbortSignal,
): AsyncGenerator<FleetEvent, FleetEnd> {
  const store = tools.store === null ? null : groupedStore(tools.store)
  const journal = new Journal(store)
  const rows: FleetHost[] = [...(request.resume?.hosts ?? request.hosts.map((host) => pendingHost(host.name)))]
  let run: FleetRun = {
    ...(request.resume?.run ?? {
      id: tools.newRunId(tools.now()),
      runbook: request.runbook.id,
      requestedBy: request.requestedBy,
      parameters: request.parameters,
      startedAtMs: tools.now(),
    }),
    state: 'running',
    endedAtMs: null,
  }
  const held = await takeRun(journal, run, tools.now)
  let notStored: string | null = null
  try {
    const begin = run
    if (request.resume === undefined) await journal.write((to) => to.createFleetRun(begin, rows))
    else await journal.write((to) => to.updateFleetRun(begin))
    yield { type: 'started', run, hosts: rows }

    using either = held === null ? joinSignals(signal) : joinSignals(signal, held.signal)
    const stop = either.signal
    const crew = new Crew({ tools, request, run, journal, store, rows, signal: stop })
    yield* crew.work()
    notStored = crew.notStored

    const isStopped = stop.aborted && rows.some((row) => row.state === 'cancelled')
    const state = held?.why === 'lost' ? 'interrupted' : isStopped ? 'cancelled' : 'done'
    run = { ...run, state, endedAtMs: tools.now() }
    if (held?.why !== 'lost') await journal.write((to) => to.updateFleetRun(run))
  } finally {
    await held?.[Symbol.asyncDispose]()
  }
  return { run, hosts: rows, notStored: journal.problem ?? notStored }
}

const takeRun = async (journal: Journal, run: FleetRun, now: () => number): Promise<Hold | null> => {
  let taken: Hold | undefined
  let wasAsked = false
  await journal.write(async (store) => {
    taken = await hold(store, run.id, now)
    wasAsked = true
  })
  if (taken === undefined && wasAsked)
    throw new UsageError(`${run.id}: another process works on it`, {
      hint: `\`medic run show ${run.id}\` says how far`,
    })
  return taken ?? null
}

interface CrewOrders {
  readonly tools: FleetTools
  readonly request: FleetRequest
  readonly run: FleetRun
  readonly journal: Journal
  readonly store: Store | null
  /** Changed in place as hosts end. */
  readonly rows: FleetHost[]
  readonly signal: AbortSignal
}

class Crew {
  /** Why a host's own run was not kept, whatever its row says; the others' are. */
  notStored: string | null = null
  readonly #orders: CrewOrders
  readonly #events = new Handover<FleetEvent>()
  readonly #gate = createConnectGate()
  readonly #gone = new AbortController()
  readonly #joined: JoinedSignal
  readonly #signal: AbortSignal
  readonly #far: FarHosts | null

  constructor(orders: CrewOrders) {
    const { tools, store, run } = orders
    this.#orders = orders
    this.#joined = joinSignals(orders.signal, this.#gone.signal)
    this.#signal = this.#joined.signal
    const sites = tools.sites ?? null
    this.#far = sites === null || store === null ? null : new FarHosts({ store, sites, now: tools.now }, run)
  }

  async *work(): AsyncGenerator<FleetEvent> {
    using slots = new FleetSlots(this.#orders.request.concurrency)
    const working = this.#startAll(slots).finally(() => this.#events.end())
    try {
      yield* this.#events
    } finally {
      // A reader that leaves early wants no more work done.
      this.#gone.abort()
      await working
      this.#joined[Symbol.dispose]()
    }
  }

  async #startAll(slots: FleetSlots): Promise<void> {
    const { rows, request } = this.#orders
    const hosts = new Map(request.hosts.map((host) => [host.name, host]))
    const open = new Set<Promise<void>>()
    for (const [number, row] of rows.entries()) {
      if (hasEnded(row)) continue
      const host = hosts.get(row.host)
      if (host === undefined) {
        await this.#end(number, { ...row, state: 'interrupted', error: 'it is not in the inventory any more' }, null)
        continue
      }
      const slot = await slots.acquire()
      if (this.#signal.aborted) {
        slot.release()
        await this.#end(number, { ...row, state: 'cancelled', error: 'stopped before it began' }, null)
        continue
      }
      const one = this.#runOne(number, row, host, slot).finally(() => {
        open.delete(one)
        slot.release()
      })
      open.add(one)
    }
    await Promise.all(open)
  }

  async #runOne(number: number, prior: FleetHost, host: Host, slot: Slot): Promise<void> {
    await this.#events.put({ type: 'host-started', host: host.name })
    try {
      const { row, result } = await this.#lookAt(number, prior, host, slot)
      await this.#end(number, row, result)
    } catch (error) {
      // No way to the host could even be prepared, such as a recorded run that cannot be read.
      await this.#end(
        number,
        { ...prior, state: 'refused', error: error instanceof Error ? error.message : String(error) },
        null,
      )
    }
  }

  async #lookAt(number: number, prior: FleetHost, host: Host, slot: Slot): Promise<FleetHostEnd> {
    const { tools, request, run, journal, store } = this.#orders
    const deadlineMs = request.deadlineMs ?? null
    const { runbook } = request
    if (host.site !== null && this.#far !== null)
      return this.#far.lookAt({ number, prior, runbook, deadlineMs, site: host.site }, slot.heard, this.#signal)
    const own = await tools.triageTools(host)
    return runFleetHost(
      { ...own, store, connect: this.#gate((to, signal) => own.connect(to, signal, slot.reached)) },
      { host, runbook, parameters: run.parameters, requestedBy: run.requestedBy, prior, deadlineMs },
      { save: (changed) => journal.write((to) => to.saveFleetHost(run.id, number, changed)), heard: slot.heard },
      this.#signal,
    )
  }

  async #end(number: number, row: FleetHost, result: TriageResult | null): Promise<void> {
    const { rows, journal, run } = this.#orders
    rows[number] = row
    this.notStored ??= result?.notStored ?? null
    await journal.write((to) => to.saveFleetHost(run.id, number, row))
    await this.#events.put({ type: 'host-ended', host: row, result })
  }
}
