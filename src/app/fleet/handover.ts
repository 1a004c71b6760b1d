/**
 * Hands items from many writers to one reader. A writer waits until its item was taken, so that nothing piles up when the
 * reader is slow.
 */
export class Handover<Item> {
  readonly #items: { readonly item: Item; readonly taken: () => void }[] = []
  #wake: (() => void) | null = null
  #hasEnded = false
  #isGone = false

  put(item: Item): Promise<void> {
    if (this.#isGone) return Promise.resolve()
    return new Promise((taken) => {
      this.#items.push({ item, taken })
      this.#wake?.()
    })
  }

  end(): void {
    this.#hasEnded = true
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    try {
      for (;;) {
        const next = this.#items.shift()
        if (next !== undefined) {
          try {
            yield next.item
          } finally {
            next.taken()
          }
        } else if (this.#hasEnded) return
        else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
          this.#wake = null
        }
      }
    } finally {
      this.#isGone = true
      for (const { taken } of this.#items.splice(0)) taken()
    }
  }
}
