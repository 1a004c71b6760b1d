import { randomUUID } from 'node:crypto'
import type { Journal } from './journal.ts'
import type { Channel, EphemeralMessage, JsonObject, Message, Person, StoredFile, View } from './records.ts'

/** A one-time permission to open a view: 3 s, one use. */
interface Trigger {
  readonly user: string
  readonly bornAtMs: number
  used: boolean
}

/** A `response_url`: 5 uses, 30 minutes. */
interface ResponseUrl {
  readonly channel: string
  readonly user: string
  readonly bornAtMs: number
  /** The message the URL came from, for `replace_original` and `delete_original`. */
  readonly original: { readonly ts: string; readonly isEphemeral: boolean } | null
  readonly threadTs: string | null
  uses: number
}

export const TRIGGER_LIFE_MS = 3_000
export const RESPONSE_URL_LIFE_MS = 30 * 60_000
export const RESPONSE_URL_USES = 5

/** The message as it is at this moment; its files are shared, for their bytes are large and do not change. */
const snapshotOf = ({ files, ...message }: Message): Message => ({
  ...structuredClone(message),
  ...(files === undefined ? {} : { files }),
})

/** Everything a workspace remembers. Only the Web API and the driver write here, and each write lands in the journal. */
export class WorkspaceState {
  readonly teamId = 'T0MEDICFAKE'
  readonly teamDomain = 'medic-fake'
  readonly appId = 'A0MEDICFAKE'
  readonly botId = 'B0MEDICFAKE'
  readonly botUserId = 'U0MEDICBOT'
  readonly people = new Map<string, Person>()
  readonly channels = new Map<string, Channel>()
  readonly usergroups = new Map<string, string[]>()
  readonly messages = new Map<string, Message[]>()
  readonly ephemerals = new Map<string, EphemeralMessage>()
  readonly files = new Map<string, StoredFile>()
  readonly views = new Map<string, View>()
  /** Open modals of each user, top last. */
  readonly viewStacks = new Map<string, string[]>()
  readonly homes = new Map<string, View>()
  readonly triggers = new Map<string, Trigger>()
  readonly responseUrls = new Map<string, ResponseUrl>()
  readonly statuses = new Map<string, string>()
  readonly canvases = new Map<string, { title: string; markdown: string }>()
  readonly reactions: { channel: string; ts: string; name: string }[] = []
  readonly journal: Journal
  readonly now: () => number
  #lastTsMicros = 0
  #counter = 0

  constructor(journal: Journal, now: () => number) {
    this.journal = journal
    this.now = now
  }

  id(prefix: string): string {
    this.#counter++
    return `${prefix}0FAKE${this.#counter.toString(36).toUpperCase().padStart(5, '0')}`
  }

