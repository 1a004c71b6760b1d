import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

/** How an engine differs from the other. */
export interface Engine {
  readonly database: Kysely<Tables>
  /** Runs an action and turns the engine's errors into StoreError. */
  readonly guarded: <Value>(action: () => Promise<Value>) => Promise<Value>
  /** Makes the transaction the only writer. */
  readonly lock: (transaction: Kysely<Tables>) => Promise<unknown>
}
