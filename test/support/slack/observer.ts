import type { WaitOptions } from './journal.ts'
import type { ApiCall, Delivery, EphemeralMessage, Message, StoredFile, View, WorkspaceEvent } from './records.ts'
import { threadText } from './threadText.ts'
import type { WorkspaceState } from './workspaceState.ts'

/** Which message is meant; a missing part matches all. */
export interface MessageWanted extends WaitOptions {
  readonly in?: string
  /** Root of the thread it must stand in; null: not in a thread. */
  readonly thread?: string | null
  /** Words its text or blocks must contain, or a test on the message. */
  readonly having?: string | RegExp | ((message: Message) => boolean)
  /** Also what people wrote; default: only the bot. */
  readonly fromAnybody?: boolean
}

/** Whether text or any string of the blocks contains the words. */
const contains = (content: { readonly text: string; readonly blocks?: unknown }, wanted: string | RegExp): boolean => {
  const text = `${content.text}\n${visibleText(content.blocks)}`
  return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)
}

/** Every string a reader of these blocks sees, a line each. */
export const visibleText = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(visibleText).filter(Boolean).join('\n')
  if (typeof value !== 'object' || value === null) return ''
  return Object.entries(value)
    .map(([key, each]) => {
      if (typeof each === 'string') return ['text', 'title', 'alt_text', 'caption'].includes(key) ? each : ''
      return visibleText(each)
    })
    .filter(Boolean)
    .join('\n')
}

/** What tests look at: waiting with deadlines, lists of what happened, a thread as text. */
export class Observer {
  readonly state: WorkspaceState

  constructor(state: WorkspaceState) {
    this.state = state
  }

  /** The present moment, for `after`: only what happens from now on. */
  mark(): number {
    return this.state.journal.mark()
  }

  /** A message the bot posted. Its content is that of the moment it was posted; see `message` for the present one. */
  waitForMessage(wanted: MessageWanted = {}): Promise<Message> {
    return this.#waitForMessage('message', wanted)
  }

  /** An edit of a message of the bot. */
  waitForUpdate(wanted: MessageWanted & { readonly ts?: string } = {}): Promise<Message> {
    return this.#waitForMessage('update', wanted)
  }

  /** A message as it is now or becomes: posted or edited until it has what is wanted. */
  waitForContent(wanted: MessageWanted & { readonly ts?: string }): Promise<Message> {
    return this.#waitForMessage('content', wanted)
  }