  /** A message timestamp: strictly rising, so that it is an id too. */
  ts(): string {
    this.#lastTsMicros = Math.max(this.now() * 1000, this.#lastTsMicros + 1)
    const micros = Math.floor(this.#lastTsMicros)
    return `${Math.floor(micros / 1_000_000)}.${String(micros % 1_000_000).padStart(6, '0')}`
  }

  person(idOrName: string): Person {
    const found = this.people.get(idOrName) ?? [...this.people.values()].find((each) => each.name === idOrName)
    if (found === undefined) {
      const names = [...this.people.values()].map((each) => each.name).join(', ')
      throw new Error(`fake workspace: nobody is called "${idOrName}", expected one of ${names}`)
    }
    return found
  }

  findChannel(idOrName: string): Channel | undefined {
    const name = idOrName.replace(/^#/, '')
    return this.channels.get(idOrName) ?? [...this.channels.values()].find((each) => each.name === name)
  }

  channel(idOrName: string): Channel {
    const found = this.findChannel(idOrName)
    if (found === undefined) {
      const names = [...this.channels.values()].map((each) => each.name).join(', ')
      throw new Error(`fake workspace: there is no channel "${idOrName}", expected one of ${names}`)
    }
    return found
  }

  /** The direct conversation of the bot with one person, made on first use. */
  directChannel(userId: string): Channel {
    const id = `D${userId.slice(1)}`
    const known = this.channels.get(id)
    if (known !== undefined) return known
    const made: Channel = { id, name: `dm-${userId}`, kind: 'im', members: new Set([userId, this.botUserId]) }
    this.channels.set(id, made)
    return made
  }

  messagesOf(channelId: string): Message[] {
    let list = this.messages.get(channelId)
    if (list === undefined) {
      list = []
      this.messages.set(channelId, list)
    }
    return list
  }

  findMessage(channelId: string, ts: string): Message | undefined {
    return this.messagesOf(channelId).findLast((message) => message.ts === ts)
  }

  addMessage(message: Message): Message {
    this.messagesOf(message.channel).push(message)
    this.journal.add({ kind: 'message', message: snapshotOf(message) })
    for (const file of message.files ?? []) this.journal.add({ kind: 'file', file, message: snapshotOf(message) })
    return message
  }

  changeMessage(message: Message): void {
    this.journal.add({ kind: 'update', message: snapshotOf(message) })
  }

  deleteMessage(channelId: string, ts: string): boolean {
    const list = this.messagesOf(channelId)
    const index = list.findIndex((message) => message.ts === ts)
    if (index < 0) return false
    list.splice(index, 1)
    this.journal.add({ kind: 'delete', channel: channelId, ts })
    return true
  }

  addEphemeral(ephemeral: EphemeralMessage): EphemeralMessage {
    this.ephemerals.set(ephemeral.ts, ephemeral)
    this.journal.add({ kind: 'ephemeral', ephemeral: structuredClone(ephemeral) })
    return ephemeral
  }

  deleteEphemeral(ts: string): void {
    const found = this.ephemerals.get(ts)
    if (found === undefined) return
    this.ephemerals.delete(ts)
    this.journal.add({ kind: 'ephemeral-delete', channel: found.channel, user: found.user, ts })
  }

  newTrigger(user: string): string {
    const id = `${this.now()}.${this.#counter++}.${randomUUID().replaceAll('-', '')}`
    this.triggers.set(id, { user, bornAtMs: this.now(), used: false })
    return id
  }

  /** Uses a trigger up: the user it belongs to, or Slack's error code. */
  useTrigger(id: string): { user: string } | { error: string } {
    const trigger = this.triggers.get(id)
    if (trigger === undefined) return { error: 'invalid_trigger_id' }
    if (trigger.used) return { error: 'exchanged_trigger_id' }
    if (this.now() - trigger.bornAtMs > TRIGGER_LIFE_MS) return { error: 'expired_trigger_id' }
    trigger.used = true
    return { user: trigger.user }
  }

  newResponseUrl(from: Pick<ResponseUrl, 'channel' | 'user' | 'original' | 'threadTs'>): string {
    const id = randomUUID().replaceAll('-', '')
    this.responseUrls.set(id, { ...from, bornAtMs: this.now(), uses: 0 })
    return id
  }

  stackOf(user: string): string[] {
    let stack = this.viewStacks.get(user)
    if (stack === undefined) {
      stack = []
      this.viewStacks.set(user, stack)
    }
    return stack
  }

  addView(view: View, how: 'open' | 'push'): void {
    this.views.set(view.id, view)
    if (how === 'open') this.stackOf(view.user).splice(0)
    this.stackOf(view.user).push(view.id)
    this.journal.add({ kind: 'modal', how, view: structuredClone(view) })
  }

  changeView(view: View, body: JsonObject): void {
    Object.assign(view, { body, hash: `${this.now()}.${randomUUID().slice(0, 8)}` })
    this.journal.add({ kind: 'modal', how: 'update', view: structuredClone(view) })
  }

  closeViews(user: string, howMany: 'top' | 'all'): void {
    const stack = this.stackOf(user)
    const closed = howMany === 'all' ? stack.splice(0) : stack.splice(-1)
    for (const id of closed) {
      this.views.delete(id)
      this.journal.add({ kind: 'modal-closed', viewId: id, user })
    }
  }

  setHome(view: View): void {
    this.homes.set(view.user, view)
    this.views.set(view.id, view)
    this.journal.add({ kind: 'home', view: structuredClone(view) })
  }
}
