import { setImmediate } from 'node:timers/promises'
import { ExpectedError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { requestKey, type RunRequest } from '../domain/runRequest.ts'
import type { RequestChanges, Store } from '../store/store.ts'
import type { Owners } from './owner.ts'
import { RunInterrupted, triage } from './triage.ts'
import type { TriageEvent, TriageRequest, TriageResult, TriageTools } from './triage.ts'

export interface RunDeskTools {
  readonly store: Store | null
  readonly owners: Owners
  readonly now: () => number
  readonly triageTools: (host: Host) => Promise<TriageTools>
}

/** How many runs work at the same time; the next ones wait. A run holds one connection and some megabytes. */
const CONCURRENCY = 16
/** security-reliability.md section 9 */
const HEARTBEAT_MS = 10_000
/** With a store that is gone, requests are kept in memory: so many. */
const REMEMBERED = 500

export type RunEnding =
  | { readonly state: 'done' | 'cancelled' | 'interrupted'; readonly result: TriageResult; readonly by: string | null }
  | { readonly state: 'failed' | 'cancelled' | 'interrupted'; readonly error: unknown; readonly by: string | null }

interface Working {
  readonly stop: AbortController
  why: 'cancelled' | 'interrupted' | null
  by: string | null
  /** Steps that change something are under way: they are not stopped halfway. */
  isChanging: boolean
}

/**
 * Runs that somebody asked for from afar. Two requests for the same host and runbook are one run, also across
 * processes; a request whose process died is found and given to one that lives.
 */
export class RunDesk {
  readonly #tools: RunDeskTools
  readonly #working = new Map<string, Working>()
  readonly #remembered = new Map<string, RunRequest>()
  readonly #queue: (() => void)[] = []
  #busy = 0
  #closed = false
  #heart: NodeJS.Timeout | undefined

  constructor(tools: RunDeskTools) {
    this.#tools = tools
  }

  /**
   * Undefined when the request was opened; else the active one that asks for the same. One for an approved change is not
   * opened unless it is stored: throws StoreError.
   */
  async open(request: RunRequest): Promise<RunRequest | undefined> {
    if (this.#closed)
      throw new ExpectedError('Medic is stopping and takes no new runs', { hint: 'try again in a minute' })
    for (const other of this.#remembered.values()) {
      if (other.state === 'active' && requestKey(other) === requestKey(request)) return other
    }
    const { store } = this.#tools
    const active =
      request.approval === undefined || store === null
        ? await this.#stored((open) => open.openRequest(request))
        : await store.openRequest(request)
    if (active !== undefined) return active
    this.#take(request)
    return undefined
  }

  /** Does the work of an opened request. Never throws: how it ended is the answer. */
  async carryOut(
    request: RunRequest,
    what: Pick<TriageRequest, 'host' | 'runbook' | 'requestedBy' | 'resume' | 'beforeChange'>,
    onEvent: (event: TriageEvent) => void,
  ): Promise<RunEnding> {
    const working = this.#working.get(request.id)
    if (working === undefined)
      return { state: 'cancelled', error: new ExpectedError('the request is not open'), by: null }
    await this.#turn()
    try {
      const tools = await this.#tools.triageTools(what.host)
      const { beforeChange } = what
      const begin: TriageRequest['beforeChange'] = async (connection, signal) => {
        await beforeChange?.(connection, signal)
        working.isChanging = true
      }
      const order = {
        ...what,
        parameters: request.parameters,
        ...(beforeChange === undefined ? {} : { beforeChange: begin }),
      }
      const run = triage(tools, order, working.stop.signal)
      let step = await run.next()
      while (!step.done) {
        if (step.value.type === 'started') await this.#change(request.id, { runId: step.value.run.id })
        onEvent(step.value)
        // Other people's commands are answered between two steps, even when a run never waits for anything.
        await setImmediate()
        step = await run.next()
      }
      return { state: working.why ?? 'done', result: step.value, by: working.by }
    } catch (error) {
      return {
        state: working.why ?? (error instanceof RunInterrupted ? 'interrupted' : 'failed'),
        error,
        by: working.by,
      }
    } finally {
      // A change stays ours until its result is written down: whoever stops Medic waits for that.
      if (request.approval === undefined) this.#working.delete(request.id)
      this.#busy -= 1
      this.#queue.shift()?.()
    }
  }

  /** What is known of a request that goes on. */
  async note(id: string, changes: Pick<RequestChanges, 'runId' | 'incidentId' | 'verdict'>): Promise<void> {
    await this.#change(id, changes)
  }

  /** Ends a request, also one that never started. */
  async finish(id: string, changes: RequestChanges): Promise<void> {
    this.#working.delete(id)
    await this.#change(id, { endedAtMs: this.#tools.now(), ...changes })
    if (this.#working.size === 0) {
      clearInterval(this.#heart)
      this.#heart = undefined
    }
  }

  /** True when the request was active, here or in another process; a change that may have begun is not stopped. */
  async cancel(id: string, by: string): Promise<boolean> {
    const working = this.#working.get(id)
    if (working?.isChanging === true) return false
    if (working !== undefined) {
      working.why ??= 'cancelled'
      working.by ??= by
      working.stop.abort()
      return true
    }
    if ((await this.find(id))?.approval !== undefined) return false
    const changed = await this.#stored((store) =>
      store.updateRequest(id, { state: 'cancelled', endedAtMs: this.#tools.now(), verdict: `cancelled by ${by}` }),
    )
    return changed === true
  }

  async find(id: string): Promise<RunRequest | undefined> {
    return this.#remembered.get(id) ?? (await this.#stored((store) => store.findRequest(id)))
  }

  /** Newest first. */
  async list(filter: { readonly host?: string; readonly limit: number }): Promise<readonly RunRequest[]> {
    const stored = await this.#stored((store) => store.listRequests(filter))
    if (stored !== undefined) return stored
    return [...this.#remembered.values()]
      .filter((request) => filter.host === undefined || request.host === filter.host)
      .toReversed()
      .slice(0, filter.limit)
  }

  /**
   * Requests whose process is gone, from now on ours: each is given to one process only, which carries it out or
   * finishes it. `heartbeatAtMs` is the last sign of life of the dead one.
   */
  async takeOver(): Promise<readonly RunRequest[]> {
    if (this.#closed) return []
    const active = (await this.#stored((store) => store.listRequests({ state: 'active', limit: 500 }))) ?? []
    const taken: RunRequest[] = []
    for (const request of active) {
      if (!(await this.isLeftBehind(request))) continue
      const { self } = this.#tools.owners
      const isOurs = await this.#stored((store) =>
        store.takeRequest(request.id, request.owner, self, this.#tools.now()),
      )
      if (isOurs !== true) continue
      const mine: RunRequest = { ...request, owner: self, takenOver: (request.takenOver ?? 0) + 1 }
      this.#take(mine)
      taken.push(mine)
    }
    return taken
  }

  /** Whether the process that works on an active request is gone. */
  async isLeftBehind(request: RunRequest): Promise<boolean> {
    if (request.state !== 'active' || this.#working.has(request.id)) return false
    return this.#tools.owners.isGone(request.owner, request.heartbeatAtMs)
  }

  /** Takes no new requests, stops those that change nothing and waits until all have ended. */
  async close(limitMs: number): Promise<void> {
    this.#closed = true
    for (const working of this.#working.values()) {
      if (working.isChanging) continue
      working.why ??= 'interrupted'
      working.stop.abort()
    }
    const deadline = this.#tools.now() + limitMs
    while (this.#working.size > 0 && this.#tools.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20))
    clearInterval(this.#heart)
  }

  get active(): number {
    return this.#working.size
  }

  #take(request: RunRequest): void {
    this.#remember(request)
    this.#working.set(request.id, { stop: new AbortController(), why: null, by: null, isChanging: false })
    this.#heart ??= setInterval(() => void this.#beat(), HEARTBEAT_MS)
  }

  async #turn(): Promise<void> {
    this.#busy += 1
    if (this.#busy <= CONCURRENCY) return
    await new Promise<void>((resolve) => {
      this.#queue.push(resolve)
    })
  }

  #remember(request: RunRequest): void {
    this.#remembered.set(request.id, request)
    for (const [id, old] of this.#remembered) {
      if (this.#remembered.size <= REMEMBERED) break
      if (old.state !== 'active') this.#remembered.delete(id)
    }
  }

  async #change(id: string, changes: RequestChanges): Promise<void> {
    const known = this.#remembered.get(id)
    if (known !== undefined) this.#remembered.set(id, { ...known, ...changes })
    await this.#stored((store) => store.updateRequest(id, changes))
  }

  /** Shows that the work goes on, and notices when another process cancelled it. */
  async #beat(): Promise<void> {
    for (const [id, working] of this.#working) {
      const goesOn = await this.#stored((store) => store.updateRequest(id, { heartbeatAtMs: this.#tools.now() }))
      if (goesOn !== false || working.isChanging) continue
      working.why ??= 'cancelled'
      working.stop.abort()
    }
  }

  /** A store that is full or gone never stops a triage; undefined says that nothing is known. */
  async #stored<Value>(action: (store: Store) => Promise<Value>): Promise<Value | undefined> {
    if (this.#tools.store === null) return undefined
    try {
      return await action(this.#tools.store)
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error
      return undefined
    }
  }
}
