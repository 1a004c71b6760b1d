import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { SqliteDialect } from 'kysely'
import type { Dialect } from 'kysely'

/** Kysely's SQLite dialect over Node's own driver: it needs to know which statements give rows, and spread parameters. */
export const nodeSqliteDialect = (database: DatabaseSync): Dialect =>
  new SqliteDialect({
    database: {
      close: () => database.close(),
      prepare: (sql) => {
        const statement = database.prepare(adapted(sql, database.isTransaction))
        return {
          reader: statement.columns().length > 0,
          all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
          run: (parameters) => {
            const { changes, lastInsertRowid } = statement.run(...(parameters as SQLInputValue[]))
            return { changes: BigInt(changes), lastInsertRowid: BigInt(lastInsertRowid) }
          },
          iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
        }
      },
    },
  })

/**
 * Every transaction of ours writes: taking the lock at once lets a second process wait instead of failing later. A full
 * disk ends a transaction by itself; rolling back once more would hide the reason behind a second error.
 */
const adapted = (sql: string, isTransaction: boolean): string => {
  if (sql === 'begin') return 'begin immediate'
  return sql === 'rollback' && !isTransaction ? 'select 1' : sql
}
