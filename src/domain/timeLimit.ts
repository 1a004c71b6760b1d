/** A signal that fires when the time is over or when the outer signal does, whichever comes first. */
export interface TimeLimit extends Disposable {
  readonly signal: AbortSignal
  /** Fires only for the time, so that an overlong piece of work can be told from a cancelled one. */
  readonly over: AbortSignal
}

/**
 * Not AbortSignal.any: the outer signal of a fleet run would keep some kilobytes of every ended host until the run
 * ends. When the limit is disposed, nothing of it hangs on the outer signal or on a timer.
 */
export const limitTime = (outer: AbortSignal, ms: number): TimeLimit => {
  const either = new AbortController()
  const over = new AbortController()
  const cancel = (): void => either.abort()
  const timer = setTimeout(() => {
    over.abort()
    either.abort()
  }, ms)
  outer.addEventListener('abort', cancel, { once: true })
  if (outer.aborted) cancel()
  return {
    signal: either.signal,
    over: over.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      outer.removeEventListener('abort', cancel)
    },
  }
}
