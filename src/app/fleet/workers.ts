import { hostname } from 'node:os'
import type { Store } from '../../store/store.ts'
import { hold, isAlive } from '../holder.ts'

/** A worker at a site, as others see it through the store. */
export interface WorkerSeen {
  readonly site: string
  readonly machine: string
  readonly pid: number
  readonly heartbeatAtMs: number
  readonly isAlive: boolean
}

const PREFIX = 'worker '
/** Workers that ended without a word are named for this long; our choice. */
const FORGET_AFTER_MS = 86_400_000

/** Shows others that a worker takes hosts of these sites, until it is disposed. */
export const showWorker = async (
  store: Store,
  sites: readonly string[],
  now: () => number,
): Promise<AsyncDisposable> => {
  await forgetOldWorkers(store, now())
  const held = await Promise.all(sites.map((site) => hold(store, keyOf(site), now)))
  return {
    async [Symbol.asyncDispose]() {
      for (const one of held) await one?.[Symbol.asyncDispose]()
    },
  }
}

/** Every worker that has not said farewell, the living ones first. */
export const seenWorkers = async (store: Store, nowMs: number): Promise<readonly WorkerSeen[]> => {
  const rows = await store.listHolders(PREFIX)
  return rows
    .map(({ key, holder }) => ({
      site: siteOf(key),
      machine: holder.machine,
      pid: holder.pid,
      heartbeatAtMs: holder.heartbeatAtMs,
      isAlive: isAlive(holder, nowMs),
    }))
    .toSorted((one, other) => Number(other.isAlive) - Number(one.isAlive) || other.heartbeatAtMs - one.heartbeatAtMs)
}

const forgetOldWorkers = async (store: Store, nowMs: number): Promise<void> => {
  for (const { key, holder } of await store.listHolders(PREFIX))
    if (nowMs - holder.heartbeatAtMs > FORGET_AFTER_MS && !isAlive(holder, nowMs)) await store.releaseHold(key, holder)
}

/** A site may hold any sign: it is escaped, so that the key can be taken apart again. */
const keyOf = (site: string): string => `${PREFIX}${encodeURIComponent(site)} ${hostname()} ${process.pid}`

const siteOf = (key: string): string => {
  const written = key.slice(PREFIX.length).split(' ')[0] ?? ''
  try {
    return decodeURIComponent(written)
  } catch {
    return written
  }
}
