import type { MethodWorld } from './apiMethod.ts'
import { withBlockIds } from './chatMethods.ts'
import type { Deliveries } from './deliveries.ts'
import { mimetypeOf, publicFile } from './fileMethods.ts'
import { Observer } from './observer.ts'
import type { Channel, Delivery, EphemeralMessage, JsonObject, Message, Person, StoredFile, View } from './records.ts'
import { showResponse } from './responseUrl.ts'
import { chosenState, emptyRequiredBlocks, interactiveElements, optionOf, stateValues } from './viewState.ts'
import { pushView, publicView, viewBody } from './viewMethods.ts'
import { publicMessage } from './chatMethods.ts'
import type { WorkspaceState } from './workspaceState.ts'

/** Who acts and where; default: anna in #ops. */
export interface Acting {
  readonly as?: string
  readonly in?: string
}

/** Where a click happens. */
export type Clicked = Message | EphemeralMessage | View

export interface ClickOptions {
  readonly as?: string
  /** Value (or text) of the option of an overflow or select, or the whole option. */
  readonly option?: string | JsonObject
  /** Which of several buttons with the same action id: by its value. */
  readonly value?: string
  /** What stands in the inputs beside it. */
  readonly values?: JsonObject
}

interface DriverParts {
  readonly state: WorkspaceState
  readonly deliveries: Deliveries
  readonly world: MethodWorld
  readonly clock: { offsetMs: number }
}

const isView = (where: Clicked): where is View => 'rootViewId' in where
const isEphemeral = (where: Clicked): where is EphemeralMessage => 'from' in where

/** What people do in the workspace. Each act sends exactly one delivery and answers it. */
export class Driver extends Observer {
  readonly deliveries: Deliveries
  /** Faults of the fake workspace itself; a test may expect none. */
  readonly bugs: unknown[] = []
  readonly #world: MethodWorld
  readonly #clock: { offsetMs: number }

  constructor(parts: DriverParts) {
    super(parts.state)
    this.deliveries = parts.deliveries
    this.#world = parts.world
    this.#clock = parts.clock
  }

  /** Moves the workspace's clock forward, to make triggers and response URLs expire. */
  advanceClock(ms: number): void {
    this.#clock.offsetMs += ms
  }

  /** Types a slash command. Developer commands cannot be used inside threads. */
  slash(line: string, acting: Acting = {}): Delivery {
    const [, command = '', text = ''] = /^(\/\S+)\s*([\s\S]*)$/.exec(line) ?? []
    if (command === '') throw new Error(`fake workspace: "${line}" is no slash command, expected /name words`)
    const person = this.state.person(acting.as ?? 'anna')
    const channel = this.state.channel(acting.in ?? 'ops')
    const payload = {
      token: 'verification-token',
      team_id: person.teamId ?? this.state.teamId,
      team_domain: this.state.teamDomain,
      channel_id: channel.id,
      channel_name:
        channel.kind === 'im' ? 'directmessage' : channel.kind === 'private' ? 'privategroup' : channel.name,
      user_id: person.id,
      user_name: person.name,
      command,
      text,
      api_app_id: this.state.appId,
      is_enterprise_install: 'false',
      response_url: this.#responseUrl(channel, person, null, null),
      trigger_id: this.state.newTrigger(person.id),
    }
    const place = { channel: channel.id, user: person.id, threadTs: null }
    return this.deliveries.send({
      type: 'slash_commands',
      payload,
      onAck: (answer) => this.#showAnswer(place, answer),
      onFailure: (failure) => this.#showFailure(place, `${command} failed with the error "${failure}"`),
    })
  }

