import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'

type Fields = Readonly<Record<string, string>>
type Answer = Record<string, unknown> | { readonly status: number; readonly body: string; readonly headers?: Fields }

/** What one call is answered with instead of the usual; undefined: the usual. */
export type Quirk = (method: string, args: Fields, nth: number) => Answer | undefined

export interface Said {
  readonly method: string
  readonly args: Fields
}

/**
 * A second Slack, written from the public documentation alone and sharing nothing with the fake workspace: just what a
 * bot cannot do without, with as few fields as an answer may have. Quirks are what other servers do differently.
 */
export class OtherSlack {
  readonly said: Said[] = []
  readonly quirk: Quirk
  readonly #http: Server
  readonly #socket: WebSocketServer
  readonly #counts = new Map<string, number>()
  readonly #watchers = new Set<() => void>()
  #client: WebSocket | null = null
  #messages = 0
  #envelopes = 0

  private constructor(quirk: Quirk) {
    this.quirk = quirk
    this.#http = createServer((request, response) => {
      void this.#respond(request, response)
    })
    // The socket lives at a port of its own, as it may.
    this.#socket = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    this.#socket.on('connection', (client) => {
      this.#client = client
      client.send(JSON.stringify({ type: 'hello' }))
      client.on('message', (data: Buffer) => this.#note('ack', { body: data.toString('utf8') }))
    })
  }

  static async start(quirk: Quirk = () => undefined): Promise<OtherSlack> {
    const server = new OtherSlack(quirk)
    await new Promise<void>((resolve) => server.#http.listen(0, '127.0.0.1', resolve))
    return server
  }

  get apiUrl(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/api/`
  }

  /** A command over the socket. */
  type(text: string): void {
    this.#envelopes += 1
    const [command = '', ...words] = text.split(' ')
    this.#client?.send(
      JSON.stringify({
        type: 'slash_commands',
        envelope_id: `envelope-${this.#envelopes}`,
        accepts_response_payload: true,
        payload: {
          command,
          text: words.join(' '),
          user_id: 'U0ANNA000',
          channel_id: 'C0OPS0000',
          team_id: 'T0TEAM000',
          response_url: `${this.apiUrl}response`,
          trigger_id: `trigger-${this.#envelopes}`,
        },
      }),
    )
  }

  /** As Slack does some minutes before it moves a connection, and then when it does. */
  disconnect(reason: 'warning' | 'refresh_requested'): void {
    this.#client?.send(JSON.stringify({ type: 'disconnect', reason }))
    if (reason === 'refresh_requested') this.#client?.close()
  }

  /** Texts of all messages a person can read: what was posted or edited, with its blocks. */
  read(): string {
    return this.said
      .filter(({ method }) => ['ack', 'chat.postMessage', 'chat.update', 'response', 'upload'].includes(method))
      .map(({ args }) => Object.values(args).join('\n'))
      .join('\n')
  }

  async waitFor(pattern: RegExp, withinMs = 20_000): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(look)
        reject(new Error(`nobody said ${String(pattern)}; heard: ${this.said.map(({ method }) => method).join(' ')}`))
      }, withinMs)
      const look = (): void => {
        const text = this.read()
        if (!pattern.test(text)) return
        clearTimeout(timer)
        this.#watchers.delete(look)
        resolve(text)
      }
      this.#watchers.add(look)
      look()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client?.terminate()
    this.#socket.close()
    this.#http.closeAllConnections()
    await new Promise((resolve) => this.#http.close(resolve))
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await this.#answer(request)
    if ('status' in answer && 'body' in answer) {
      response.writeHead(answer.status as number, { 'content-type': 'text/html', ...(answer.headers as Fields) })
      response.end(answer.body as string)
      return
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer))
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const method = (request.url ?? '').replace(/^\/api\//, '').split('?')[0] ?? ''
    const args = await argumentsOf(request)
    const nth = (this.#counts.get(method) ?? 0) + 1
    this.#counts.set(method, nth)
    const answer = this.quirk(method, args, nth) ?? this.#usual(method, args)
    const isRefused = 'status' in answer ? Number(answer['status']) >= 400 : answer['ok'] === false
    this.#note(isRefused ? `refused ${method}` : method, args)
    return answer
  }

  #usual(method: string, args: Fields): Answer {
    const { port } = this.#socket.address() as AddressInfo
    switch (method) {
      case 'auth.test':
        return { ok: true, user_id: 'U0MEDIC00', team_id: 'T0TEAM000' }
      case 'apps.connections.open':
        return { ok: true, url: `ws://127.0.0.1:${port}/link` }
      case 'chat.postMessage':
        this.#messages += 1
        return { ok: true, ts: `1795600000.${String(this.#messages).padStart(6, '0')}`, channel: args['channel'] }
      case 'chat.update':
        return { ok: true, ts: args['ts'], channel: args['channel'] }
      case 'chat.postEphemeral':
      case 'response':
        return { ok: true }
      case 'conversations.history':
      case 'conversations.replies':
        return { ok: true, messages: [] }
      case 'files.getUploadURLExternal':
        return { ok: true, upload_url: `${this.apiUrl}upload`, file_id: 'F0FILE000' }
      case 'upload':
        return { status: 200, body: 'OK' }
      case 'files.completeUploadExternal':
        return { ok: true, files: [{ id: 'F0FILE000' }] }
      default:
        return { ok: false, error: 'unknown_method' }
    }
  }

  #note(method: string, args: Fields): void {
    this.said.push({ method, args })
    for (const watcher of this.#watchers) watcher()
  }
}

/** Bodies come as forms or as JSON, files as they are. */
const argumentsOf = async (request: IncomingMessage): Promise<Fields> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks).toString('utf8')
  const type = request.headers['content-type'] ?? ''
  if (type.startsWith('application/json')) {
    const value = JSON.parse(body) as Record<string, unknown>
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, typeof one === 'string' ? one : JSON.stringify(one)]),
    )
  }
  if (type.startsWith('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(body))
  return { body }
}

/** What HTTP mode checks. */
export const signed = (secret: string, body: string, atSeconds: number): Record<string, string> => ({
  'content-type': 'application/x-www-form-urlencoded',
  'x-slack-request-timestamp': String(atSeconds),
  'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${atSeconds}:${body}`).digest('hex')}`,
})
