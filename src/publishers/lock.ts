import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { PublishError } from '../domain/errors.ts'

/** Two publications of one place take seconds; longer means that the other one hangs. */
const LONGEST_WAIT_MS = 120_000

/**
 * Runs an action while no other process on this machine runs one under the same path. SQLite's own file lock: the
 * kernel gives it back when a process dies, so nothing stale is ever left.
 */
export const withLock = async <Value>(
  path: string,
  signal: AbortSignal,
  action: () => Promise<Value>,
): Promise<Value> => {
  await mkdir(dirname(path), { recursive: true })
  const database = await acquired(path, signal)
  try {
    if (signal.aborted) throw new PublishError('publishing was stopped')
    return await action()
  } finally {
    database.close()
  }
}

const acquired = async (path: string, signal: AbortSignal): Promise<DatabaseSync> => {
  const { DatabaseSync: Database } = await import('node:sqlite')
  const giveUpAtMs = Date.now() + LONGEST_WAIT_MS
  for (;;) {
    let database: DatabaseSync | null = null
    try {
      database = new Database(path, { timeout: 0 })
      database.exec('begin exclusive')
      return database
    } catch (cause) {
      database?.close()
      const busy = cause instanceof Error && /database is (?:locked|busy)/.test(cause.message)
      if (!busy) throw new PublishError(`${path}: cannot be locked: ${(cause as Error).message}`, { cause })
      if (Date.now() > giveUpAtMs) {
        throw new PublishError(`${path}: another Medic has been publishing there for ${LONGEST_WAIT_MS / 1000} s`, {
          hint: 'look for a process that hangs, then publish again',
          cause,
        })
      }
      await wait(50 + Math.random() * 100)
      if (signal.aborted) throw new PublishError('publishing was stopped', { cause })
    }
  }
}
