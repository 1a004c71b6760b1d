/** A signal that fires with the first of several; disposed when the work it guards is over. */
export interface JoinedSignal extends Disposable {
  readonly signal: AbortSignal
}

/**
 * Not AbortSignal.any, for the reason told at limitTime: a worker's signal lives for weeks and would keep something of
 * every order. When it is disposed, nothing of it hangs on the outer signals.
 */
export const joinSignals = (...outer: readonly AbortSignal[]): JoinedSignal => {
  const joined = new AbortController()
  const off: (() => void)[] = []
  for (const one of outer) {
    const fire = (): void => joined.abort(one.reason)
    one.addEventListener('abort', fire, { once: true })
    off.push(() => one.removeEventListener('abort', fire))
    if (one.aborted) fire()
  }
  return {
    signal: joined.signal,
    [Symbol.dispose]: () => {
      for (const leave of off) leave()
    },
  }
}
