import type { StoredEvidence } from '../domain/evidence.ts'
import type { Store } from '../store/store.ts'

interface Waiting {
  readonly runId: string
  readonly evidence: StoredEvidence
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** One transaction stays short enough that other writers get their turn; our choice. */
const MOST_AT_ONCE = 200

/**
 * The same store for many runs at once: what arrives while the disk is busy is written together. Each call still returns
 * only when its evidence is kept. Disposing it leaves the store open.
 */
export const groupedStore = (store: Store): Store => {
  const waiting: Waiting[] = []
  let isWriting = false
  const write = async (): Promise<void> => {
    if (isWriting) return
    isWriting = true
    while (waiting.length > 0) {
      const items = waiting.splice(0, MOST_AT_ONCE)
      try {
        await store.recordAllEvidence(items.map(({ runId, evidence }) => ({ runId, evidence })))
        for (const item of items) item.resolve()
      } catch (error) {
        for (const item of items) item.reject(error)
      }
    }
    isWriting = false
  }
  return {
    ...store,
    recordEvidence: (runId, evidence) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ runId, evidence, resolve, reject })
        setImmediate(() => void write())
      }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
