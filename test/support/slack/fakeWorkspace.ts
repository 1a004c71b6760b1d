import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArguments, readBody } from './apiArguments.ts'
import type { MethodWorld } from './apiMethod.ts'
import { Deliveries } from './deliveries.ts'
import { Driver } from './driver.ts'
import { Faults } from './faults.ts'
import { Journal } from './journal.ts'
import { PageServer } from './pageServer.ts'
import { RateLimits, type RateLimitOptions } from './rateLimits.ts'
import type { ApiCall, Channel, JsonObject, Person } from './records.ts'
import { useResponseUrl } from './responseUrl.ts'
import { SocketMode } from './socketMode.ts'
import { send, serveWebApi, underFault } from './webApi.ts'
import { WorkspaceState } from './workspaceState.ts'

/** Every scope the bot may ever ask for. */
export const ALL_SCOPES = [
  'app_mentions:read',
  'assistant:write',
  'canvases:write',
  'channels:history',
  'channels:read',
  'chat:write',
  'chat:write.public',
  'commands',
  'files:read',
  'files:write',
  'groups:history',
  'groups:read',
  'im:history',
  'im:write',
  'reactions:write',
  'usergroups:read',
  'users:read',
] as const

/** The people of a workspace nobody described: two engineers, somebody without rights, somebody from another company. */
export const DEFAULT_PEOPLE: readonly Person[] = [
  { id: 'U0ANNA', name: 'anna', realName: 'Anna Berg', tz: 'Europe/Berlin' },
  { id: 'U0BEN', name: 'ben', realName: 'Ben Okafor', tz: 'America/New_York' },
  { id: 'U0CARLA', name: 'carla', realName: 'Carla Reyes', tz: 'Asia/Tokyo' },
  { id: 'U0GUEST', name: 'guest', realName: 'Gus Guest', tz: 'Europe/London', teamId: 'T0ELSEWHERE' },
]

export interface ChannelOptions {
  readonly id: string
  readonly name: string
  readonly kind?: 'public' | 'private'
  /** Names or ids; default: everybody. */
  readonly members?: readonly string[]
  /** Whether the bot was invited; default: yes. */
  readonly hasBot?: boolean
}

const DEFAULT_CHANNELS: readonly ChannelOptions[] = [
  { id: 'C0OPS', name: 'ops' },
  { id: 'C0GENERAL', name: 'general', hasBot: false },
  { id: 'C0SECRET', name: 'secret', kind: 'private', hasBot: false },
]

export interface FakeWorkspaceOptions {
  /** 0 takes any free port. */
  readonly port?: number
  readonly people?: readonly Person[]
  readonly channels?: readonly ChannelOptions[]
  readonly usergroups?: Readonly<Record<string, readonly string[]>>
  readonly scopes?: readonly string[]
  readonly missingMethods?: readonly string[]
  readonly refusedBlocks?: readonly string[]
  readonly honoursClientMsgId?: boolean
  readonly rateLimits?: RateLimitOptions
  /** How long the app has to acknowledge; Slack: 3000. */
  readonly ackTimeoutMs?: number
  /** Deliver over HTTP to this address instead of over sockets. */
  readonly requestUrl?: string
}

/** A Slack workspace in this process: start it, point the unmodified app at `apiUrl`, drive it, look at what came. */
export class FakeWorkspace extends Driver {
  readonly tokens = { bot: 'xoxb-fake-bot-token', app: 'xapp-1-fake-app-token' }
  readonly signingSecret = 'fake-signing-secret'
  readonly faults: Faults
  readonly rateLimits: RateLimits
  /** Every Web API call in the order of arrival. */
  readonly calls: ApiCall[]
  /** Change these while it runs: scopes that were not granted, methods and block types that do not exist here. */
  readonly scopes: Set<string>
  readonly missingMethods: Set<string>
  readonly refusedBlocks: Set<string>
  readonly socketMode: SocketMode
  readonly #server: Server
  readonly #world: MethodWorld
  readonly #page: PageServer
  readonly #port: number
  #baseUrl = ''

  constructor(options: FakeWorkspaceOptions = {}) {
    const clock = { offsetMs: 0 }
    const state = new WorkspaceState(new Journal(), () => Date.now() + clock.offsetMs)
    const deliveries = new Deliveries(state, options.ackTimeoutMs ?? 3_000)
    const scopes = new Set<string>(options.scopes ?? ALL_SCOPES)
    const missingMethods = new Set(options.missingMethods)
    const refusedBlocks = new Set(options.refusedBlocks)
    const socketMode = new SocketMode(state, (id, payload) => deliveries.acknowledge(id, payload))
    const world: MethodWorld = {
      state,
      scopes,
      refusedBlocks,
      honoursClientMsgId: options.honoursClientMsgId ?? false,
      openSocketTicket: () => socketMode.ticket(),
      get baseUrl() {
        return baseUrl()
      },
    }
    super({ state, deliveries, world, clock })
    const baseUrl = (): string => this.#baseUrl
    deliveries.socketMode = socketMode
    this.faults = new Faults()
    this.rateLimits = new RateLimits(state.now, options.rateLimits ?? {})
    this.calls = []
    this.scopes = scopes
    this.missingMethods = missingMethods
    this.refusedBlocks = refusedBlocks
    this.socketMode = socketMode
    this.#world = world
    this.#port = options.port ?? 0
    this.#page = new PageServer(this)
    if (options.requestUrl !== undefined) this.useHttp(options.requestUrl)
    fill(state, options)
    this.#server = createServer((request, response) => void this.#serve(request, response))
    this.#server.on('upgrade', (request, stream, head) => socketMode.upgrade(request, stream, head))
  }

