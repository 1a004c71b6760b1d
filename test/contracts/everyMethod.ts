import { afterAll, describe, expect, it } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import type { SetUp } from './store.ts'

/** Opens stores that note which of their methods a contract has called, and fails by name for those that none has. */
export const notingMethods = (setUp: SetUp): { readonly setUp: SetUp; readonly check: (name: string) => void } => {
  const called = new Set<string>()
  const known = new Set<string>()
  const noting = (store: Store): Store =>
    new Proxy(store, {
      get(target, key, receiver) {
        if (typeof key === 'string') called.add(key)
        return Reflect.get(target, key, receiver) as unknown
      },
    })
  return {
    setUp: async () => {
      const made = await setUp()
      return {
        ...made,
        open: async () => {
          const store = await made.open()
          for (const key of Object.keys(store)) known.add(key)
          return noting(store)
        },
      }
    },
    check: (name) =>
      describe(`the contract of ${name}`, () => {
        afterAll(() => called.clear())
        it('has a case for every method', () => {
          expect(known.size).toBeGreaterThan(50)
          expect([...known].filter((key) => !called.has(key))).toEqual([])
        })
      }),
  }
}
