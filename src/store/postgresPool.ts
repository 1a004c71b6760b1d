import type { PostgresPool, PostgresPoolClient } from 'kysely'
import { Pool, types } from 'pg'
import type { PoolClient } from 'pg'
import { WriteLostError, isBroken, isCalledOff } from './postgresErrors.ts'

/** Enough for a fleet run whose evidence is written together; many processes share the server's hundred. Our choice. */
const MOST_CONNECTIONS = 8
const CONNECT_MS = 5_000

/**
 * A stopped process must not hold the lock for ever, nor a statement wait for ever for it. Times are far above what any
 * query of ours takes; our choice.
 */
const LIMITS = {
  statement_timeout: 30_000,
  lock_timeout: 10_000,
  idle_in_transaction_session_timeout: 15_000,
} as const

/**
 * Connections for Kysely. A connection that broke is told apart by what was lost with it: nothing (the call may be made
 * again), or a write nobody knows about (WriteLostError).
 */
export const createPostgresPool = (url: string): PostgresPool => {
  const pool = new Pool({
    connectionString: url,
    max: MOST_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: 30_000,
    // A terminal command ends when its work is done, and not when its connections are.
    allowExitOnIdle: true,
    keepAlive: true,
    application_name: 'medic',
    ...LIMITS,
    // Times and counts are whole numbers far below 2^53.
    types: {
      getTypeParser: (type, format) => (type === types.builtins.INT8 ? Number : types.getTypeParser(type, format)),
    },
  })
  // An idle connection that breaks is replaced when it is needed; without a listener its error would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => {
    client.on('error', () => {})
  })
  return {
    options: {},
    connect: async () => clientOf(await pool.connect()),
    end: () => pool.end(),
  }
}

const clientOf = (client: PoolClient): PostgresPoolClient => {
  let isInTransaction = false
  let isDead = false
  const query = async (sql: string, parameters: readonly unknown[]): Promise<unknown> => {
    // What a dead connection had begun is rolled back by the server; the first error is the one to tell.
    if (isDead && sql === 'rollback') return { command: 'ROLLBACK', rowCount: 0, rows: [] }
    try {
      const result = await client.query(sql, parameters.map(storable))
      if (sql === 'begin') isInTransaction = true
      else if (sql === 'commit' || sql === 'rollback') isInTransaction = false
      return result
    } catch (cause) {
      if (!isBroken(cause)) throw cause
      isDead = true
      const isUncertain = sql === 'commit' || (!isInTransaction && !/^(?:select|begin)\b/.test(sql))
      if (!isUncertain || isCalledOff(cause)) throw cause
      throw new WriteLostError('the connection broke during a write', { cause })
    }
  }
  return {
    query: query as PostgresPoolClient['query'],
    release: (destroy) => client.release(isDead || destroy === true),
  }
}

/** Postgres keeps no NUL in text; JSON bodies escape it, names and pages get the sign for a missing character. */
const storable = (value: unknown): unknown =>
  typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value
