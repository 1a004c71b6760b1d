import { UnreachableError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import type { Connection, Transport } from './transport.ts'

/** design.md section 6. */
const KEEP_MS = 10 * 60_000
/** security-reliability.md section 4: newer OpenSSH locks out addresses that connect too often. */
const MAX_CONNECTS = 2
const CONNECT_WINDOW_MS = 60_000

/** Time from outside, so that tests need not wait. */
export interface WarmClock {
  now(): number
  /** Calls back later unless the returned function is called first; must not keep the process alive. */
  later(callback: () => void, delayMs: number): () => void
}

const realClock: WarmClock = {
  now: Date.now,
  later(callback, delayMs) {
    const timer = setTimeout(callback, delayMs).unref()
    return () => clearTimeout(timer)
  },
}

interface Kept {
  readonly connecting: Promise<Connection>
  connection: Connection | null
  users: number
  cancel: (() => void) | null
}

/** A connection that knows when it is of no more use; one that cannot say so is taken to be alive. */
const lostReason = (connection: Connection): string | null =>
  (connection as { readonly lost?: string | null }).lost ?? null

export interface WarmTransport extends Transport, AsyncDisposable {}

/**
 * Keeps each host's connection for ten minutes after its last user: the second look costs one or two round trips.
 * Users share it; disposing what they got only gives it back.
 */
export const warmTransport = (inner: Transport, clock: WarmClock = realClock): WarmTransport => {
  const kept = new Map<string, Kept>()
  const connects = new Map<string, number[]>()

  const drop = async (key: string, entry: Kept): Promise<void> => {
    entry.cancel?.()
    if (kept.get(key) === entry) kept.delete(key)
    await entry.connection?.[Symbol.asyncDispose]()
  }

  const release = (key: string, entry: Kept): void => {
    entry.users -= 1
    if (entry.users > 0 || entry.connection === null) return
    if (kept.get(key) !== entry || lostReason(entry.connection) !== null) void drop(key, entry)
    else entry.cancel = clock.later(() => void drop(key, entry), KEEP_MS)
  }

  const open = (key: string, host: Host, signal: AbortSignal, onReached?: () => void): Kept => {
    countConnect(connects, host, clock.now())
    const entry: Kept = { connecting: inner.connect(host, signal, onReached), connection: null, users: 0, cancel: null }
    kept.set(key, entry)
    return entry
  }

  return {
    async connect(host, signal, onReached) {
      const key = JSON.stringify([host.transport, host.name, host.ssh])
      const found = kept.get(key)
      const isUsable = found !== undefined && (found.connection === null || lostReason(found.connection) === null)
      // A lost one is left to its last user and replaced at once.
      if (found !== undefined && !isUsable) kept.delete(key)
      const entry = found !== undefined && isUsable ? found : open(key, host, signal, onReached)
      entry.users += 1
      entry.cancel?.()
      entry.cancel = null
      try {
        entry.connection = await entry.connecting
      } catch (error) {
        entry.users -= 1
        if (kept.get(key) === entry) kept.delete(key)
        throw error
      }
      return borrowed(entry.connection, () => release(key, entry))
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...kept].map(async ([key, entry]) => drop(key, entry)))
    },
  }
}

const countConnect = (connects: Map<string, number[]>, host: Host, nowMs: number): void => {
  const key = host.ssh === null ? host.name : `${host.ssh.address}:${host.ssh.port}`
  const recent = (connects.get(key) ?? []).filter((atMs) => nowMs - atMs < CONNECT_WINDOW_MS)
  if (recent.length >= MAX_CONNECTS) {
    const waitMs = CONNECT_WINDOW_MS - (nowMs - (recent[0] ?? nowMs))
    throw new UnreachableError('refused', `${host.name}: ${MAX_CONNECTS} new connections within a minute are enough`, {
      hint: `try again in ${Math.ceil(waitMs / 1000)} s: a server that is asked too often locks our address out`,
    })
  }
  connects.set(key, [...recent, nowMs])
}

const borrowed = (connection: Connection, giveBack: () => void): Connection => {
  let isOpen = true
  return {
    description: connection.description,
    get canFork() {
      return connection.canFork
    },
    readFiles: (paths, limits, signal) => connection.readFiles(paths, limits, signal),
    run: (commands, signal) => connection.run(commands, signal),
    async [Symbol.asyncDispose]() {
      if (isOpen) giveBack()
      isOpen = false
    },
  }
}