  #waitForMessage(
    kind: 'message' | 'update' | 'content',
    wanted: MessageWanted & { readonly ts?: string },
  ): Promise<Message> {
    const channel = wanted.in === undefined ? null : this.state.channel(wanted.in).id
    const { having, thread, ts } = wanted
    const fits = (message: Message): boolean =>
      (wanted.fromAnybody === true || message.user === this.state.botUserId) &&
      (channel === null || message.channel === channel) &&
      (ts === undefined || message.ts === ts) &&
      (thread === undefined || (message.thread_ts ?? null) === thread) &&
      (having === undefined || (typeof having === 'function' ? having(message) : contains(message, having)))
    const isWanted = (event: WorkspaceEvent): event is WorkspaceEvent & { message: Message } =>
      kind === 'content' ? event.kind === 'message' || event.kind === 'update' : event.kind === kind
    return this.state.journal.waitFor(
      `${kind}${having === undefined ? '' : ` having ${String(having)}`}`,
      (event) => (isWanted(event) && fits(event.message) ? event.message : undefined),
      wanted,
    )
  }

  /** Something only one person sees; `from` tells the app from Slackbot's failure notice. */
  waitForEphemeral(
    wanted: WaitOptions & {
      readonly as?: string
      readonly having?: string | RegExp
      readonly from?: 'app' | 'slackbot'
    } = {},
  ): Promise<EphemeralMessage> {
    const user = wanted.as === undefined ? null : this.state.person(wanted.as).id
    return this.state.journal.waitFor(
      'ephemeral',
      (event) => {
        if (event.kind !== 'ephemeral') return undefined
        const { ephemeral } = event
        if (user !== null && ephemeral.user !== user) return undefined
        if (wanted.from !== undefined && ephemeral.from !== wanted.from) return undefined
        return wanted.having === undefined || contains(ephemeral, wanted.having) ? ephemeral : undefined
      },
      wanted,
    )
  }

  /** A modal that opened or changed. */
  waitForModal(
    wanted: WaitOptions & {
      readonly as?: string
      readonly how?: 'open' | 'push' | 'update'
      readonly having?: string | RegExp
    } = {},
  ): Promise<View> {
    const user = wanted.as === undefined ? null : this.state.person(wanted.as).id
    return this.state.journal.waitFor(
      'modal',
      (event) => {
        if (event.kind !== 'modal' || (wanted.how !== undefined && event.how !== wanted.how)) return undefined
        if (user !== null && event.view.user !== user) return undefined
        const isFit = wanted.having === undefined || contains({ text: '', blocks: event.view.body }, wanted.having)
        return isFit ? event.view : undefined
      },
      wanted,
    )
  }

  /** A published Home tab. */
  waitForHome(wanted: WaitOptions & { readonly as?: string; readonly having?: string | RegExp } = {}): Promise<View> {
    const user = wanted.as === undefined ? null : this.state.person(wanted.as).id
    return this.state.journal.waitFor(
      'home',
      (event) => {
        if (event.kind !== 'home' || (user !== null && event.view.user !== user)) return undefined
        const isFit = wanted.having === undefined || contains({ text: '', blocks: event.view.body }, wanted.having)
        return isFit ? event.view : undefined
      },
      wanted,
    )
  }

  /** A file shared into a channel. */
  waitForFile(
    wanted: WaitOptions & { readonly named?: string | RegExp } = {},
  ): Promise<{ file: StoredFile; message: Message }> {
    const { named } = wanted
    return this.state.journal.waitFor(
      'file',
      (event) => {
        if (event.kind !== 'file') return undefined
        const isFit =
          named === undefined || (typeof named === 'string' ? event.file.name === named : named.test(event.file.name))
        return isFit ? { file: event.file, message: event.message } : undefined
      },
      wanted,
    )
  }

  /** An answered Web API call. */
  waitForCall(method: string, wanted: WaitOptions & { readonly outcome?: string } = {}): Promise<ApiCall> {
    return this.state.journal.waitFor(
      `call of ${method}`,
      (event) =>
        event.kind === 'call' &&
        event.call.method === method &&
        (wanted.outcome ?? event.call.outcome) === event.call.outcome
          ? event.call
          : undefined,
      wanted,
    )
  }

  /** Until so many sockets are open. */
  waitForSockets(open: number, wanted: WaitOptions = {}): Promise<number> {
    return this.state.journal.waitFor(
      `${open} open sockets`,
      (event) => (event.kind === 'sockets' && event.open === open ? open : undefined),
      wanted,
    )
  }

  /** A delivery that was acknowledged or missed. */
  waitForDelivery(choose: (delivery: Delivery) => boolean, wanted: WaitOptions = {}): Promise<Delivery> {
    return this.state.journal.waitFor(
      'settled delivery',
      (event) =>
        (event.kind === 'ack' || event.kind === 'no-ack') && choose(event.delivery) ? event.delivery : undefined,
      wanted,
    )
  }

  /** A message as it is now. */
  message(channel: string, ts: string): Message | undefined {
    return this.state.findMessage(this.state.channel(channel).id, ts)
  }

  /** The messages of a channel that stand outside threads, oldest first. */
  channelMessages(channel = 'ops'): Message[] {
    return this.state
      .messagesOf(this.state.channel(channel).id)
      .filter((each) => each.thread_ts === undefined || each.thread_ts === each.ts)
  }

  /** A thread: its root first. */
  thread(channel: string, rootTs: string): Message[] {
    return this.state
      .messagesOf(this.state.channel(channel).id)
      .filter((each) => each.ts === rootTs || each.thread_ts === rootTs)
  }

  /** A thread as text, for the demo and for reading in a test's message. */
  dumpThread(channel: string, rootTs: string): string {
    return threadText(this.state, this.thread(channel, rootTs))
  }

  /** A channel with all its threads as text. */
  dumpChannel(channel = 'ops'): string {
    return this.channelMessages(channel)
      .map((root) => this.dumpThread(channel, root.ts))
      .join('\n\n')
  }
}
