import { randomUUID } from 'node:crypto'
import type { WebClient } from '@slack/web-api'
import type { Owners } from '../../app/owner.ts'
import type { OutgoingMessage, Store } from '../../store/store.ts'
import type { Draft } from './draft.ts'
import { entryOf, isFile, needsSending, newEntry, rowOf, settledOf, withoutWords } from './entry.ts'
import type { Body, Entry, Settled } from './entry.ts'
import { Ladder, REFUSAL_MEMORY_MS } from './ladder.ts'
import { LaterEdits } from './laterEdits.ts'
import type { Log } from '../log.ts'
import { chooseNext, type Thread } from './order.ts'
import { PACE, Pace } from './pace.ts'
import type { PostRequest } from './postRequest.ts'
import { findSent, sendEdit, sendFile, sendPost, type Sent } from './sending.ts'

/** What goes first when Slack is slow: the verdict before any edit, chart or file. */
export const PRIORITY = { head: 0, verdict: 1, finalEdit: 2, reply: 3, file: 4, progressEdit: 5 } as const

export interface OutboxTools {
  /** One without retries of its own that hands rate limits over: the outbox decides what waits. */
  readonly client: WebClient
  readonly store: Store | null
  readonly owners: Owners
  readonly now: () => number
  readonly log: Log
}

/** At most so many calls at once (security-reliability.md section 9). */
const CONCURRENCY = 3
const LONGEST_BACKOFF_MS = 30_000
const FILE_TRIES = 3

/**
 * Everything that is said in Slack goes through here. Per thread in order; a message is stored before it is sent and
 * is sent once; edits are folded into the newest; whatever Slack does, callers go on.
 */
export class Outbox {
  readonly #tools: OutboxTools
  readonly #pace: Pace
  readonly #threads = new Map<string, Thread>()
  readonly #entries = new Map<string, Entry>()
  readonly #ladder: Ladder
  /** Edits of messages that another process has yet to send. */
  readonly #later = new LaterEdits()
  #filesRefusedAtMs = Number.NEGATIVE_INFINITY
  #historyAllowed = true
  #running = 0
  #number = 0
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(tools: OutboxTools) {
    this.#tools = tools
    this.#pace = new Pace(tools.now)
    this.#ladder = new Ladder(tools.now)
  }

