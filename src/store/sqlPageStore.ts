import type { PageStatusRecord } from '../domain/pageStatus.ts'
import type { PublicationRecord } from '../domain/publication.ts'
import type { Engine } from './engine.ts'
import type { PageStore } from './store.ts'

/** What publishing must remember, over SQL: the same queries for every engine. */
export const createSqlPageStore = ({ database, guarded, lock }: Engine): PageStore => ({
  savePublication: (record) =>
    guarded(async () => {
      await database
        .insertInto('publications')
        .values(publicationRow(record))
        .onConflict((conflict) => conflict.columns(['incident_id', 'target']).doUpdateSet(publicationRow(record)))
        .execute()
    }),

  listPublications: ({ incidentId, target }) =>
    guarded(async () => {
      let query = database.selectFrom('publications').select('body')
      if (incidentId !== undefined) query = query.where('incident_id', '=', incidentId)
      if (target !== undefined) query = query.where('target', '=', target)
      const rows = await query.orderBy('incident_id', 'desc').orderBy('target').execute()
      return rows.map((row) => JSON.parse(row.body) as PublicationRecord)
    }),

  findPageStatus: (incidentId) =>
    guarded(async () => {
      const row = await database
        .selectFrom('page_statuses')
        .select('body')
        .where('incident_id', '=', incidentId)
        .executeTakeFirst()
      return row === undefined ? undefined : (JSON.parse(row.body) as PageStatusRecord)
    }),

  changePageStatus: (from, record) =>
    guarded(() =>
      database.transaction().execute(async (transaction) => {
        await lock(transaction)
        const row = await transaction
          .selectFrom('page_statuses')
          .select('status')
          .where('incident_id', '=', record.incidentId)
          .executeTakeFirst()
        if ((row?.status ?? 'draft') !== from) return false
        const values = { incident_id: record.incidentId, status: record.status, body: JSON.stringify(record) }
        await transaction
          .insertInto('page_statuses')
          .values(values)
          .onConflict((conflict) => conflict.column('incident_id').doUpdateSet(values))
          .execute()
        return true
      }),
    ),
})

const publicationRow = (record: PublicationRecord) => ({
  incident_id: record.incidentId,
  target: record.target,
  body: JSON.stringify(record),
})
