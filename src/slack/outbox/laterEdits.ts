import type { Draft } from './draft.ts'

/** How soon an edit looks again whether its message was sent by another process. */
const LOOK_AGAIN_MS = 1_000

interface Edit {
  readonly draft: Draft
  readonly final: boolean
}

/** The newest edit of each message that another process has yet to send. */
export class LaterEdits {
  readonly #waiting = new Map<string, Edit>()

  get size(): number {
    return this.#waiting.size
  }

  forget(id: string): void {
    this.#waiting.delete(id)
  }

  /** `edit` is tried again in a moment; a final state is never replaced by progress. */
  add(id: string, wanted: Edit, edit: (newest: Edit) => Promise<void>): void {
    const known = this.#waiting.get(id)
    if (known?.final === true && !wanted.final) return
    this.#waiting.set(id, wanted)
    if (known !== undefined) return
    setTimeout(() => {
      const newest = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (newest !== undefined) void edit(newest)
    }, LOOK_AGAIN_MS).unref()
  }
}
