import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { JsonObject } from './records.ts'
import type { WorkspaceState } from './workspaceState.ts'

/** Slack lets an app hold ten sockets. */
const SOCKET_LIMIT = 10

export interface Socket {
  readonly id: string
  readonly connection: WebSocket
  /** Told to go away: no delivery goes there any more. */
  isLeaving: boolean
}

type AckListener = (envelopeId: string, payload: JsonObject, socketId: string) => void

/** The WebSocket side: tickets, hello, frames, acknowledgements. */
export class SocketMode {
  readonly #server = new WebSocketServer({ noServer: true })
  readonly #state: WorkspaceState
  readonly #tickets = new Set<string>()
  readonly #onAck: AckListener
  readonly sockets: Socket[] = []
  /** Frames that were neither a known acknowledgement nor JSON: a test may want none. */
  readonly strayFrames: string[] = []
  #turn = 0

  constructor(state: WorkspaceState, onAck: AckListener) {
    this.#state = state
    this.#onAck = onAck
  }

  ticket(): string {
    const ticket = randomUUID()
    this.#tickets.add(ticket)
    return ticket
  }

  /** Answers an upgrade of `/link/?ticket=…`; the ticket is good once. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    if (url.pathname !== '/link/' || !this.#tickets.delete(url.searchParams.get('ticket') ?? '')) {
      stream.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    this.#server.handleUpgrade(request, stream, head, (connection) => this.#welcome(connection))
  }

  #welcome(connection: WebSocket): void {
    if (this.open.length >= SOCKET_LIMIT) {
      connection.send(
        JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets', debug_info: { host: 'fake' } }),
      )
      connection.close(1000)
      return
    }
    const socket: Socket = { id: `socket-${randomUUID().slice(0, 8)}`, connection, isLeaving: false }
    this.sockets.push(socket)
    connection.on('message', (data: Buffer) => this.#receive(socket, data.toString('utf8')))
    connection.on('error', () => connection.terminate())
    connection.on('close', () => {
      this.sockets.splice(this.sockets.indexOf(socket), 1)
      this.#state.journal.add({ kind: 'sockets', open: this.open.length })
    })
    connection.send(
      JSON.stringify({
        type: 'hello',
        num_connections: this.open.length,
        connection_info: { app_id: this.#state.appId },
        debug_info: { host: 'fake-workspace', build_number: 1, approximate_connection_time: 18_060 },
      }),
    )
    this.#state.journal.add({ kind: 'sockets', open: this.open.length })
  }

  #receive(socket: Socket, frame: string): void {
    let parsed: JsonObject
    try {
      parsed = JSON.parse(frame) as JsonObject
    } catch {
      this.strayFrames.push(frame)
      return
    }
    const { envelope_id: envelopeId, payload } = parsed
    if (typeof envelopeId !== 'string') {
      this.strayFrames.push(frame)
      return
    }
    // Bolt sends `{}` for a bare ack, `{text}` for a string; a frame without payload is a bare ack too.
    const answer = typeof payload === 'object' && payload !== null ? (payload as JsonObject) : {}
    this.#onAck(envelopeId, answer, socket.id)
  }

  /** Sockets that may get a delivery. */
  get open(): Socket[] {
    return this.sockets.filter((socket) => !socket.isLeaving && socket.connection.readyState === 1)
  }

  /** Sends a frame to exactly one open socket, in turn; its id, or null when nobody listens. */
  sendToOne(frame: JsonObject, socketId?: string): string | null {
    const open = this.open
    const chosen =
      socketId === undefined ? open[this.#turn++ % Math.max(1, open.length)] : open.find((each) => each.id === socketId)
    if (chosen === undefined) return null
    chosen.connection.send(JSON.stringify(frame))
    return chosen.id
  }

  /** Slack's renewal: every socket (or one) is told to reconnect. `link_disabled` means Socket Mode was switched off. */
  disconnect(reason: 'warning' | 'refresh_requested' | 'link_disabled', socketId?: string): number {
    const told = this.open.filter((socket) => socketId === undefined || socket.id === socketId)
    for (const socket of told) {
      // A warning comes ten seconds before the end: the socket still gets deliveries.
      socket.isLeaving = reason !== 'warning'
      socket.connection.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'fake-workspace' } }))
    }
    return told.length
  }

  /** Breaks the connections without a goodbye. */
  drop(socketId?: string): number {
    const dropped = this.sockets.filter((socket) => socketId === undefined || socket.id === socketId)
    for (const socket of dropped) socket.connection.terminate()
    return dropped.length
  }

  close(): void {
    this.drop()
    this.#server.close()
  }
}
