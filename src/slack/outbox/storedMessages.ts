import type { Owners } from '../../app/owner.ts'
import type { OutgoingMessage, Store } from '../../store/store.ts'
import type { Log } from '../log.ts'
import { entryOf, needsSending, rowOf, withoutWords } from './entry.ts'
import type { Body, Entry } from './entry.ts'

export interface StoredMessagesTools {
  readonly store: Store | null
  readonly owners: Owners
  readonly now: () => number
  readonly log: Log
}

/** A message as the store knows it; `elsewhere` while another living process is about to send it. */
export type Stored = Entry | 'elsewhere' | undefined

/** At most so many messages of dead processes are taken over at a start. Arbitrary: more than a crash leaves. */
const MOST_TAKEN = 500

/** What the outbox has in the store: its own messages, and those of processes that are gone. Works without a store. */
export class StoredMessages {
  readonly #tools: StoredMessagesTools

  constructor(tools: StoredMessagesTools) {
    this.#tools = tools
  }

  /** A store that fails costs the safety net, never the message. */
  async save(entry: Entry): Promise<void> {
    const { store, owners, log } = this.#tools
    try {
      if (!needsSending(entry)) entry.draft = withoutWords(entry.draft)
      const row = rowOf(entry, owners.self)
      entry.isStoredUnsent = row.state === 'unsent'
      await store?.saveOutgoing(row)
    } catch (error) {
      log.warn({ error, message: entry.id }, 'a message could not be stored; it is sent all the same')
    }
  }

  async find(id: string): Promise<Stored> {
    const { store, now, log } = this.#tools
    try {
      const row = await store?.findOutgoing(id)
      if (row === undefined) return undefined
      return row.state === 'unsent' ? await this.#take(row) : entryOf(row, bodyOf(row), now())
    } catch (error) {
      log.warn({ error, message: id }, 'a stored message could not be read')
      return undefined
    }
  }

  /** Takes over what dead processes could not send, but for the messages in `known`. */
  async takeUnsent(known: ReadonlyMap<string, Entry>): Promise<readonly Entry[]> {
    const taken: Entry[] = []
    for (const row of (await this.#tools.store?.listUnsent(MOST_TAKEN)) ?? []) {
      if (known.has(row.id)) continue
      const entry = await this.#take(row)
      if (entry !== 'elsewhere') taken.push(entry)
    }
    return taken
  }

  /** Only one process can take over a message that waits from a process that is gone. */
  async #take(row: OutgoingMessage): Promise<Entry | 'elsewhere'> {
    const { store, owners, now } = this.#tools
    const body = bodyOf(row)
    if (body.owner !== owners.self) {
      if (!(await owners.isGone(body.owner, row.createdAtMs))) return 'elsewhere'
      const mine: Body = { ...body, owner: owners.self }
      if ((await store?.takeOutgoing(row.id, row.body, JSON.stringify(mine))) !== true) return 'elsewhere'
    }
    return entryOf(row, body, now())
  }
}

const bodyOf = (row: OutgoingMessage): Body => JSON.parse(row.body) as Body
