import type { Kysely } from 'kysely'
import type { Approval } from '../domain/approval.ts'
import { requestKey, type RunRequest } from '../domain/runRequest.ts'
import type { Engine } from './engine.ts'
import type { ChatStore, OutgoingMessage } from './store.ts'
import type { OutgoingRow, Tables } from './tables.ts'

/** What chat doors need, over SQL: the same queries for every engine. */
export const createSqlChatStore = (engine: Engine): ChatStore => ({
  ...deliveryStore(engine),
  ...requestStore(engine),
  ...outgoingStore(engine),
  ...approvalStore(engine),
})

const deliveryStore = ({ database, guarded }: Engine): Pick<ChatStore, 'claimDelivery' | 'forgetDeliveries'> => ({
  claimDelivery: (key, atMs) =>
    guarded(async () => {
      const result = await database
        .insertInto('deliveries')
        .values({ key, at_ms: atMs })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      return Number(result.numInsertedOrUpdatedRows ?? 0) === 1
    }),

  forgetDeliveries: (beforeMs) =>
    guarded(async () => {
      await database.deleteFrom('deliveries').where('at_ms', '<', beforeMs).execute()
    }),
})

const requestStore = ({
  database,
  guarded,
  lock,
}: Engine): Pick<ChatStore, 'openRequest' | 'updateRequest' | 'takeRequest' | 'findRequest' | 'listRequests'> => ({
  openRequest: (request) =>
    guarded(() =>
      database.transaction().execute(async (transaction) => {
        await lock(transaction)
        const active = await transaction
          .selectFrom('run_requests')
          .select('body')
          .where('active_key', '=', requestKey(request))
          .executeTakeFirst()
        if (active !== undefined) return JSON.parse(active.body) as RunRequest
        await transaction.insertInto('run_requests').values(requestRow(request)).execute()
        return undefined
      }),
    ),

  updateRequest: (id, changes) =>
    guarded(() =>
      database.transaction().execute(async (transaction) => {
        await lock(transaction)
        const row = await transaction
          .selectFrom('run_requests')
          .select('body')
          .where('id', '=', id)
          .where('state', '=', 'active')
          .executeTakeFirst()
        if (row === undefined) return false
        const request: RunRequest = { ...(JSON.parse(row.body) as RunRequest), ...changes }
        await transaction.updateTable('run_requests').set(requestRow(request)).where('id', '=', id).execute()
        return true
      }),
    ),

  takeRequest: (id, from, owner, atMs) =>
    guarded(() =>
      database.transaction().execute(async (transaction) => {
        await lock(transaction)
        const row = await transaction
          .selectFrom('run_requests')
          .select('body')
          .where('id', '=', id)
          .where('state', '=', 'active')
          .executeTakeFirst()
        const request = row === undefined ? undefined : (JSON.parse(row.body) as RunRequest)
        if (request?.owner !== from) return false
        const taken: RunRequest = { ...request, owner, heartbeatAtMs: atMs, takenOver: (request.takenOver ?? 0) + 1 }
        await transaction.updateTable('run_requests').set(requestRow(taken)).where('id', '=', id).execute()
        return true
      }),
    ),

  findRequest: (id) =>
    guarded(async () => {
      const row = await database.selectFrom('run_requests').select('body').where('id', '=', id).executeTakeFirst()
      return row === undefined ? undefined : (JSON.parse(row.body) as RunRequest)
    }),

  listRequests: ({ state, host, limit }) =>
    guarded(async () => {
      let query = database.selectFrom('run_requests').select('body')
      if (state !== undefined) query = query.where('state', '=', state)
      if (host !== undefined) query = query.where('host', '=', host)
      const rows = await query.orderBy('created_at_ms', 'desc').orderBy('id', 'desc').limit(limit).execute()
      return rows.map((row) => JSON.parse(row.body) as RunRequest)
    }),
})

