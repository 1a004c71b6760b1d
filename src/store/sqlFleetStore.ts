import { zstdCompressSync } from 'node:zlib'
import type { FleetHost, FleetRun, Holder } from '../domain/fleetRun.ts'
import type { Run } from '../domain/run.ts'
import type { Engine } from './engine.ts'
import { createSqlSnapshotStore } from './sqlSnapshotStore.ts'
import type { FleetStore } from './store.ts'
import type { HolderRow } from './tables.ts'

/** Fleet runs, who holds them, and what is remembered of the fleet: the same queries for every engine. */
export const createSqlFleetStore = (engine: Engine): FleetStore => ({
  ...createSqlSnapshotStore(engine),
  ...fleetRunStore(engine),
  ...holderStore(engine),
})

type RunPart = Pick<
  FleetStore,
  | 'recordAllEvidence'
  | 'createFleetRun'
  | 'updateFleetRun'
  | 'saveFleetHost'
  | 'findFleetRun'
  | 'findFleetHost'
  | 'listFleetHosts'
  | 'listFleetRuns'
  | 'listSingleRuns'
>

const fleetRunStore = ({ database, guarded, lock }: Engine): RunPart => ({
  recordAllEvidence: (items) =>
    guarded(() =>
      database.transaction().execute(async (transaction) => {
        await lock(transaction)
        for (const { runId, evidence } of items) {
          await transaction
            .insertInto('evidence')
            .values({
              run_id: runId,
              number: Number(evidence.id.slice(1)),
              body: zstdCompressSync(Buffer.from(JSON.stringify(evidence))),
            })
            .onConflict((conflict) => conflict.doNothing())
            .execute()
        }
      }),
    ),

  createFleetRun: (run, hosts) =>
    guarded(() =>
      database.transaction().execute(async (transaction) => {
        await lock(transaction)
        await transaction.insertInto('fleet_runs').values(runRow(run)).execute()
        // Both engines limit the values of one statement; a hundred rows stay far below.
        for (let at = 0; at < hosts.length; at += 100) {
          const rows = hosts.slice(at, at + 100).map((host, index) => hostRow(run.id, at + index, host))
          await transaction.insertInto('fleet_hosts').values(rows).execute()
        }
      }),
    ),

  updateFleetRun: (run) =>
    guarded(async () => {
      await database.updateTable('fleet_runs').set(runRow(run)).where('id', '=', run.id).execute()
    }),

  saveFleetHost: (fleetId, number, host) =>
    guarded(async () => {
      await database
        .updateTable('fleet_hosts')
        .set(hostRow(fleetId, number, host))
        .where('fleet_id', '=', fleetId)
        .where('number', '=', number)
        .execute()
    }),

  findFleetRun: (id) =>
    guarded(async () => {
      const row = await database.selectFrom('fleet_runs').select('body').where('id', '=', id).executeTakeFirst()
      return row === undefined ? undefined : (JSON.parse(row.body) as FleetRun)
    }),

  findFleetHost: (fleetId, number) =>
    guarded(async () => {
      const row = await database
        .selectFrom('fleet_hosts')
        .select('body')
        .where('fleet_id', '=', fleetId)
        .where('number', '=', number)
        .executeTakeFirst()
      return row === undefined ? undefined : (JSON.parse(row.body) as FleetHost)
    }),

  listFleetHosts: (fleetId) =>
    guarded(async () => {
      const rows = await database
        .selectFrom('fleet_hosts')
        .select('body')
        .where('fleet_id', '=', fleetId)
        .orderBy('number')
        .execute()
      return rows.map((row) => JSON.parse(row.body) as FleetHost)
    }),

  listFleetRuns: (limit) =>
    guarded(async () => {
      const rows = await database
        .selectFrom('fleet_runs')
        .select('body')
        .orderBy('started_at_ms', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map((row) => JSON.parse(row.body) as FleetRun)
    }),

  listSingleRuns: (limit) =>
    guarded(async () => {
      const rows = await database
        .selectFrom('runs')
        .select('body')
        .where((is) =>
          is.not(
            is.exists(is.selectFrom('fleet_hosts').select('run_id').whereRef('fleet_hosts.run_id', '=', 'runs.id')),
          ),
        )
        .orderBy('started_at_ms', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map((row) => JSON.parse(row.body) as Run)
    }),
})

type HolderPart = Pick<
  FleetStore,
  'takeHold' | 'renewHold' | 'findHolder' | 'listHolders' | 'askToCancel' | 'releaseHold'
>

const holderStore = ({ database, guarded, lock }: Engine): HolderPart => {
  const find = async (from: Engine['database'], key: string): Promise<Holder | undefined> => {
    const row = await from.selectFrom('holders').selectAll().where('key', '=', key).executeTakeFirst()
    return row === undefined ? undefined : holderOf(row)
  }
  return {
    takeHold: (key, holder, expected) =>
      guarded(() =>
        database.transaction().execute(async (transaction) => {
          await lock(transaction)
          const now = await find(transaction, key)
          if (now !== undefined && (expected === null || !isSame(now, expected))) return false
          await transaction.deleteFrom('holders').where('key', '=', key).execute()
          await transaction.insertInto('holders').values(holderRow(key, holder)).execute()
          return true
        }),
      ),

    renewHold: (key, holder, nowMs) =>
      guarded(async () => {
        const now = await find(database, key)
        if (now === undefined || !isSame(now, holder)) return undefined
        await database
          .updateTable('holders')
          .set({ heartbeat_at_ms: nowMs })
          .where('key', '=', key)
          .where('holder', '=', identityOf(holder))
          .execute()
        return now
      }),

    findHolder: (key) => guarded(() => find(database, key)),

    listHolders: (prefix) =>
      guarded(async () => {
        // Not `like`: its wildcards would have to be escaped, and only one engine heeds upper and lower case.
        const rows = await database
          .selectFrom('holders')
          .selectAll()
          .where('key', '>=', prefix)
          .where('key', '<', `${prefix}\u{10FFFF}`)
          .orderBy('key')
          .execute()
        return rows.map((row) => ({ key: row.key, holder: holderOf(row) }))
      }),

    askToCancel: (key) =>
      guarded(async () => {
        const result = await database
          .updateTable('holders')
          .set({ is_cancelled: 1 })
          .where('key', '=', key)
          .executeTakeFirst()
        return Number(result.numUpdatedRows) > 0
      }),

    releaseHold: (key, holder) =>
      guarded(async () => {
        await database.deleteFrom('holders').where('key', '=', key).where('holder', '=', identityOf(holder)).execute()
      }),
  }
}

const identityOf = ({ machine, pid, startedAtText }: Holder): string => JSON.stringify({ machine, pid, startedAtText })

const isSame = (one: Holder, other: Holder): boolean => identityOf(one) === identityOf(other)

const holderRow = (key: string, holder: Holder): HolderRow => ({
  key,
  holder: identityOf(holder),
  heartbeat_at_ms: holder.heartbeatAtMs,
  is_cancelled: 0,
})

const holderOf = (row: HolderRow): Holder => ({
  ...(JSON.parse(row.holder) as Pick<Holder, 'machine' | 'pid' | 'startedAtText'>),
  heartbeatAtMs: row.heartbeat_at_ms,
  isCancelled: row.is_cancelled !== 0,
})

const runRow = (run: FleetRun) => ({
  id: run.id,
  state: run.state,
  started_at_ms: run.startedAtMs,
  body: JSON.stringify(run),
})

const hostRow = (fleetId: string, number: number, host: FleetHost) => ({
  fleet_id: fleetId,
  number,
  host: host.host,
  state: host.state,
  run_id: host.runId,
  body: JSON.stringify(host),
})
