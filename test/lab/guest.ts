import { existsSync, readFileSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, type ClientChannel } from 'ssh2'
import { ExpectedError } from '../../src/domain/errors.ts'

export interface GuestAddress {
  readonly port: number
  readonly keyFile: string
  readonly hostKey: string
  readonly consoleLog: string
}

export interface GuestResult {
  /** null: killed by a signal, or the channel ended without a word. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A thrashing guest answers late: single commands took up to 27 s on the way to a global kill. */
const COMMAND_TIMEOUT_MS = 60_000
const CONNECT_TIMEOUT_MS = 15_000
const POLL_MS = 500
const CONSOLE_TAIL_LINES = 25

/** The lab's own view into the machine, as root over one ssh connection; Medic's transports are not used here. */
export class Guest implements AsyncDisposable {
  readonly #address: GuestAddress
  #client: Client | null = null
  #consoleStart = 0

  constructor(address: GuestAddress) {
    this.#address = address
  }

  /** Tries to log in until the machine lets us. */
  async connect(timeoutMs: number): Promise<void> {
    const giveUpAt = Date.now() + timeoutMs
    for (;;) {
      try {
        this.#client = await login(this.#address, 'root')
        return
      } catch (error) {
        if (Date.now() > giveUpAt) throw this.failure(`ssh did not answer within ${timeoutMs / 1000} s`, error)
        await delay(POLL_MS)
      }
    }
  }

  /** Runs a shell command and tells how it ended, whatever that was. */
  async exec(command: string, options: { stdin?: string; timeoutMs?: number } = {}): Promise<GuestResult> {
    const client = this.#client
    if (client === null) throw new ExpectedError('lab: not connected to the guest')
    const timeoutMs = options.timeoutMs ?? COMMAND_TIMEOUT_MS
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.failure(`no end within ${timeoutMs / 1000} s: ${command}`)), timeoutMs)
    })
    try {
      return await Promise.race([execOver(client, command, options.stdin ?? ''), late])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Logs in as somebody else for one command. */
  async execAs(user: string, command: string): Promise<GuestResult> {
    const client = await login(this.#address, user)
    try {
      return await execOver(client, command, '')
    } finally {
      client.end()
    }
  }

  /** Runs a command that has to work and returns what it printed. */
  async run(command: string, options: { stdin?: string; timeoutMs?: number } = {}): Promise<string> {
    const result = await this.exec(command, options)
    if (result.code === 0) return result.stdout.trimEnd()
    throw new ExpectedError(`lab: exit ${result.code} of: ${command}\n${result.stderr.trim() || result.stdout.trim()}`)
  }

  async write(path: string, text: string): Promise<void> {
    await this.run(`mkdir -p "$(dirname '${path}')" && cat >'${path}'`, { stdin: text })
  }

  /** Looks again and again until there is something to see; undefined means not yet. */
  async until<T>(what: string, timeoutMs: number, look: () => Promise<T | undefined>): Promise<T> {
    const giveUpAt = Date.now() + timeoutMs
    for (;;) {
      const seen = await look()
      if (seen !== undefined) return seen
      if (Date.now() > giveUpAt) throw this.failure(`not seen within ${timeoutMs / 1000} s: ${what}`)
      await delay(POLL_MS)
    }
  }

  /** What the kernel wrote on its serial console so far: readable when nothing in the guest answers any more. */
  console(): string {
    const path = this.#address.consoleLog
    return existsSync(path) ? readFileSync(path).subarray(this.#consoleStart).toString().replaceAll('\r', '') : ''
  }

  /** Counts the console from here on. */
  forgetConsole(): void {
    const path = this.#address.consoleLog
    this.#consoleStart = existsSync(path) ? statSync(path).size : 0
  }

  failure(message: string, cause?: unknown): ExpectedError {
    const reason = cause instanceof Error ? ` (${cause.message})` : ''
    const tail = this.console().trimEnd().split('\n').slice(-CONSOLE_TAIL_LINES).join('\n')
    return new ExpectedError(`lab: ${message}${reason}\nconsole:\n${tail}`, { cause })
  }

  /** Hangs up at once; a machine that was set back to an earlier state no longer knows the connection. */
  hangUp(): void {
    this.#client?.destroy()
    this.#client = null
  }

  /** Says good-bye, so that the session is gone from the guest, too. */
  async [Symbol.asyncDispose](): Promise<void> {
    const client = this.#client
    this.#client = null
    if (client === null) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => client.destroy(), 5000)
      client.once('close', () => {
        clearTimeout(timer)
        resolve()
      })
      client.end()
    })
  }
}

const login = (address: GuestAddress, user: string): Promise<Client> =>
  new Promise((resolve, reject) => {
    const client = new Client()
    const pinned = address.hostKey.split(' ')[1]
    client
      .once('ready', () => resolve(client))
      .on('error', reject)
      .once('close', () => reject(new Error('the connection was closed')))
      .connect({
        host: '127.0.0.1',
        port: address.port,
        username: user,
        privateKey: readFileSync(address.keyFile),
        readyTimeout: CONNECT_TIMEOUT_MS,
        hostVerifier: (key: Buffer) => key.toString('base64') === pinned,
      })
  })

const execOver = (client: Client, command: string, stdin: string): Promise<GuestResult> =>
  new Promise((resolve, reject) => {
    const lost = (): void => resolve({ code: null, stdout: '', stderr: 'the connection was lost' })
    client.once('close', lost)
    client.exec(command, (error, channel: ClientChannel) => {
      if (error !== undefined) {
        client.off('close', lost)
        reject(error)
        return
      }
      const stdout: Buffer[] = []
      const stderr: Buffer[] = []
      channel.on('data', (chunk: Buffer) => stdout.push(chunk))
      channel.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
      let code: number | null = null
      channel.on('exit', (status: number | null) => (code = status))
      channel.on('close', () => {
        client.off('close', lost)
        resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() })
      })
      channel.end(stdin)
    })
  })
