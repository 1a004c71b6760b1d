import type { WorkspaceEvent } from './records.ts'

export interface WaitOptions {
  /** Only events after this mark (see `Journal.mark`); default: all, also those that already happened. */
  readonly after?: number
  readonly withinMs?: number
}

/** All that happened, in order; waiting for something that already happened answers at once. */
export class Journal {
  readonly events: WorkspaceEvent[] = []
  readonly #listeners = new Set<(event: WorkspaceEvent) => void>()

  add(event: WorkspaceEvent): void {
    this.events.push(event)
    for (const listener of this.#listeners) listener(event)
  }

  /** The present moment, for `after`. */
  mark(): number {
    return this.events.length
  }

  subscribe(listener: (event: WorkspaceEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The first event the chooser answers something for. */
  waitFor<T>(what: string, choose: (event: WorkspaceEvent) => T | undefined, options: WaitOptions = {}): Promise<T> {
    for (const event of this.events.slice(options.after ?? 0)) {
      const chosen = choose(event)
      if (chosen !== undefined) return Promise.resolve(chosen)
    }
    const withinMs = options.withinMs ?? 5_000
    const late = new Error(`fake workspace: no ${what} within ${withinMs} ms`)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        stop()
        late.message += `; last events: ${this.events.slice(-12).map(describeEvent).join(' | ') || 'none'}`
        reject(late)
      }, withinMs)
      const stop = this.subscribe((event) => {
        let chosen: T | undefined
        try {
          chosen = choose(event)
        } catch (error) {
          clearTimeout(timer)
          stop()
          reject(error instanceof Error ? error : new Error(String(error)))
          return
        }
        if (chosen === undefined) return
        clearTimeout(timer)
        stop()
        resolve(chosen)
      })
    })
  }
}

/** One event in a few words, for the message of a missed deadline. */
export const describeEvent = (event: WorkspaceEvent): string => {
  switch (event.kind) {
    case 'message':
    case 'update':
      return `${event.kind} "${event.message.text.slice(0, 60)}"`
    case 'ephemeral':
      return `ephemeral "${event.ephemeral.text.slice(0, 60)}"`
    case 'call':
      return `${event.call.method} ${event.call.outcome ?? 'pending'}`
    case 'delivery':
    case 'ack':
    case 'no-ack':
      return `${event.kind} of ${event.delivery.type}`
    case 'file':
      return `file ${event.file.name}`
    case 'modal':
      return `modal ${event.how}`
    default:
      return event.kind
  }
}
