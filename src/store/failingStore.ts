import type { Store } from './store.ts'

/** Stands for a store that could not be opened: whoever uses it learns why, each time. */
export const failingStore = (cause: unknown): Store => {
  const error = cause instanceof Error ? cause : new Error(String(cause))
  // `then` must be missing, or awaiting the store itself would fail.
  return new Proxy({} as Store, { get: (_, name) => (name === 'then' ? undefined : () => Promise.reject(error)) })
}
