import { connect, type Socket } from 'node:net'

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

interface Message {
  readonly QMP?: unknown
  readonly return?: unknown
  readonly error?: { readonly desc: string }
}

/** Saving and loading a machine takes about two seconds, many times that on a busy host. */
const ANSWER_TIMEOUT_MS = 60_000

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
    let rest = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.trim() !== '') this.#receive(JSON.parse(line) as Message)
    })
  }

  static async open(path: string): Promise<Qmp> {
    const qmp = new Qmp(connect(path))
    // Written before the connection stands; a refusal rejects it like any other question.
    await qmp.execute('qmp_capabilities')
    return qmp
  }

  execute(command: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#socket.destroy(new Error(`qemu: no answer to ${command} within ${ANSWER_TIMEOUT_MS / 1000} s`))
      }, ANSWER_TIMEOUT_MS)
      this.#pending.push({
        resolve: (value) => {
          clearTimeout(timer)
          resolve(value)
        },
        reject: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      })
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
