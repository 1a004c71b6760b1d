import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Holder } from '../domain/fleetRun.ts'
import type { Store } from '../store/store.ts'

/** security-reliability.md section 9: heartbeat 10 s, stale after 60 s. */
const HEARTBEAT_MS = 10_000
const STALE_MS = 60_000
/** How soon a `medic run cancel` in another terminal is noticed. */
const LOOK_MS = 1_000

/** This process, as other processes may tell whether it is alive. */
export const thisHolder = (nowMs: number): Holder => ({
  machine: hostname(),
  pid: process.pid,
  startedAtText: startOf(process.pid),
  heartbeatAtMs: nowMs,
  isCancelled: false,
})

/** On this machine the process itself is looked at; elsewhere only its heartbeat can be. */
export const isAlive = (holder: Holder, nowMs: number): boolean => {
  const isFresh = nowMs - holder.heartbeatAtMs < STALE_MS
  if (holder.machine !== hostname()) return isFresh
  const startedAtText = startOf(holder.pid)
  if (holder.startedAtText !== null && startedAtText !== null) return startedAtText === holder.startedAtText
  try {
    process.kill(holder.pid, 0)
    // There is one of this number, and where /proc told of the holder it now tells that this one is a zombie.
    return holder.startedAtText === null
  } catch (error) {
    // Another user's, and hidden from us (ProtectProc, hidepid): it may be another one of the same number.
    return (error as NodeJS.ErrnoException).code === 'EPERM' && isFresh
  }
}

/** Boot and start time of a process, null where /proc does not tell; a zombie is as good as gone. */
const startOf = (pid: number): string | null => {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold anything; the start time is the 20th field behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? null : `${boot}/${fields[19] ?? ''}`
  } catch {
    return null
  }
}

export interface Hold extends AsyncDisposable {
  /** Aborted when somebody asked for an early end, or another process has taken over. */
  readonly signal: AbortSignal
  /** Why the signal was aborted, null while it was not. */
  readonly why: 'cancelled' | 'lost' | null
}

/**
 * What this process holds, whatever the database says: a hold that was given up while the store was gone leaves a row
 * that names a living process, and would else keep everybody away until that process ends.
 */
const holding = new Set<{ readonly key: string }>()

const isLeftByUs = (holder: Holder, key: string): boolean => {
  const { machine, pid, startedAtText } = thisHolder(0)
  const isOurs = holder.machine === machine && holder.pid === pid && holder.startedAtText === startedAtText
  return isOurs && ![...holding].some((one) => one.key === key)
}

/**
 * Holds something until it is disposed, so that no other process works on it. Undefined when a living process holds it
 * already; what a dead one held is taken over.
 */
export const hold = async (store: Store, key: string, now: () => number): Promise<Hold | undefined> => {
  const own = thisHolder(now())
  const current = await store.findHolder(key)
  if (current !== undefined && isAlive(current, now()) && !isLeftByUs(current, key)) return undefined
  const mine = { key }
  holding.add(mine)
  const isTaken = await store.takeHold(key, own, current ?? null).catch((error: unknown) => {
    holding.delete(mine)
    throw error
  })
  if (!isTaken) {
    holding.delete(mine)
    return undefined
  }
  const controller = new AbortController()
  let why: Hold['why'] = null
  let renewedAtMs = now()
  let isBusy = false
  const end = (reason: 'cancelled' | 'lost'): void => {
    why ??= reason
    controller.abort()
  }
  const look = async (): Promise<void> => {
    if (isBusy) return
    isBusy = true
    try {
      const isDue = now() - renewedAtMs >= HEARTBEAT_MS
      const found = isDue ? await store.renewHold(key, own, now()) : await store.findHolder(key)
      if (isDue) renewedAtMs = now()
      if (found === undefined || found.pid !== own.pid || found.machine !== own.machine) end('lost')
      else if (found.isCancelled) end('cancelled')
    } catch {
      // A store that is gone for a while changes nothing about who works here; the next look asks again.
    } finally {
      isBusy = false
    }
  }
  const timer = setInterval(() => void look(), LOOK_MS)
  timer.unref()
  return {
    signal: controller.signal,
    get why() {
      return why
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      holding.delete(mine)
      await store.releaseHold(key, own).catch(() => {})
    },
  }
}
