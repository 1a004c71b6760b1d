import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'

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