  /** Stores a message and sends it in its turn. */
  async post(request: PostRequest): Promise<{ readonly id: string; readonly settled: Promise<Settled> }> {
    const id = request.id ?? randomUUID()
    const known = this.#entries.get(id) ?? (request.id === undefined ? undefined : await this.#load(id))
    // Another process sends it: when that is done is not known here.
    if (known === 'elsewhere') return { id, settled: new Promise(() => {}) }
    if (known !== undefined) return { id, settled: settledOf(known) }
    const entry = newEntry({
      id,
      threadId: request.threadId ?? id,
      channel: request.channel,
      threadTs: request.threadTs ?? null,
      number: (this.#number += 1),
      priority:
        request.priority ??
        (request.threadId === null ? PRIORITY.head : request.draft.file === undefined ? PRIORITY.reply : PRIORITY.file),
      draft: request.draft,
      createdAtMs: this.#tools.now(),
    })
    const head = this.#entries.get(entry.threadId)
    if (head?.state === 'given-up' && entry.threadTs === null) {
      return { id, settled: Promise.resolve({ status: 'refused', reason: 'the thread could not be started' }) }
    }
    await this.#save(entry)
    this.#add(entry)
    this.#pump()
    return { id, settled: entry.settled.promise }
  }

  /** Changes what a message says. Progress may be skipped when there is much of it; a final state is always sent. */
  async edit(id: string, draft: Draft, options: { readonly final: boolean }): Promise<void> {
    const entry = this.#entries.get(id) ?? (await this.#load(id))
    if (entry === 'elsewhere') {
      this.#later.add(id, { draft, final: options.final }, (newest) => this.edit(id, newest.draft, newest))
      return
    }
    this.#later.forget(id)
    if (entry === undefined || entry.state === 'given-up') return
    if (entry.isFinal && !options.final) return
    entry.draft = draft
    entry.version += 1
    entry.isFinal = options.final
    if (options.final) await this.#save(entry)
    this.#pump()
  }

  /** Slack's name of a message, null while it is not sent. */
  async tsOf(id: string): Promise<string | null> {
    return (await this.placeOf(id))?.ts ?? null
  }

  /** Channel and name in Slack, null while it is not sent. */
  async placeOf(id: string): Promise<{ readonly channel: string; readonly ts: string } | null> {
    const entry = this.#entries.get(id) ?? (await this.#load(id))
    return entry === undefined || entry === 'elsewhere' || entry.ts === null
      ? null
      : { channel: entry.channel, ts: entry.ts }
  }

  /** Takes over what a dead process could not send. Each message is taken by one process only. */
  async restore(): Promise<number> {
    const { store } = this.#tools
    if (store === null) return 0
    let taken = 0
    for (const row of await store.listUnsent(500)) {
      if (this.#entries.has(row.id)) continue
      if (typeof (await this.#take(row, JSON.parse(row.body) as Body)) === 'object') taken += 1
    }
    this.#pump()
    return taken
  }

  /** Sends what can still be sent in this time; the rest stays stored. */
  async stop(limitMs: number): Promise<void> {
    const deadline = this.#tools.now() + limitMs
    while (this.#isBusy() && this.#tools.now() < deadline) {
      await new Promise((resolve) => {
        setTimeout(resolve, 25)
      })
    }
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  /** Messages that are not yet as they should be. */
  get waiting(): number {
    return [...this.#entries.values()].filter((entry) => needsSending(entry)).length
  }

  #isBusy(): boolean {
    return this.#running > 0 || this.waiting > 0 || this.#later.size > 0
  }

  #add(entry: Entry): void {
    this.#entries.set(entry.id, entry)
    const thread = this.#threads.get(entry.threadId) ?? { id: entry.threadId, busy: false, entries: [] }
    thread.entries.push(entry)
    this.#threads.set(entry.threadId, thread)
  }

  #pump(): void {
    if (this.#stopped) return
    clearTimeout(this.#timer)
    for (;;) {
      if (this.#running >= CONCURRENCY) return
      const choice = chooseNext(this.#threads.values(), this.#pace, this.#tools.now())
      if (choice.type === 'nothing') return
      if (choice.type === 'wait') {
        this.#timer = setTimeout(() => this.#pump(), Math.max(10, choice.ms))
        return
      }
      choice.thread.busy = true
      this.#running += 1
      void this.#send(choice.thread, choice.entry).finally(() => {
        choice.thread.busy = false
        this.#running -= 1
        this.#forgetSettled()
        this.#pump()
      })
    }
  }

  async #send(thread: Thread, entry: Entry): Promise<void> {
    try {
      const version = entry.version
      const isEdit = entry.ts !== null
      if (isEdit) {
        this.#pace.takeEdit()
        entry.lastEditAtMs = this.#tools.now()
      } else {
        this.#pace.takePost(entry.channel)
        entry.firstTriedVersion ??= version
      }
      const threadTs = await this.#threadTs(thread, entry)
      if (threadTs === null && entry.id !== thread.id) {
        // The thread's first message is not there (yet): a reply never becomes a message of its own.
        this.#delay(entry)
        return
      }
      const result = await this.#try(entry, threadTs)
      await this.#accept(thread, entry, result, { version, isEdit })
    } catch (error) {
      this.#tools.log.warn({ error, message: entry.id }, 'sending failed')
      this.#delay(entry)
    }
  }

  async #try(entry: Entry, threadTs: string | null): Promise<Sent> {
    const { client } = this.#tools
    const { id, channel, draft } = entry
    const order = { id, channel, threadTs, draft, ...this.#ladder.formOf(entry) }
    if (entry.ts !== null) return sendEdit(client, { ...order, ts: entry.ts })
    if (entry.isAmbiguous && this.#historyAllowed) {
      const seen = await findSent(client, order, entry.createdAtMs)
      if (seen === 'not-allowed') this.#historyAllowed = false
      else if (seen.found !== null) return { status: 'sent', ts: seen.found }
    }
    if (entry.draft.file === undefined) return sendPost(client, order)
    if (this.#tools.now() - this.#filesRefusedAtMs < REFUSAL_MEMORY_MS)
      return { status: 'refused', reason: 'files are refused here' }
    return sendFile(client, order)
  }

  async #accept(
    thread: Thread,
    entry: Entry,
    result: Sent,
    { version, isEdit }: { readonly version: number; readonly isEdit: boolean },
  ): Promise<void> {
    const { log, now } = this.#tools
    if (result.status === 'sent') {
      entry.tries = 0
      // A message whose answer was lost may show what was first tried, not what is wanted now: then it is edited.
      entry.sentVersion = entry.isAmbiguous ? (entry.firstTriedVersion ?? version) : version
      entry.isAmbiguous = false
      entry.ts = result.ts
      entry.state = 'sent'
      entry.settledAtMs = now()
      if (!isEdit || entry.isFinal || entry.isStoredUnsent) await this.#save(entry)
      entry.settled.resolve({ status: 'sent', ts: result.ts })
      return
    }
    if (result.status === 'limited') {
      this.#pace.pause(isEdit ? 'edit' : `post ${entry.channel}`, result.retryAfterMs)
      return
    }
    if (result.status === 'refused-form' && this.#stepDown(entry, result.reason)) return
    if (
      isFile(entry) &&
      (result.status === 'refused' || result.status === 'refused-form' || entry.tries + 1 >= FILE_TRIES)
    ) {
      await this.#sayInstead(thread, entry, result.reason)
      return
    }
    if (result.status === 'refused' || result.status === 'refused-form') {
      log.warn({ reason: result.reason, message: entry.id, kind: entry.draft.kind }, 'slack refused a message')
      if (isEdit) entry.sentVersion = entry.version
      else await this.#giveUp(thread, entry, result.reason)
      return
    }
    if (result.status === 'unknown' && !isEdit) entry.isAmbiguous = true
    log.info({ reason: result.reason, message: entry.id, tries: entry.tries }, 'slack did not take a message yet')
    this.#delay(entry)
  }

  /** A refused head takes its thread with it: there is nowhere to reply. */
  async #giveUp(thread: Thread, entry: Entry, reason: string): Promise<void> {
    const lost = entry.id === thread.id ? thread.entries.filter((one) => one.ts === null) : [entry]
    for (const one of lost) {
      one.state = 'given-up'
      one.settledAtMs = this.#tools.now()
      await this.#save(one)
      one.settled.resolve({ status: 'refused', reason })
    }
  }

  /** Down the ladder; false when there is no lower rung. */
  #stepDown(entry: Entry, reason: string): boolean {
    if (isFile(entry)) return false
    const rung = this.#ladder.rungOf(entry)
    const next = this.#ladder.stepDown(entry, reason)
    if (next !== null) {
      this.#tools.log.warn({ reason, kind: entry.draft.kind, rung, next }, 'slack refused a form of a message')
    }
    return next !== null
  }

  /** Where files are refused, the same is said in messages. */
  async #sayInstead(thread: Thread, entry: Entry, reason: string): Promise<void> {
    this.#tools.log.warn({ reason, file: entry.draft.file?.name }, 'slack took no file; it is posted as text')
    // A channel that refuses files says nothing about the next channel.
    if (!/^(?:not_in_channel|channel_not_found|is_archived|restricted_action)/.test(reason)) {
      this.#filesRefusedAtMs = this.#tools.now()
    }
    for (const draft of entry.draft.file?.instead ?? []) {
      await this.post({ threadId: thread.id, threadTs: entry.threadTs, channel: entry.channel, draft })
    }
    entry.state = 'given-up'
    entry.settledAtMs = this.#tools.now()
    await this.#save(entry)
    entry.settled.resolve({ status: 'refused', reason })
  }

  #delay(entry: Entry): void {
    entry.tries += 1
    entry.notBeforeMs = this.#tools.now() + Math.min(LONGEST_BACKOFF_MS, 250 * 2 ** Math.min(entry.tries, 10))
  }

  async #threadTs(thread: Thread, entry: Entry): Promise<string | null> {
    if (entry.threadTs !== null) return entry.threadTs
    if (entry.id === thread.id) return null
    return this.tsOf(thread.id)
  }

