import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { readBody } from './apiArguments.ts'
import type { Clicked } from './driver.ts'
import type { FakeWorkspace } from './fakeWorkspace.ts'
import { publicFile } from './fileMethods.ts'
import { asText, type Delivery, type JsonObject, type Message, type View, type WorkspaceEvent } from './records.ts'

const PAGE_FOLDER = join(import.meta.dirname, 'page')
const PAGE_FILES: Record<string, { file: string; type: string }> = {
  '/': { file: 'index.html', type: 'text/html; charset=utf-8' },
  '/page/page.css': { file: 'page.css', type: 'text/css; charset=utf-8' },
  '/page/page.js': { file: 'page.js', type: 'text/javascript; charset=utf-8' },
  '/page/blocks.js': { file: 'blocks.js', type: 'text/javascript; charset=utf-8' },
  '/page/controls.js': { file: 'controls.js', type: 'text/javascript; charset=utf-8' },
  '/page/markup.js': { file: 'markup.js', type: 'text/javascript; charset=utf-8' },
}

/** Kinds of event the page shows; calls and deliveries are for tests. */
const SHOWN = new Set([
  'message',
  'update',
  'delete',
  'ephemeral',
  'ephemeral-delete',
  'modal',
  'modal-closed',
  'home',
  'status',
  'sockets',
])

/** The browser view: the page's files, a snapshot, live events, and the acts of the person in front of it. */
export class PageServer {
  readonly #workspace: FakeWorkspace
  readonly #watchers = new Set<ServerResponse>()
  readonly #unsubscribe: () => void

  constructor(workspace: FakeWorkspace) {
    this.#workspace = workspace
    this.#unsubscribe = workspace.state.journal.subscribe((event) => this.#tell(event))
  }

  close(): void {
    this.#unsubscribe()
    for (const watcher of this.#watchers) watcher.end()
  }

  async serve(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Only pages of this address may look and act: no other site in the same browser.
    const host = request.headers.host ?? ''
    const origin = request.headers.origin
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host) || (origin !== undefined && origin !== `http://${host}`)) {
      return plain(response, 403, 'only from this machine')
    }
    const known = PAGE_FILES[path] ?? (path.startsWith('/archives/') ? PAGE_FILES['/'] : undefined)
    if (known !== undefined) return sendPage(response, known)
    if (path === '/page/state') return json(response, this.#snapshot())
    if (path === '/page/events') return this.#watch(request, response)
    if (path.startsWith('/page/files/')) return this.#sendFile(path.slice('/page/files/'.length), response)
    if (path === '/page/act' && request.method === 'POST') return this.#act(await readBody(request), response)
    return plain(response, 404, 'nothing here')
  }

