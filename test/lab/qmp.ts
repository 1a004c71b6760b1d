import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

interface Message {
  readonly QMP?: unknown
  readonly return?: unknown
  readonly error?: { readonly desc: string }
}

/** A conversation with qemu's machine protocol: one JSON object a line, answers in the order of the questions. */
export class Qmp {
  readonly #socket: Socket
  readonly #pending: Pending[] = []

  private constructor(socket: Socket) {
    this.#socket = socket
    const fail = (error: Error): void => {
      for (const { reject } of this.#pending.splice(0)) reject(error)
    }
    socket.on('error', fail)
    socket.on('close', () => fail(new Error('qemu closed its control socket')))
    createInterface({ input: socket }).on('line', (line) => this.#receive(JSON.parse(line) as Message))
  }

  static async open(path: string): Promise<Qmp> {
    const socket = connect(path)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    const qmp = new Qmp(socket)
    await qmp.execute('qmp_capabilities')
    return qmp
  }

  execute(command: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject })
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: parameters })}\n`)
    })
  }

  /** `savevm` and `loadvm` exist for humans only; their complaint is what they print. */
  async monitor(commandLine: string): Promise<void> {
    const printed = await this.execute('human-monitor-command', { 'command-line': commandLine })
    if (typeof printed === 'string' && printed.trim() !== '') throw new Error(`qemu: ${commandLine}: ${printed.trim()}`)
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(message: Message): void {
    if (!('return' in message) && !('error' in message)) return
    const pending = this.#pending.shift()
    if (message.error === undefined) pending?.resolve(message.return)
    else pending?.reject(new Error(`qemu: ${message.error.desc}`))
  }
}
