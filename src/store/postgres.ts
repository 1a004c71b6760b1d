import { setTimeout } from 'node:timers/promises'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { ConfigError } from '../domain/errors.ts'
import type { Engine } from './engine.ts'
import { migrate } from './migrations.ts'
import { WriteLostError, explained, mayPass } from './postgresErrors.ts'
import { createPostgresPool } from './postgresPool.ts'
import { createSqlStore } from './sqlStore.ts'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'

/** A restart of the server takes a few seconds; a run in its middle waits this long once, and goes on. Our choice. */
const PATIENCE_MS = 15_000
const PAUSE_MS = 200
/** Advisory locks are numbers shared by all users of a database; this one spells "medi". */
const LOCK_KEY = 0x6d656469

/**
 * Opens the database of a `postgres://` address and brings its tables up to date. After a restart of the server the
 * store connects again by itself. Throws StoreError, ConfigError for an address that is none; no message holds the password.
 */
export const openPostgresStore = async (url: string): Promise<Store> => {
  const where = placeOf(url)
  const database = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: createPostgresPool(url) }) })
  const guard = guardedBy(where)
  try {
    await guard.once(() => migrate(database, { bytes: 'bytea', text: 'text collate "C"', lock: migrationLock }))
  } catch (error) {
    await database.destroy().catch(() => {})
    throw error
  }
  return repeating(createSqlStore({ database, guarded: guard.patiently, lock }))
}

/** `postgres at db.example.com:5432/medic`, for messages. */
export const placeOf = (url: string): string => {
  const parsed = URL.parse(url)
  const isPostgres = parsed !== null && /^postgres(?:ql)?:$/.test(parsed.protocol)
  if (!isPostgres)
    // The value is not quoted: it may hold a password.
    throw new ConfigError('DATABASE_URL: expected an address such as postgres://medic:PASSWORD@db.example.com/medic')
  const host = parsed.hostname || parsed.searchParams.get('host') || 'localhost'
  return `postgres at ${decodeURIComponent(host)}:${parsed.port || '5432'}${parsed.pathname === '/' ? '' : parsed.pathname}`
}

/** Errors of anything that talks to this database, as one clear line. */
export const explainerOf = (url: string): ((cause: unknown) => unknown) => {
  const where = placeOf(url)
  return (cause) => explained(where, cause)
}

const lock: Engine['lock'] = (transaction) => sql`select pg_advisory_xact_lock(${LOCK_KEY})`.execute(transaction)

/** Building an index over years of evidence may take its time. */
const migrationLock: Engine['lock'] = async (transaction) => {
  await sql`set local statement_timeout = 0`.execute(transaction)
  await sql`set local lock_timeout = 0`.execute(transaction)
  await lock(transaction)
}

const guardedBy = (where: string): { readonly once: Engine['guarded']; readonly patiently: Engine['guarded'] } => {
  /** While the server is away, only the first call waits for it; the others would only make every answer slow. */
  let isAway = false
  const attempt = async <Value>(action: () => Promise<Value>): Promise<Value> => {
    const value = await action()
    isAway = false
    return value
  }
  const told = (cause: unknown): unknown =>
    cause instanceof WriteLostError
      ? new WriteLostError(`${where}: the connection broke during a write, which may be kept or not`, {
          hint: 'look before you repeat it',
          cause,
        })
      : explained(where, cause)
  return {
    once: async (action) => {
      try {
        return await attempt(action)
      } catch (cause) {
        throw told(cause)
      }
    },
    patiently: async (action) => {
      const deadline = performance.now() + PATIENCE_MS
      for (;;) {
        try {
          return await attempt(action)
        } catch (cause) {
          const goesOn = !(cause instanceof WriteLostError) && mayPass(cause) && !isAway
          if (!goesOn) throw told(cause)
          if (performance.now() > deadline) {
            isAway = true
            throw told(cause)
          }
          await setTimeout(PAUSE_MS)
        }
      }
    },
  }
}

/**
 * A write that got lost is made again where doing it twice is the same as doing it once. The others (claims, decisions,
 * the audit record) fail: their caller must not take its own first try for somebody else's.
 */
const repeating = (store: Store): Store => ({
  ...store,
  recordEvidence: (runId, evidence) => again(() => store.recordEvidence(runId, evidence)),
  recordAllEvidence: (items) => again(() => store.recordAllEvidence(items)),
  finishRun: (...words) => again(() => store.finishRun(...words)),
  createIncident: (incident) => again(() => store.createIncident(incident)),
  savePostmortem: (id, markdown, atMs) => again(() => store.savePostmortem(id, markdown, atMs)),
  saveOutgoing: (message) => again(() => store.saveOutgoing(message)),
  updateFleetRun: (run) => again(() => store.updateFleetRun(run)),
  saveFleetHost: (id, number, host) => again(() => store.saveFleetHost(id, number, host)),
  renewHold: (key, holder, nowMs) => again(() => store.renewHold(key, holder, nowMs)),
  releaseHold: (key, holder) => again(() => store.releaseHold(key, holder)),
  saveMachine: (machine) => again(() => store.saveMachine(machine)),
  saveSnapshots: (key, snapshots) => again(() => store.saveSnapshots(key, snapshots)),
  addSample: (key, sample) => again(() => store.addSample(key, sample)),
  saveDigest: (record) => again(() => store.saveDigest(record)),
  saveJobDay: (day) => again(() => store.saveJobDay(day)),
  createRun: (run) =>
    madeOnce(
      () => store.createRun(run),
      () => store.findRun(run.id),
    ),
  createFleetRun: (run, hosts) =>
    madeOnce(
      () => store.createFleetRun(run, hosts),
      () => store.findFleetRun(run.id),
    ),
})

/** After a restart every connection of the pool may be a broken one: once more is not enough. */
const again = async <Value>(action: () => Promise<Value>): Promise<Value> => {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      return await action()
    } catch (error) {
      if (!(error instanceof WriteLostError) || performance.now() > deadline) throw error
      await setTimeout(PAUSE_MS)
    }
  }
}

/** What was lost on its way may be there all the same, and cannot be made twice. */
const madeOnce = (make: () => Promise<void>, find: () => Promise<unknown>): Promise<void> => {
  let isRepeated = false
  return again(async () => {
    if (isRepeated && (await find()) !== undefined) return
    isRepeated = true
    await make()
  })
}