  /** What belongs into `slackApiUrl`. */
  get apiUrl(): string {
    return `${this.#baseUrl}/api/`
  }

  /** The address of the browser view. */
  get pageUrl(): string {
    return `${this.#baseUrl}/`
  }

  /** From now on deliveries go to this request URL of the app, signed. */
  useHttp(requestUrl: string, signingSecret = this.signingSecret): void {
    this.deliveries.http = { url: requestUrl, signingSecret }
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#baseUrl = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return this
  }

  async stop(): Promise<void> {
    this.deliveries.close()
    this.socketMode.close()
    this.#page.close()
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request, response)
    } catch (error) {
      // A fault of the fake itself must be seen, not retried in silence.
      this.bugs.push(error)
      response.writeHead(500, { 'content-type': 'text/plain' })
      response.end(`fake workspace: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.#baseUrl)
    const [, area = '', ...rest] = pathname.split('/')
    if (area === 'api') {
      const { faults, rateLimits, tokens, missingMethods, calls } = this
      const options = { world: this.#world, faults, rateLimits, tokens, missingMethods, calls }
      return serveWebApi(options, rest.join('/'), request, response)
    }
    if (area === 'upload') return this.#receiveUpload(rest[1] ?? '', request, response)
    if (area === 'response') return this.#receiveResponse(rest[0] ?? '', request, response)
    if (area === 'files-pri') return this.#sendFile(rest[0] ?? '', request, response)
    return this.#page.serve(pathname, request, response)
  }

  async #receiveUpload(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await readBody(request)
    const contentType = request.headers['content-type'] ?? ''
    const answer = await underFault(this.faults.take('upload'), async () => {
      const file = this.state.files.get(id)
      if (file === undefined) return { status: 404, body: { ok: false, error: 'file_not_found' } }
      const part = contentType.startsWith('multipart/') ? (await parseArguments(contentType, raw))['body'] : raw
      if (part === undefined) return { status: 400, body: { ok: false, error: 'no_file_data' } }
      file.bytes = part instanceof Blob ? Buffer.from(await part.arrayBuffer()) : Buffer.from(part as Buffer | string)
      return { status: 200, body: { ok: true, size: file.bytes.length } }
    })
    send(response, answer)
  }

  async #receiveResponse(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await readBody(request)
    let body: JsonObject
    try {
      body = JSON.parse(raw.toString('utf8')) as JsonObject
    } catch {
      return send(response, { status: 400, body: { ok: false, error: 'invalid_payload' } })
    }
    send(response, await underFault(this.faults.take('response_url'), () => useResponseUrl(this.#world, id, body)))
  }

  #sendFile(id: string, request: IncomingMessage, response: ServerResponse): void {
    const file = this.state.files.get(id)
    const isAllowed = request.headers.authorization === `Bearer ${this.tokens.bot}` && this.scopes.has('files:read')
    if (file?.bytes == null || !isAllowed) {
      // Slack shows its sign-in page with status 200: a client that trusts the status reads HTML.
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      response.end('<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body></body></html>')
      return
    }
    response.writeHead(200, { 'content-type': file.mimetype, 'content-length': file.bytes.length })
    response.end(file.bytes)
  }
}

const fill = (state: WorkspaceState, options: FakeWorkspaceOptions): void => {
  const bot: Person = { id: state.botUserId, name: 'medic', realName: 'Medic', tz: 'UTC', isBot: true }
  for (const person of [...(options.people ?? DEFAULT_PEOPLE), bot]) state.people.set(person.id, person)
  for (const given of options.channels ?? DEFAULT_CHANNELS) {
    const members =
      given.members?.map((name) => state.person(name).id) ?? [...state.people.keys()].filter((id) => id !== bot.id)
    const channel: Channel = {
      id: given.id,
      name: given.name,
      kind: given.kind ?? 'public',
      members: new Set([...members, ...(given.hasBot === false ? [] : [bot.id])]),
    }
    state.channels.set(channel.id, channel)
  }
  for (const [id, users] of Object.entries(options.usergroups ?? {})) {
    state.usergroups.set(
      id,
      users.map((name) => state.person(name).id),
    )
  }
}

/** Starts a fake workspace; stop it with `await workspace.stop()` or `await using`. */
export const startFakeWorkspace = (options: FakeWorkspaceOptions = {}): Promise<FakeWorkspace> =>
  new FakeWorkspace(options).start()
