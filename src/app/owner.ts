import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Store } from '../store/store.ts'
import { hold, isAlive } from './holder.ts'

/** Names this process beyond doubt: `machine:pid:random`. */
export const newOwner = (): string =>
  `${hostname().replaceAll(':', '-')}:${process.pid}:${randomBytes(4).toString('hex')}`

/** A worker whose heartbeat is older than this is gone (security-reliability.md section 9). */
export const STALE_AFTER_MS = 60_000

/**
 * Whether the process that owned some work is gone. On this machine that is known at once; a container gives every
 * process the same id, so our own id with another random part is a dead predecessor.
 */
export const isGone = (owner: string, self: string, heartbeatAtMs: number, nowMs: number): boolean => {
  if (owner === self) return false
  const [machine, pid] = owner.split(':')
  const [ownMachine, ownPid] = self.split(':')
  if (machine === ownMachine) {
    if (pid === ownPid) return true
    try {
      process.kill(Number(pid), 0)
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ESRCH'
    }
  }
  return nowMs - heartbeatAtMs > STALE_AFTER_MS
}

/** Tells whether other processes are alive, and shows them that this one is. */
export interface Owners extends AsyncDisposable {
  readonly self: string
  /** `heartbeatAtMs`: the last sign of life in the work itself, for an owner that shows none of its own. */
  isGone(owner: string, heartbeatAtMs: number): Promise<boolean>
}

/** A process that owns work keeps a heartbeat in the store: whoever shares the store may ask. */
export const createOwners = async (store: Store | null, now: () => number): Promise<Owners> => {
  const self = newOwner()
  // Tidying must not keep a bot from starting.
  if (store !== null) await forgetTheDead(store, now()).catch(() => undefined)
  const held = store === null ? undefined : await hold(store, keyOf(self), now).catch(() => undefined)
  return {
    self,
    async isGone(owner, heartbeatAtMs) {
      if (owner === self) return false
      const holder = await store?.findHolder(keyOf(owner)).catch(() => undefined)
      return holder === undefined ? isGone(owner, self, heartbeatAtMs, now()) : !isAlive(holder, now())
    },
    async [Symbol.asyncDispose]() {
      await held?.[Symbol.asyncDispose]()
    },
  }
}

const PREFIX = 'process '
const keyOf = (owner: string): string => `${PREFIX}${owner}`

/** What a dead process leaves undone is taken over within minutes; until then its row must say who it was. Arbitrary. */
const FORGET_AFTER_MS = 7 * 86_400_000

const forgetTheDead = async (store: Store, nowMs: number): Promise<void> => {
  for (const { key, holder } of await store.listHolders(PREFIX)) {
    if (nowMs - holder.heartbeatAtMs > FORGET_AFTER_MS && !isAlive(holder, nowMs)) await store.releaseHold(key, holder)
  }
}
