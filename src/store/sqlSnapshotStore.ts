import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Machine, Sample, Snapshot } from '../domain/snapshot.ts'
import type { Engine } from './engine.ts'
import type { FleetStore, JobDay } from './store.ts'
import type { JobDayRow } from './tables.ts'

type SnapshotPart = Pick<
  FleetStore,
  | 'saveMachine'
  | 'findMachine'
  | 'saveSnapshots'
  | 'readSnapshots'
  | 'addSample'
  | 'readSamples'
  | 'forgetSamples'
  | 'saveDigest'
  | 'findLastDigest'
  | 'forgetDigests'
>

type JobPart = Pick<FleetStore, 'claimJobDay' | 'saveJobDay' | 'findJobDay' | 'listJobDays'>

/** A sample names each unit of a host once; more than this once decompressed is not ours. */
const LARGEST_SAMPLE_BYTES = 4 * 1024 * 1024

/** What is remembered of hosts between two digests, and which nights are done. */
export const createSqlSnapshotStore = (engine: Engine): SnapshotPart & JobPart => ({
  ...snapshotStore(engine),
  ...jobStore(engine),
})

const snapshotStore = ({ database, guarded, lock }: Engine): SnapshotPart => ({
  saveMachine: (machine) =>
    guarded(async () => {
      const row = {
        key: machine.key,
        host: machine.host,
        last_seen_ms: machine.lastSeenMs,
        body: JSON.stringify(machine),
      }
      await database
        .insertInto('machines')
        .values(row)
        .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
        .execute()
    }),

  findMachine: (host) =>
    guarded(async () => {
      const row = await database
        .selectFrom('machines')
        .select('body')
        .where('host', '=', host)
        .orderBy('last_seen_ms', 'desc')
        .executeTakeFirst()
      return row === undefined ? undefined : (JSON.parse(row.body) as Machine)
    }),

  saveSnapshots: (machineKey, snapshots) =>
    guarded(() =>
      database.transaction().execute(async (transaction) => {
        await lock(transaction)
        await transaction.deleteFrom('snapshots').where('machine', '=', machineKey).execute()
        const rows = snapshots.map((snapshot) => ({
          machine: machineKey,
          check_id: snapshot.check,
          object: snapshot.object,
          body: JSON.stringify(snapshot),
        }))
        for (let at = 0; at < rows.length; at += 100)
          await transaction
            .insertInto('snapshots')
            .values(rows.slice(at, at + 100))
            .execute()
      }),
    ),

  readSnapshots: (machineKey) =>
    guarded(async () => {
      const rows = await database
        .selectFrom('snapshots')
        .select('body')
        .where('machine', '=', machineKey)
        .orderBy('check_id')
        .orderBy('object')
        .execute()
      return rows.map((row) => JSON.parse(row.body) as Snapshot)
    }),

  addSample: (machineKey, sample) =>
    guarded(async () => {
      const body = zstdCompressSync(Buffer.from(JSON.stringify(sample)))
      await database
        .insertInto('samples')
        .values({ machine: machineKey, at_ms: sample.atMs, body })
        .onConflict((conflict) => conflict.columns(['machine', 'at_ms']).doUpdateSet({ body }))
        .execute()
    }),

  readSamples: (machineKey, fromMs) =>
    guarded(async () => {
      const rows = await database
        .selectFrom('samples')
        .select('body')
        .where('machine', '=', machineKey)
        .where('at_ms', '>=', fromMs)
        .orderBy('at_ms')
        .execute()
      return rows.map(
        (row) =>
          JSON.parse(
            zstdDecompressSync(row.body, { maxOutputLength: LARGEST_SAMPLE_BYTES }).toString('utf8'),
          ) as Sample,
      )
    }),

  forgetSamples: (beforeMs) =>
    guarded(async () => {
      await database.deleteFrom('samples').where('at_ms', '<', beforeMs).execute()
    }),

  saveDigest: (record) =>
    guarded(async () => {
      const row = { id: record.id, name: record.name, at_ms: record.atMs, body: record.body }
      await database
        .insertInto('digests')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute()
    }),

  findLastDigest: (name) =>
    guarded(async () => {
      const row = await database
        .selectFrom('digests')
        .selectAll()
        .where('name', '=', name)
        .orderBy('at_ms', 'desc')
        .orderBy('id', 'desc')
        .executeTakeFirst()
      return row === undefined ? undefined : { id: row.id, name: row.name, atMs: row.at_ms, body: row.body }
    }),

  forgetDigests: (beforeMs) =>
    guarded(async () => {
      await database.deleteFrom('digests').where('at_ms', '<', beforeMs).execute()
    }),
})

const jobStore = ({ database, guarded }: Engine): JobPart => ({
  claimJobDay: (day) =>
    guarded(async () => {
      const result = await database
        .insertInto('job_days')
        .values(jobRow(day))
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      return Number(result.numInsertedOrUpdatedRows ?? 0) === 1
    }),

  saveJobDay: (day) =>
    guarded(async () => {
      await database
        .insertInto('job_days')
        .values(jobRow(day))
        .onConflict((conflict) => conflict.columns(['job', 'local_date']).doUpdateSet(jobRow(day)))
        .execute()
    }),

  findJobDay: (job, localDate) =>
    guarded(async () => {
      const row = await database
        .selectFrom('job_days')
        .selectAll()
        .where('job', '=', job)
        .where('local_date', '=', localDate)
        .executeTakeFirst()
      return row === undefined ? undefined : jobDayOf(row)
    }),

  listJobDays: (job, limit) =>
    guarded(async () => {
      const rows = await database
        .selectFrom('job_days')
        .selectAll()
        .where('job', '=', job)
        .where('state', '!=', 'known')
        .orderBy('local_date', 'desc')
        .limit(limit)
        .execute()
      return rows.map(jobDayOf)
    }),
})

const jobRow = (day: JobDay): JobDayRow => ({
  job: day.job,
  local_date: day.localDate,
  state: day.state,
  at_ms: day.atMs,
  detail: day.detail,
})

const jobDayOf = (row: JobDayRow): JobDay => ({
  job: row.job,
  localDate: row.local_date,
  state: row.state as JobDay['state'],
  atMs: row.at_ms,
  detail: row.detail,
})
