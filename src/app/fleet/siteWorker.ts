import { ExpectedError, UsageError } from '../../domain/errors.ts'
import { hasEnded } from '../../domain/fleetRun.ts'
import type { FleetHost, FleetRun } from '../../domain/fleetRun.ts'
import { joinSignals } from '../../domain/joinedSignal.ts'
import type { SiteOrder } from '../../jobs/job.ts'
import { findRunbook } from '../../runbook/library.ts'
import type { Library } from '../../runbook/library.ts'
import type { Store } from '../../store/store.ts'
import { createConnectGate } from './connectGate.ts'
import { rowKey } from './farHosts.ts'
import { runFleetHost } from './fleetHost.ts'
import { hold } from '../holder.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { TriageTools } from '../triage.ts'

/** How soon a cancelled run is noticed; our choice. */
const CANCEL_LOOK_MS = 2_000

export interface SiteWorkerTools {
  readonly store: Store
  readonly triageTools: (host: ReturnType<Inventory['find']>) => Promise<TriageTools>
  readonly inventory: Inventory
  readonly library: Library
  readonly now: () => number
  /** One line for the log. */
  readonly report: (line: string) => void
}

/** Somebody else works on it, or took it over: the queue gives it again, and its row says by then what became of it. */
export class OrderNotDone extends ExpectedError {}

/** Looks at one host of a fleet run, exactly once among all workers. Throws OrderNotDone when it could not be ended here. */
export const createSiteWorker = (
  tools: SiteWorkerTools,
): ((order: SiteOrder, signal: AbortSignal) => Promise<void>) => {
  const gate = createConnectGate()
  return async (order, signal) => {
    const { store, now, report } = tools
    const { fleetId, number } = order
    const run = await store.findFleetRun(fleetId)
    if (run === undefined || run.state !== 'running') return
    await using held = await hold(store, rowKey(fleetId, number), now)
    if (held === undefined) throw new OrderNotDone(`${fleetId}: another worker holds host ${number}`)
    const row = await store.findFleetHost(fleetId, number)
    if (row === undefined || hasEnded(row)) return
    using cancelled = watchForCancel(store, fleetId)
    using away = joinSignals(signal, held.signal)
    using stop = joinSignals(away.signal, cancelled.signal)
    const isOurs = (): boolean => !away.signal.aborted
    const save = async (changed: FleetHost): Promise<void> => {
      // Who lost the row, or is stopping, leaves it as it is for the next worker.
      if (isOurs()) await store.saveFleetHost(fleetId, number, changed)
    }
    const end = await look({ tools, gate, run, row, order }, save, stop.signal)
    if (!isOurs()) throw new OrderNotDone(`${fleetId}: ${row.host} was not ended here`)
    await store.saveFleetHost(fleetId, number, end)
    report(`${fleetId}: ${end.host}: ${end.state}${end.error === null ? '' : `: ${end.error}`}`)
  }
}

interface LookOrders {
  readonly tools: SiteWorkerTools
  readonly gate: ReturnType<typeof createConnectGate>
  readonly run: FleetRun
  readonly row: FleetHost
  readonly order: SiteOrder
}

const look = async (
  { tools, gate, run, row, order }: LookOrders,
  save: (row: FleetHost) => Promise<void>,
  signal: AbortSignal,
): Promise<FleetHost> => {
  try {
    const host = tools.inventory.find(row.host)
    const runbook = findRunbook(tools.library, run.runbook)
    const own = await tools.triageTools(host)
    const { row: ended, result } = await runFleetHost(
      { ...own, store: tools.store, connect: gate(own.connect) },
      {
        host,
        runbook,
        parameters: run.parameters,
        requestedBy: run.requestedBy,
        prior: row,
        deadlineMs: order.deadlineMs,
      },
      { save, heard: () => {} },
      signal,
    )
    // Whoever asked reads the evidence from the store: a look that is not there is no result.
    if ((result?.notStored ?? null) !== null)
      throw new OrderNotDone(`${run.id}: ${row.host} was not stored: ${result?.notStored ?? ''}`)
    return ended
  } catch (error) {
    if (error instanceof OrderNotDone || !(error instanceof ExpectedError)) throw error
    const where = error instanceof UsageError ? "by the worker's own settings: " : ''
    return { ...row, state: 'refused', error: `${where}${error.message}` }
  }
}

const watchForCancel = (store: Store, fleetId: string): Disposable & { readonly signal: AbortSignal } => {
  const controller = new AbortController()
  const ask = async (): Promise<void> => {
    const holder = await store.findHolder(fleetId)
    const isOver = holder === undefined && (await store.findFleetRun(fleetId))?.state !== 'running'
    if (holder?.isCancelled === true || isOver) controller.abort()
  }
  const timer = setInterval(() => void ask().catch(() => {}), CANCEL_LOOK_MS)
  return { signal: controller.signal, [Symbol.dispose]: () => clearInterval(timer) }
}
