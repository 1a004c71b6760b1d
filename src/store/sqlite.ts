import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { Kysely } from 'kysely'
import { ExpectedError, StoreError } from '../domain/errors.ts'
import { migrate } from './migrations.ts'
import { nodeSqliteDialect } from './nodeSqlite.ts'
import type { Engine } from './engine.ts'
import { createSqlStore } from './sqlStore.ts'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'

/** Terminal and bot share one file; a writer waits this long for the other. */
const PATIENCE_MS = 5_000
/** The driver waits with the whole process standing still, so it may do so only briefly. */
const STANDSTILL_MS = 50

/**
 * Opens `medic.db` in a folder, which is made when it is missing. WAL and full sync: what was acknowledged survives a
 * power cut. Throws StoreError.
 */
export const openSqliteStore = async (folder: string): Promise<Store> => {
  const path = join(folder, 'medic.db')
  const guarded = guardedBy(path)
  const database = await guarded(async () => {
    ensureFolder(folder)
    const opened = new DatabaseSync(path, { timeout: STANDSTILL_MS })
    opened.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
    shareWithGroup(path)
    return opened
  })
  const kysely = new Kysely<Tables>({ dialect: nodeSqliteDialect(database) })
  try {
    await guarded(() => migrate(kysely, { bytes: 'blob', lock: NO_LOCK }))
  } catch (error) {
    await kysely.destroy().catch(() => {})
    throw error
  }
  return createSqlStore({ database: kysely, guarded, lock: NO_LOCK })
}

/** SQLite's transactions take the write lock when they begin. */
const NO_LOCK: Engine['lock'] = () => Promise.resolve()

/** One by one: Node's recursive mkdir never ends below /proc, where a folder can neither be made nor is missing. */
const ensureFolder = (path: string): void => {
  if (existsSync(path)) return
  if (dirname(path) !== path) ensureFolder(dirname(path))
  try {
    mkdirSync(path, { mode: 0o2770 })
  } catch (error) {
    // Two processes may start at once.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** A folder of group `medic` is shared; elsewhere the mode says nothing new. */
const shareWithGroup = (path: string): void => {
  try {
    chmodSync(path, 0o660)
  } catch {
    // Another user's file in a shared folder: its owner has set the mode already.
  }
}

const HINTS: readonly (readonly [RegExp, string, string])[] = [
  [/disk is full|ENOSPC|SQLITE_FULL/i, 'the disk is full', 'free some space, or set MEDIC_HOME to another folder'],
  [/not a database|malformed|corrupt/i, 'the file is damaged', 'move it away and keep it; Medic makes a new one'],
  [
    /readonly|EACCES|EPERM|ENOENT|ENOTDIR|EROFS|unable to open/i,
    'it cannot be written',
    'check owner and mode, or set MEDIC_HOME to another folder',
  ],
  [/locked|busy/i, 'another process holds it', 'wait, or look for a Medic that hangs'],
  [/disk I\/O error|EIO/i, 'the disk does not answer as it should', 'look at the kernel log of this machine'],
]

const guardedBy =
  (path: string): Engine['guarded'] =>
  async (action) => {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      try {
        return await action()
      } catch (cause) {
        // A statement or transaction that found the file locked has done nothing, so it may be tried again as a whole.
        if (isLocked(cause) && performance.now() < deadline) await setTimeout(10)
        else throw explained(path, cause)
      }
    }
  }

const isLocked = (cause: unknown): boolean =>
  cause instanceof Error && /database is (?:locked|busy)/.test(cause.message)

const explained = (path: string, cause: unknown): unknown => {
  if (cause instanceof ExpectedError) return cause
  const said = cause instanceof Error ? cause.message : String(cause)
  const [, words, hint] = HINTS.find(([pattern]) => pattern.test(said)) ?? []
  return words === undefined ? cause : new StoreError(`${path}: ${words} (${said})`, { hint: hint ?? '', cause })
}