  /** A stored message; `elsewhere` while another living process is about to send it. */
  async #load(id: string): Promise<Entry | 'elsewhere' | undefined> {
    const { store, now } = this.#tools
    try {
      const row = await store?.findOutgoing(id)
      const existing = this.#entries.get(id)
      if (row === undefined || existing !== undefined) return existing
      const body = JSON.parse(row.body) as Body
      if (row.state === 'unsent') return await this.#take(row, body)
      const entry = entryOf(row, body, now())
      this.#add(entry)
      return entry
    } catch (error) {
      this.#tools.log.warn({ error, message: id }, 'a stored message could not be read')
      return undefined
    }
  }

  /** Takes over a message that waits from a process that is gone; only one process can. */
  async #take(row: OutgoingMessage, body: Body): Promise<Entry | 'elsewhere'> {
    const { store, owners, now } = this.#tools
    if (body.owner !== owners.self) {
      if (!(await owners.isGone(body.owner, row.createdAtMs))) return 'elsewhere'
      const mine: Body = { ...body, owner: owners.self }
      if ((await store?.takeOutgoing(row.id, row.body, JSON.stringify(mine))) !== true) return 'elsewhere'
    }
    const existing = this.#entries.get(row.id)
    if (existing !== undefined) return existing
    const entry = entryOf(row, body, now())
    this.#add(entry)
    return entry
  }

  async #save(entry: Entry): Promise<void> {
    try {
      if (!needsSending(entry)) entry.draft = withoutWords(entry.draft)
      const row = rowOf(entry, this.#tools.owners.self)
      entry.isStoredUnsent = row.state === 'unsent'
      await this.#tools.store?.saveOutgoing(row)
    } catch (error) {
      this.#tools.log.warn({ error, message: entry.id }, 'a message could not be stored; it is sent all the same')
    }
  }

  /** Memory stays flat: a thread whose messages are all settled is dropped after a while. */
  #forgetSettled(): void {
    const before = this.#tools.now() - PACE.keepSettledMs
    if (this.#tools.store === null) return
    for (const thread of this.#threads.values()) {
      const isSettled = thread.entries.every((entry) => !needsSending(entry) && entry.settledAtMs < before)
      if (thread.busy || !isSettled) continue
      this.#threads.delete(thread.id)
      for (const entry of thread.entries) this.#entries.delete(entry.id)
    }
  }
}