const outgoingStore = ({
  database,
  guarded,
}: Engine): Pick<ChatStore, 'saveOutgoing' | 'takeOutgoing' | 'findOutgoing' | 'listUnsent' | 'forgetOutgoing'> => ({
  saveOutgoing: (message) =>
    guarded(async () => {
      const row = outgoingRow(message)
      await database
        .insertInto('outgoing')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute()
    }),

  takeOutgoing: (id, from, body) =>
    guarded(async () => {
      const result = await database
        .updateTable('outgoing')
        .set({ body })
        .where('id', '=', id)
        .where('state', '=', 'unsent')
        .where('body', '=', from)
        .executeTakeFirst()
      return Number(result.numUpdatedRows) === 1
    }),

  findOutgoing: (id) =>
    guarded(async () => {
      const row = await database.selectFrom('outgoing').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? undefined : outgoingOf(row)
    }),

  listUnsent: (limit) =>
    guarded(async () => {
      const rows = await database
        .selectFrom('outgoing')
        .selectAll()
        .where('state', '=', 'unsent')
        .orderBy('created_at_ms')
        .orderBy('number')
        .limit(limit)
        .execute()
      return rows.map(outgoingOf)
    }),

  forgetOutgoing: (beforeMs) =>
    guarded(async () => {
      await database
        .deleteFrom('outgoing')
        .where('created_at_ms', '<', beforeMs)
        .where('state', '!=', 'unsent')
        .execute()
    }),
})

const approvalStore = ({
  database,
  guarded,
  lock,
}: Engine): Pick<ChatStore, 'createApproval' | 'changeApproval' | 'findApproval' | 'listApprovals'> => ({
  createApproval: (approval) =>
    guarded(() =>
      database.transaction().execute(async (transaction) => {
        await lock(transaction)
        const earlier = await transaction
          .selectFrom('approvals')
          .select('body')
          .where('pending_key', '=', approval.plan.host)
          .executeTakeFirst()
        let superseded: string | undefined
        if (earlier !== undefined) {
          const old = JSON.parse(earlier.body) as Approval
          superseded = old.id
          await writeApproval(transaction, { ...old, state: 'superseded', decidedAtMs: approval.createdAtMs })
        }
        await transaction.insertInto('approvals').values(approvalRow(approval)).execute()
        return superseded
      }),
    ),

  changeApproval: (id, from, changes) =>
    guarded(() =>
      database.transaction().execute(async (transaction) => {
        await lock(transaction)
        const row = await transaction
          .selectFrom('approvals')
          .select('body')
          .where('id', '=', id)
          .where('state', '=', from.state)
          .executeTakeFirst()
        if (row === undefined) return false
        const approval = JSON.parse(row.body) as Approval
        if (from.begunAtMs !== undefined && approval.begunAtMs !== from.begunAtMs) return false
        if (from.result !== undefined && approval.result !== from.result) return false
        await writeApproval(transaction, { ...approval, ...changes })
        return true
      }),
    ),

  findApproval: (id) =>
    guarded(async () => {
      const row = await database.selectFrom('approvals').select('body').where('id', '=', id).executeTakeFirst()
      return row === undefined ? undefined : (JSON.parse(row.body) as Approval)
    }),

  listApprovals: ({ state, limit }) =>
    guarded(async () => {
      let query = database.selectFrom('approvals').select('body')
      if (state !== undefined) query = query.where('state', '=', state)
      const rows = await query.orderBy('created_at_ms', 'desc').orderBy('id', 'desc').limit(limit).execute()
      return rows.map((row) => JSON.parse(row.body) as Approval)
    }),
})

const writeApproval = async (transaction: Kysely<Tables>, approval: Approval): Promise<void> => {
  await transaction.updateTable('approvals').set(approvalRow(approval)).where('id', '=', approval.id).execute()
}

const requestRow = (request: RunRequest) => ({
  id: request.id,
  active_key: request.state === 'active' ? requestKey(request) : null,
  host: request.host,
  state: request.state,
  created_at_ms: request.createdAtMs,
  body: JSON.stringify(request),
})

const outgoingRow = (message: OutgoingMessage): OutgoingRow => ({
  id: message.id,
  thread_id: message.threadId,
  number: message.number,
  state: message.state,
  sent_as: message.sentAs,
  created_at_ms: message.createdAtMs,
  body: message.body,
})

const outgoingOf = (row: OutgoingRow): OutgoingMessage => ({
  id: row.id,
  threadId: row.thread_id,
  number: row.number,
  state: row.state as OutgoingMessage['state'],
  sentAs: row.sent_as,
  createdAtMs: row.created_at_ms,
  body: row.body,
})

const approvalRow = (approval: Approval) => ({
  id: approval.id,
  pending_key: approval.state === 'pending' ? approval.plan.host : null,
  state: approval.state,
  created_at_ms: approval.createdAtMs,
  body: JSON.stringify(approval),
})
