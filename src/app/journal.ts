import { ExpectedError } from '../domain/errors.ts'
import type { Store } from '../store/store.ts'

/** A store that fails once is not asked again in this run: a full disk must not slow the answer down. */
export class Journal {
  problem: string | null = null
  readonly #store: Store | null

  constructor(store: Store | null) {
    this.#store = store
    if (store === null) this.problem = 'the store could not be opened'
  }

  async write(action: (store: Store) => Promise<void>): Promise<void> {
    await this.read(action)
  }

  async read<Value>(action: (store: Store) => Promise<Value>): Promise<Value | undefined> {
    if (this.#store === null || this.problem !== null) return undefined
    try {
      return await action(this.#store)
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error
      this.problem = error.message
      return undefined
    }
  }
}
