import { createHash } from 'node:crypto'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { canonicalJson } from '../domain/canonicalJson.ts'
import type { StoredEvidence } from '../domain/evidence.ts'
import type { Incident } from '../domain/incident.ts'
import type { Run } from '../domain/run.ts'
import type { Engine } from './engine.ts'
import { createSqlChatStore } from './sqlChatStore.ts'
import { createSqlFleetStore } from './sqlFleetStore.ts'
import { createSqlPageStore } from './sqlPageStore.ts'
import type { Store } from './store.ts'

/** Evidence larger than this once decompressed is not ours: steps are cut long before. */
const LARGEST_EVIDENCE_BYTES = 64 * 1024 * 1024

/** The store over SQL: the same queries for every engine. */
export const createSqlStore = ({ database, guarded, lock }: Engine): Store => ({
  ...createSqlChatStore({ database, guarded, lock }),
  ...createSqlFleetStore({ database, guarded, lock }),
  ...createSqlPageStore({ database, guarded, lock }),

  createRun: (run) =>
    guarded(async () => {
      await database.insertInto('runs').values(runRow(run)).execute()
    }),

  recordEvidence: (runId, evidence) =>
    guarded(async () => {
      const body = zstdCompressSync(Buffer.from(JSON.stringify(evidence)))
      await database
        .insertInto('evidence')
        .values({ run_id: runId, number: numberOf(evidence), body })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }),

  finishRun: (runId, state, endedAtMs, changes = {}) =>
    guarded(async () => {
      await database.transaction().execute(async (transaction) => {
        await lock(transaction)
        const row = await transaction.selectFrom('runs').select('body').where('id', '=', runId).executeTakeFirst()
        if (row === undefined) return
        const run: Run = { ...(JSON.parse(row.body) as Run), ...changes, state, endedAtMs }
        await transaction.updateTable('runs').set(runRow(run)).where('id', '=', runId).execute()
      })
    }),

  findRun: (runId) =>
    guarded(async () => {
      const row = await database.selectFrom('runs').select('body').where('id', '=', runId).executeTakeFirst()
      return row === undefined ? undefined : (JSON.parse(row.body) as Run)
    }),

  listRuns: (limit) =>
    guarded(async () => {
      const rows = await database
        .selectFrom('runs')
        .select('body')
        .orderBy('started_at_ms', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map((row) => JSON.parse(row.body) as Run)
    }),

  readEvidence: (runId) =>
    guarded(async () => {
      const rows = await database
        .selectFrom('evidence')
        .select('body')
        .where('run_id', '=', runId)
        .orderBy('number')
        .execute()
      return rows.map((row) => JSON.parse(unpacked(row.body)) as StoredEvidence)
    }),

  createIncident: (incident) =>
    guarded(async () => {
      // The same event found again is the same incident; its newest run tells it best.
      await database
        .insertInto('incidents')
        .values(incidentRow(incident))
        .onConflict((conflict) => conflict.column('id').doUpdateSet(incidentRow(incident)))
        .execute()
    }),

  findIncident: (id) =>
    guarded(async () => {
      const row = await database.selectFrom('incidents').select('body').where('id', '=', id).executeTakeFirst()
      return row === undefined ? undefined : (JSON.parse(row.body) as Incident)
    }),

  listIncidents: ({ host, unit, limit }) =>
    guarded(async () => {
      let query = database.selectFrom('incidents').select('body')
      if (host !== undefined) query = query.where('host', '=', host)
      if (unit !== undefined) query = query.where('unit', '=', unit)
      const rows = await query.orderBy('occurred_at_ms', 'desc').orderBy('id', 'desc').limit(limit).execute()
      return rows.map((row) => JSON.parse(row.body) as Incident)
    }),

  savePostmortem: (incidentId, markdown, savedAtMs) =>
    guarded(() =>
      database.transaction().execute(async (transaction) => {
        await lock(transaction)
        const newest = await transaction
          .selectFrom('postmortems')
          .select(['version', 'markdown'])
          .where('incident_id', '=', incidentId)
          .orderBy('version', 'desc')
          .executeTakeFirst()
        if (newest?.markdown === markdown) return
        await transaction
          .insertInto('postmortems')
          .values({ incident_id: incidentId, version: (newest?.version ?? 0) + 1, saved_at_ms: savedAtMs, markdown })
          .execute()
      }),
    ),

  findPostmortem: (incidentId) =>
    guarded(() =>
      database
        .selectFrom('postmortems')
        .select(['markdown', 'version'])
        .where('incident_id', '=', incidentId)
        .orderBy('version', 'desc')
        .executeTakeFirst(),
    ),

  appendAudit: (entry) =>
    guarded(() =>
      database.transaction().execute(async (transaction) => {
        await lock(transaction)
        const last = await transaction.selectFrom('audit').selectAll().orderBy('number', 'desc').executeTakeFirst()
        const body = canonicalJson(entry)
        await transaction
          .insertInto('audit')
          .values({ number: (last?.number ?? 0) + 1, body, hash: chained(last?.hash ?? '', body) })
          .execute()
      }),
    ),

  verifyAudit: () =>
    guarded(async () => {
      let hash = ''
      let expected = 1
      for (const row of await database.selectFrom('audit').selectAll().orderBy('number').execute()) {
        hash = chained(hash, row.body)
        if (row.number !== expected || row.hash !== hash) return expected
        expected += 1
      }
      return undefined
    }),

  [Symbol.asyncDispose]: () => database.destroy(),
})

const numberOf = (evidence: StoredEvidence): number => Number(evidence.id.slice(1))

const unpacked = (body: Uint8Array): string =>
  zstdDecompressSync(body, { maxOutputLength: LARGEST_EVIDENCE_BYTES }).toString('utf8')

const chained = (previous: string, body: string): string =>
  createHash('sha256').update(`${previous}\n${body}`).digest('hex')

const runRow = (run: Run) => ({
  id: run.id,
  host: run.host,
  runbook: run.runbook,
  state: run.state,
  started_at_ms: run.startedAtMs,
  ended_at_ms: run.endedAtMs,
  body: JSON.stringify(run),
})

const incidentRow = (incident: Incident) => ({
  id: incident.id,
  run_id: incident.runId,
  host: incident.host,
  unit: incident.unit,
  occurred_at_ms: incident.occurredAtMs,
  body: JSON.stringify(incident),
})
