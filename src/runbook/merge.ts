/** One item of one of several streams, or the end of a stream. */
export type Merged<Item> =
  | { readonly type: 'item'; readonly source: number; readonly item: Item }
  | { readonly type: 'end'; readonly source: number; readonly error: unknown }

/**
 * Items of several streams in the order in which they arrive. A stream that throws ends alone. After `signal` fires the
 * streams get `graceMs` to hand over what they hold; those that say nothing by then are left behind.
 */
export async function* merge<Item>(
  sources: readonly AsyncIterable<Item>[],
  signal: AbortSignal,
  graceMs: number,
): AsyncGenerator<Merged<Item>> {
  const queue: Merged<Item>[] = []
  let wake: () => void = () => {}
  const push = (merged: Merged<Item>): void => {
    queue.push(merged)
    wake()
  }
  const iterators = sources.map((source) => source[Symbol.asyncIterator]())
  for (const [source, iterator] of iterators.entries()) void pump(iterator, source, push)

  let patience = true
  let timer: NodeJS.Timeout | undefined
  const onAbort = (): void => {
    timer = setTimeout(() => {
      patience = false
      wake()
    }, graceMs)
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  let open = sources.length
  try {
    while (open > 0) {
      const next = queue.shift()
      if (next !== undefined) {
        if (next.type === 'end') open -= 1
        yield next
      } else if (!patience) {
        return
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    // Not awaited: a stream that hangs must not hold up the run.
    for (const iterator of iterators) void iterator.return?.().catch(() => {})
  }
}

const pump = async <Item>(
  iterator: AsyncIterator<Item>,
  source: number,
  push: (merged: Merged<Item>) => void,
): Promise<void> => {
  try {
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      push({ type: 'item', source, item: next.value })
    }
    push({ type: 'end', source, error: null })
  } catch (error) {
    push({ type: 'end', source, error: error ?? new Error('the stream broke') })
  }
}