  #message(message: Message): JsonObject {
    const files = message.files?.map((file) => ({
      ...publicFile({ baseUrl: '' }, file),
      preview: preview(file.mimetype, file.bytes),
    }))
    const { streaming: _streaming, ...rest } = message
    return { ...rest, ...(files === undefined ? {} : { files }) }
  }

  #snapshot(): JsonObject {
    const { state } = this.#workspace
    return {
      people: [...state.people.values()],
      channels: [...state.channels.values()].map((channel) => ({ ...channel, members: [...channel.members] })),
      messages: [...state.messages.values()].flat().map((message) => this.#message(message)),
      ephemerals: [...state.ephemerals.values()],
      homes: [...state.homes.values()],
      stacks: [...state.viewStacks].map(([user, ids]) => ({ user, views: ids.map((id) => state.views.get(id)) })),
      sockets: this.#workspace.socketMode.open.length,
      overHttp: this.#workspace.deliveries.http !== null,
      botUserId: state.botUserId,
    }
  }

  #watch(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(`event: snapshot\ndata: ${JSON.stringify(this.#snapshot())}\n\n`)
    this.#watchers.add(response)
    request.on('close', () => this.#watchers.delete(response))
  }

  #tell(event: WorkspaceEvent): void {
    if (this.#watchers.size === 0 || !SHOWN.has(event.kind)) return
    const shown =
      event.kind === 'message' || event.kind === 'update'
        ? { kind: event.kind, message: this.#message(event.message) }
        : event
    const frame = `data: ${JSON.stringify(shown)}\n\n`
    for (const watcher of this.#watchers) watcher.write(frame)
  }

  #sendFile(id: string, response: ServerResponse): void {
    const file = this.#workspace.state.files.get(id)
    if (file?.bytes == null) return plain(response, 404, 'no such file')
    response.writeHead(200, {
      'content-type': file.mimetype.startsWith('image/') ? file.mimetype : 'text/plain; charset=utf-8',
      // A hostile SVG opened on its own must not run.
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'x-content-type-options': 'nosniff',
    })
    response.end(file.bytes)
  }

  async #act(body: Buffer, response: ServerResponse): Promise<void> {
    try {
      const done = await this.#perform(JSON.parse(body.toString('utf8')) as JsonObject)
      json(response, { ok: true, ...done })
    } catch (error) {
      json(response, { ok: false, error: error instanceof Error ? error.message : String(error) })
    }
  }

  async #perform(act: JsonObject): Promise<JsonObject> {
    const workspace = this.#workspace
    const acting = { as: String(act['user']), in: asText(act['channel'], 'ops') }
    switch (act['do']) {
      case 'say':
        return settled(this.#say(String(act['text']), acting, typeof act['thread'] === 'string' ? act['thread'] : null))
      case 'click':
        return settled(
          workspace.click(this.#place(act), String(act['actionId']), {
            as: acting.as,
            values: (act['values'] ?? {}) as JsonObject,
            ...(act['option'] === undefined ? {} : { option: act['option'] as string | JsonObject }),
            ...(typeof act['value'] === 'string' ? { value: act['value'] } : {}),
          }),
        )
      case 'submit':
        return settled(workspace.submit(this.#view(act), (act['values'] ?? {}) as JsonObject))
      case 'close':
        workspace.closeModal(this.#view(act))
        return {}
      case 'suggest':
        return {
          options: await workspace.suggest(this.#place(act), String(act['actionId']), asText(act['query'])),
        }
      case 'shortcut': {
        const place = this.#place(act)
        if (!('edits' in place)) throw new Error('shortcuts work on messages')
        return settled(workspace.shortcut(String(act['callbackId']), place, acting))
      }
      case 'home':
        return settled(workspace.openHome(acting))
      default:
        throw new Error(`unknown act "${String(act['do'])}"`)
    }
  }

  /** What Slack's own text box does: a command, a mention, or just words. */
  #say(text: string, acting: { as: string; in: string }, thread: string | null): Delivery | null {
    const { state } = this.#workspace
    if (text.startsWith('/')) {
      if (thread !== null) throw new Error(`${text.split(' ')[0]} is not supported in threads. Sorry!`)
      return this.#workspace.slash(text, acting)
    }
    const inThread = thread === null ? {} : { thread }
    const mention = /^@medic\b\s*/i.exec(text)
    if (mention !== null) return this.#workspace.mention(text.slice(mention[0].length), { ...acting, ...inThread })
    if (state.channel(acting.in).members.has(state.person(acting.as).id))
      this.#workspace.post(text, { ...acting, ...inThread })
    return null
  }

  #view(act: JsonObject): View {
    const view = this.#workspace.state.views.get(String(act['viewId']))
    if (view === undefined) throw new Error('this modal is not open any more')
    return view
  }

  #place(act: JsonObject): Clicked {
    if (typeof act['viewId'] === 'string') return this.#view(act)
    const { state } = this.#workspace
    const ts = String(act['ts'])
    const found = state.findMessage(String(act['channel']), ts) ?? state.ephemerals.get(ts)
    if (found === undefined) throw new Error('this message is gone')
    return found
  }
}

/** The first lines of a text file, as Slack shows a snippet. */
const preview = (mimetype: string, bytes: Buffer | null): string | null =>
  bytes !== null && /^(text\/|application\/json)/.test(mimetype)
    ? bytes.subarray(0, 2_000).toString('utf8').split('\n').slice(0, 8).join('\n')
    : null

const settled = async (delivery: Delivery | null): Promise<JsonObject> => {
  if (delivery === null) return {}
  const ack = await delivery.settled
  return { ack: ack?.payload ?? null, latencyMs: ack?.latencyMs ?? null, failure: delivery.failure }
}

const sendPage = (response: ServerResponse, { file, type }: { file: string; type: string }): void => {
  response.writeHead(200, {
    'content-type': type,
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' http: https: data:; connect-src 'self'; base-uri 'none'; form-action 'none'",
  })
  response.end(readFileSync(join(PAGE_FOLDER, file)))
}

const json = (response: ServerResponse, body: JsonObject): void => {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}

const plain = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${text}\n`)
}
