import type { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import type { Message, WorkspaceEvent } from '../support/slack/records.ts'

/** Letters of a run's messages in their order: head, verdict, proposals, draft, file. */
const RUN = 'hvpdf'

const letterOf = ({ text, files }: Message): string => {
  if (files !== undefined) return 'f'
  if (/ first look: /.test(text)) return 'h'
  if (text.startsWith('🔴')) return 'v'
  if (text.startsWith('🔧')) return 'p'
  return text.startsWith('📝') ? 'd' : '?'
}

interface Thread {
  readonly channel: string
  readonly host: string
  letters: string
  /** Newest text of each head. */
  readonly heads: Map<string, string>
  /** Runs that were asked for in it. */
  runs: number
}

const HEAD = / first look: (\S+?): /
const DONE = /^✅ Out of memory, first look: \S+: done: memcg-oom, queue_worker\.service/

/** A workspace keeps threads that were looked at for a while, for whoever comes back to one. */
const KEEP_THREADS = 300

/** Follows what the bot says, thread by thread, and lets go of what is complete: the workspace must not grow either. */
export class SoakRecord {
  readonly problems: string[] = []
  readonly outcomes = new Map<string, number>()
  mostEdits = 0
  mostPosts = 0
  ended = 0
  messages = 0
  ephemerals = 0
  readonly #workspace: FakeWorkspace
  readonly #speed: number
  readonly #threads = new Map<string, Thread>()
  readonly #complete: string[] = []
  readonly #calls = new Map<string, number[]>()
  readonly #onEnded: (host: string, channel: string) => void

  constructor(workspace: FakeWorkspace, speed: number, onEnded: (host: string, channel: string) => void) {
    this.#workspace = workspace
    this.#speed = speed
    this.#onEnded = onEnded
    workspace.state.journal.subscribe((event) => this.#take(event))
  }

  /** One more run is expected in the newest thread of this host. */
  expectFold(host: string, channel: string): void {
    const known = [...this.#threads.values()].findLast((thread) => thread.host === host && thread.channel === channel)
    if (known !== undefined) known.runs += 1
  }

  /** Threads that miss something or hold too much. */
  unfinished(): readonly string[] {
    return [...this.#threads]
      .filter(([, thread]) => !isComplete(thread))
      .map(
        ([ts, { host, letters, heads, runs }]) =>
          `${host} (${ts}): ${runs} x ${RUN}, got ${letters}; ${[...heads.values()].join(' / ')}`,
      )
  }

  #take(event: WorkspaceEvent): void {
    if (event.kind === 'message') this.#post(event.message)
    else if (event.kind === 'update') this.#update(event.message)
    else if (event.kind === 'ephemeral') {
      this.ephemerals += 1
      if (event.ephemeral.from === 'slackbot') this.problems.push(`slackbot: ${event.ephemeral.text}`)
    } else if (event.kind === 'call') {
      const { method, outcome, atMs, args } = event.call
      if (outcome !== 'ok')
        this.outcomes.set(`${method} ${outcome}`, (this.outcomes.get(`${method} ${outcome}`) ?? 0) + 1)
      if (method === 'chat.update') this.mostEdits = Math.max(this.mostEdits, this.#within(method, atMs, 60_000))
      if (method === 'chat.postMessage')
        this.mostPosts = Math.max(this.mostPosts, this.#within(`post ${String(args['channel'])}`, atMs, 10_000))
    }
  }

  /** How many calls of a lane fell into this Slack's last so many milliseconds. */
  #within(lane: string, atMs: number, windowMs: number): number {
    const kept = (this.#calls.get(lane) ?? []).filter((earlier) => atMs - earlier < windowMs / this.#speed)
    kept.push(atMs)
    this.#calls.set(lane, kept)
    return kept.length
  }

  #post(message: Message): void {
    if (message.user !== this.#workspace.state.botUserId) return
    this.messages += 1
    const root = message.thread_ts ?? message.ts
    const letter = letterOf(message)
    let thread = this.#threads.get(root)
    if (thread === undefined) {
      if (letter !== 'h' || root !== message.ts)
        this.problems.push(`a message without its thread: ${message.text.slice(0, 80)}`)
      const host = HEAD.exec(message.text)?.[1] ?? '?'
      thread = { channel: message.channel, host, letters: '', heads: new Map(), runs: 1 }
      this.#threads.set(root, thread)
    }
    thread.letters += letter
    if (letter === 'h') thread.heads.set(message.ts, message.text)
    this.#settle(root, thread)
  }

  #update(message: Message): void {
    const root = message.thread_ts ?? message.ts
    const thread = this.#threads.get(root)
    if (thread === undefined || !thread.heads.has(message.ts)) return
    const before = thread.heads.get(message.ts) ?? ''
    if (DONE.test(before)) this.problems.push(`${thread.host}: edited after its end: ${message.text.slice(0, 80)}`)
    thread.heads.set(message.ts, message.text)
    this.#settle(root, thread)
  }

  #settle(root: string, thread: Thread): void {
    if (!isComplete(thread)) return
    this.ended += 1
    this.#complete.push(root)
    this.#onEnded(thread.host, thread.channel)
    while (this.#complete.length > KEEP_THREADS) this.#forget(this.#complete.shift() ?? '')
    this.#trim()
  }

  #forget(root: string): void {
    const thread = this.#threads.get(root)
    // A thread that was folded into is listed twice and still waited for.
    if (thread === undefined || !isComplete(thread) || this.#complete.includes(root)) return
    const { state } = this.#workspace
    const messages = state.messages.get(thread.channel) ?? []
    state.messages.set(
      thread.channel,
      messages.filter((one) => one.ts !== root && one.thread_ts !== root),
    )
    this.#threads.delete(root)
  }

  /** What the fake workspace remembers for tests that look back. */
  #trim(): void {
    const { state, calls, deliveries } = this.#workspace
    state.journal.events.length = 0
    state.ephemerals.clear()
    for (const [id, file] of state.files) if (file.completed) state.files.delete(id)
    calls.length = 0
    deliveries.all.length = 0
    for (const kept of [state.triggers, state.responseUrls])
      for (const key of [...kept.keys()].slice(0, -500)) kept.delete(key)
  }
}

const isComplete = ({ letters, heads, runs }: Thread): boolean =>
  letters === RUN.repeat(runs) && [...heads.values()].every((text) => DONE.test(text))