  /** Presses a button, chooses from a menu, or uses an input with `dispatch_action`. */
  click(where: Clicked, actionId: string, options: ClickOptions = {}): Delivery {
    const person = this.state.person(options.as ?? (isView(where) || isEphemeral(where) ? where.user : 'anna'))
    const blocks = blocksOf(this.#fresh(where))
    const placed = interactiveElements(blocks).filter(({ element }) => element['action_id'] === actionId)
    const found =
      options.value === undefined ? placed[0] : placed.find(({ element }) => element['value'] === options.value)
    if (found === undefined) {
      const known = interactiveElements(blocks).map(({ element }) => String(element['action_id']))
      throw new Error(
        `fake workspace: nothing to click called "${actionId}", there is: ${known.join(', ') || 'nothing'}`,
      )
    }
    const action = actionOf(found.element, found.blockId, options, this.state.ts())
    const payload = {
      ...this.#interaction('block_actions', person),
      ...this.#placeOf(where, person),
      state: { values: stateValues(blocks, options.values ?? {}) },
      actions: [action],
    }
    const place = isView(where) ? null : { channel: where.channel, user: person.id, threadTs: where.thread_ts ?? null }
    return this.deliveries.send({
      type: 'interactive',
      payload,
      onFailure: (failure) => place !== null && this.#showFailure(place, `The app did not answer (${failure})`),
    })
  }

  /** Submits an open modal; values by action id or block id. Errors in the answer keep it open. */
  submit(view: View, values: JsonObject = {}): Delivery {
    const current = this.state.views.get(view.id)
    if (current === undefined) throw new Error('fake workspace: this modal is not open any more')
    const blocks = blocksOf(current)
    const stateOfInputs = stateValues(blocks, values)
    const empty = emptyRequiredBlocks(blocks, stateOfInputs)
    if (empty.length > 0)
      throw new Error(`fake workspace: Slack would not submit, these inputs are empty: ${empty.join(', ')}`)
    const person = this.state.person(current.user)
    const payload = {
      ...this.#interaction('view_submission', person),
      view: { ...publicView(this.#world, current), state: { values: stateOfInputs } },
      response_urls: [],
      is_enterprise_install: false,
    }
    return this.deliveries.send({ type: 'interactive', payload, onAck: (answer) => this.#afterSubmit(current, answer) })
  }

  /** Closes a modal; the app hears of it only when the view asked for it. */
  closeModal(view: View): Delivery | null {
    const current = this.state.views.get(view.id)
    if (current === undefined) throw new Error('fake workspace: this modal is not open any more')
    this.state.closeViews(current.user, 'top')
    if (current.body['notify_on_close'] !== true) return null
    const person = this.state.person(current.user)
    const payload = {
      ...this.#interaction('view_closed', person),
      view: publicView(this.#world, current),
      is_cleared: false,
    }
    return this.deliveries.send({ type: 'interactive', payload })
  }

  /** Types into an external select: the options the app offers. */
  async suggest(where: Clicked, actionId: string, query: string): Promise<JsonObject[]> {
    const person = this.state.person(isView(where) ? where.user : 'anna')
    const found = interactiveElements(blocksOf(this.#fresh(where))).find(
      ({ element }) => element['action_id'] === actionId,
    )
    if (found === undefined) throw new Error(`fake workspace: no menu called "${actionId}"`)
    const payload = {
      ...this.#interaction('block_suggestion', person),
      ...this.#placeOf(where, person),
      action_id: actionId,
      block_id: found.blockId,
      value: query,
    }
    const ack = await this.deliveries.send({ type: 'interactive', payload }).settled
    return (ack?.payload['options'] ?? []) as JsonObject[]
  }

  /** Uses a message shortcut. */
  shortcut(callbackId: string, message: Message, acting: Acting = {}): Delivery {
    const person = this.state.person(acting.as ?? 'anna')
    const channel = this.state.channel(message.channel)
    const payload = {
      ...this.#interaction('message_action', person),
      callback_id: callbackId,
      action_ts: this.state.ts(),
      message_ts: message.ts,
      channel: { id: channel.id, name: channel.name },
      message: this.#shownToApp(message),
      response_url: this.#responseUrl(
        channel,
        person,
        { ts: message.ts, isEphemeral: false },
        message.thread_ts ?? null,
      ),
    }
    return this.deliveries.send({ type: 'interactive', payload })
  }

  /** Opens the Home tab. */
  openHome(acting: Acting = {}): Delivery {
    const person = this.state.person(acting.as ?? 'anna')
    const view = this.state.homes.get(person.id)
    return this.event({
      type: 'app_home_opened',
      user: person.id,
      channel: this.state.directChannel(person.id).id,
      tab: 'home',
      event_ts: this.state.ts(),
      ...(view === undefined ? {} : { view: publicView(this.#world, view) }),
    })
  }

  /** Writes a message as a person, without the app hearing of it (it listens to mentions only). */
  post(
    text: string,
    options: Acting & {
      thread?: string
      files?: readonly { name: string; bytes: Buffer }[]
      blocks?: JsonObject[]
    } = {},
  ): Message {
    const person = this.state.person(options.as ?? 'anna')
    const channel = this.state.channel(options.in ?? 'ops')
    const files = options.files?.map((file) => this.#storeFile(file, person))
    return this.state.addMessage({
      type: 'message',
      ts: this.state.ts(),
      channel: channel.id,
      user: person.id,
      text,
      edits: 0,
      ...(options.thread === undefined ? {} : { thread_ts: options.thread }),
      ...(options.blocks === undefined ? {} : { blocks: withBlockIds(this.#world, options.blocks) }),
      ...(files === undefined ? {} : { files }),
    })
  }

  /** Mentions the bot: `mention('triage server1')`, in a thread with `thread`. */
  mention(words: string, options: Acting & { thread?: string } = {}): Delivery {
    const message = this.post(`<@${this.state.botUserId}> ${words}`, options)
    return this.event({
      type: 'app_mention',
      user: message.user,
      team: this.state.person(message.user).teamId ?? this.state.teamId,
      text: message.text,
      ts: message.ts,
      channel: message.channel,
      event_ts: message.ts,
      ...(message.thread_ts === undefined ? {} : { thread_ts: message.thread_ts }),
    })
  }

  /** Sends any event. */
  event(event: JsonObject): Delivery {
    const payload = {
      token: 'verification-token',
      type: 'event_callback',
      team_id: this.state.teamId,
      api_app_id: this.state.appId,
      event,
      event_id: this.state.id('Ev'),
      event_time: Math.floor(this.state.now() / 1000),
      authorizations: [
        {
          enterprise_id: null,
          team_id: this.state.teamId,
          user_id: this.state.botUserId,
          is_bot: true,
          is_enterprise_install: false,
        },
      ],
      is_ext_shared_channel: false,
    }
    return this.deliveries.send({ type: 'events_api', payload })
  }

  /** Delivers the same thing again, as Slack does when an acknowledgement got lost. */
  redeliver(delivery: Delivery, socketId?: string): Delivery {
    const { type, payload, envelopeId, attempt } = delivery
    const isEvent = type === 'events_api'
    return this.deliveries.send({
      type,
      payload,
      attempt: attempt + 1,
      reason: 'timeout',
      // A repeated event travels in a new envelope with the old event_id; anything else is the same envelope.
      ...(isEvent ? {} : { envelopeId }),
      ...(socketId === undefined ? {} : { socketId }),
    })
  }

  #fresh(where: Clicked): Clicked {
    if (isView(where)) return this.state.views.get(where.id) ?? where
    if (isEphemeral(where)) return this.state.ephemerals.get(where.ts) ?? where
    return this.state.findMessage(where.channel, where.ts) ?? where
  }

  #storeFile(file: { name: string; bytes: Buffer }, person: Person): StoredFile {
    const stored: StoredFile = {
      id: this.state.id('F'),
      name: file.name,
      title: file.name,
      altText: null,
      declaredBytes: file.bytes.length,
      mimetype: mimetypeOf(file.name),
      bytes: file.bytes,
      completed: true,
      shares: [],
      user: person.id,
    }
    this.state.files.set(stored.id, stored)
    return stored
  }

  #interaction(type: string, person: Person): JsonObject {
    const teamId = person.teamId ?? this.state.teamId
    return {
      type,
      user: { id: person.id, username: person.name, name: person.name, team_id: teamId },
      api_app_id: this.state.appId,
      token: 'verification-token',
      trigger_id: this.state.newTrigger(person.id),
      team: { id: teamId, domain: this.state.teamDomain },
      enterprise: null,
      is_enterprise_install: false,
    }
  }

  #placeOf(where: Clicked, person: Person): JsonObject {
    const current = this.#fresh(where)
    if (isView(current)) {
      return { container: { type: 'view', view_id: current.id }, view: publicView(this.#world, current) }
    }
    const channel = this.state.channel(current.channel)
    const hidden = isEphemeral(current)
    return {
      container: {
        type: 'message',
        message_ts: current.ts,
        channel_id: channel.id,
        is_ephemeral: hidden,
        ...(current.thread_ts === undefined ? {} : { thread_ts: current.thread_ts }),
      },
      channel: { id: channel.id, name: channel.name },
      response_url: this.#responseUrl(
        channel,
        person,
        { ts: current.ts, isEphemeral: hidden },
        current.thread_ts ?? null,
      ),
      ...(hidden ? {} : { message: this.#shownToApp(current) }),
    }
  }

  #shownToApp(message: Message): JsonObject {
    const shown = { ...publicMessage(message), team: this.state.teamId }
    return message.files === undefined
      ? shown
      : { ...shown, files: message.files.map((file) => publicFile(this.#world, file)) }
  }

  #responseUrl(
    channel: Channel,
    person: Person,
    original: { ts: string; isEphemeral: boolean } | null,
    threadTs: string | null,
  ): string {
    const id = this.state.newResponseUrl({ channel: channel.id, user: person.id, original, threadTs })
    return `${this.#world.baseUrl}/response/${id}`
  }

  /** Text or blocks inside an acknowledgement are an ephemeral answer. */
  #showAnswer(place: { channel: string; user: string; threadTs: string | null }, answer: JsonObject): void {
    if (Object.keys(answer).length === 0) return
    try {
      showResponse(this.#world, place, answer)
    } catch (error) {
      this.#showFailure(place, `the answer was refused: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  #showFailure(place: { channel: string; user: string; threadTs: string | null }, text: string): void {
    const { channel, user, threadTs } = place
    this.state.addEphemeral({
      ts: this.state.ts(),
      channel,
      user,
      text,
      from: 'slackbot',
      ...(threadTs === null ? {} : { thread_ts: threadTs }),
    })
  }

  #afterSubmit(view: View, answer: JsonObject): void {
    const action = answer['response_action']
    if (action === 'errors') {
      const known = new Set(blocksOf(view).map((block) => String(block['block_id'])))
      const unknown = Object.keys((answer['errors'] ?? {}) as JsonObject).filter((id) => !known.has(id))
      if (unknown.length > 0)
        this.bugs.push(new Error(`view errors name blocks that are not there: ${unknown.join(', ')}`))
      return
    }
    if (action === 'update' || action === 'push') {
      const body = viewBody(this.#world, (answer['view'] ?? null) as JsonObject | null, 'modal')
      if (action === 'update') this.state.changeView(view, body)
      else pushView(this.#world, view.user, body)
      return
    }
    this.state.closeViews(view.user, action === 'clear' ? 'all' : 'top')
  }
}

const blocksOf = (where: Clicked): JsonObject[] =>
  ((isView(where) ? where.body['blocks'] : where.blocks) ?? []) as JsonObject[]

const actionOf = (element: JsonObject, blockId: string, options: ClickOptions, ts: string): JsonObject => {
  const type = String(element['type'])
  const shared = { type, action_id: element['action_id'], block_id: blockId, action_ts: ts }
  if (type === 'button' || type === 'icon_button') {
    return { ...shared, text: element['text'], ...(element['value'] === undefined ? {} : { value: element['value'] }) }
  }
  if (type === 'overflow') {
    const { option } = options
    if (option === undefined) throw new Error('fake workspace: an overflow menu needs an option to choose')
    return { ...shared, selected_option: typeof option === 'string' ? optionOf(element, option) : option }
  }
  if (type === 'plain_text_input') return { ...shared, value: options.option ?? options.value ?? '' }
  return { ...shared, ...chosenState(element, options.option) }
}
