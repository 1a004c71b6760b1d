import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'

const CLI = join(import.meta.dirname, '..', '..', 'src', 'cli')

export interface BotOptions {
  /** Lines of medic.yaml after the hosts. */
  readonly settings?: string
  /** More hosts, as lines of medic.yaml below `hosts:`. */
  readonly hosts?: string
  /** A folder with runbooks of a team. */
  readonly runbooks?: string
  /** HTTP mode at this port. */
  readonly httpPort?: number
  /** Words for Node before the program, such as --import; such a bot can be spoken to over its IPC channel. */
  readonly nodeOptions?: readonly string[]
  /** Started by src/cli/medic, as an installed bot is. */
  readonly asInstalled?: boolean
  readonly env?: Readonly<Record<string, string>>
}

/** A place with settings and a database, in which bots are started and killed. */
export class BotHome {
  readonly folder: string
  readonly #processes: BotProcess[] = []

  constructor(options: BotOptions = {}) {
    this.folder = mkdtempSync(join(tmpdir(), 'medic-slack-'))
    writeFileSync(
      join(this.folder, 'medic.yaml'),
      `hosts:\n  web01: {replay: demo, groups: [web]}\n  web02: {replay: demo}\n${options.hosts ?? ''}\n${options.settings ?? ''}\n`,
    )
    this.options = options
  }

  readonly options: BotOptions

  /** The real command in a process of its own; resolves when commands arrive. */
  async start(workspace: FakeWorkspace): Promise<BotProcess> {
    const before = workspace.socketMode.open.length
    const bot = new BotProcess(workspace, this.folder, this.options)
    this.#processes.push(bot)
    if (this.options.httpPort === undefined) await Promise.race([waitForSocket(workspace, before), bot.failed])
    await Promise.race([bot.saying(/medic: (?:connected|waiting)/), bot.failed])
    return bot
  }

  /** Beside a server that is not the fake workspace. */
  async startAt({ apiUrl }: { readonly apiUrl: string }): Promise<BotProcess> {
    const tokens = { bot: 'xoxb-other', app: 'xapp-other' }
    const bot = new BotProcess({ apiUrl, tokens, signingSecret: 'other' }, this.folder, this.options)
    this.#processes.push(bot)
    await Promise.race([bot.saying(/medic: (?:connected|waiting)/), bot.failed])
    return bot
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((bot) => bot.kill()))
    await rm(this.folder, { recursive: true, force: true })
  }
}

const waitForSocket = (workspace: FakeWorkspace, before: number): Promise<unknown> =>
  workspace.state.journal.waitFor(
    'one more socket',
    (event) => (event.kind === 'sockets' && event.open > before ? true : undefined),
    { withinMs: 20_000 },
  )

interface Credentials {
  readonly tokens: { readonly bot: string; readonly app: string }
  readonly signingSecret: string
}

export class BotProcess {
  readonly child: ChildProcess
  readonly exited: Promise<number | null>
  readonly failed: Promise<never>
  output = ''
  readonly #watchers = new Set<() => void>()

  constructor(workspace: Pick<FakeWorkspace, 'apiUrl'> & Credentials, folder: string, options: BotOptions) {
    const program = options.asInstalled
      ? [join(CLI, 'medic')]
      : [process.execPath, ...(options.nodeOptions ?? []), join(CLI, 'main.ts')]
    this.child = spawn(program[0] ?? '', [...program.slice(1), 'serve'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe', ...(options.nodeOptions === undefined ? [] : ['ipc' as const])],
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        MEDIC_HOME: join(folder, 'state'),
        MEDIC_CONFIG: join(folder, 'medic.yaml'),
        ...(options.runbooks === undefined ? {} : { MEDIC_RUNBOOKS: options.runbooks }),
        ...options.env,
        SLACK_BOT_TOKEN: workspace.tokens.bot,
        SLACK_API_URL: workspace.apiUrl,
        ...(options.httpPort === undefined
          ? { SLACK_APP_TOKEN: workspace.tokens.app }
          : { SLACK_SIGNING_SECRET: workspace.signingSecret, SLACK_PORT: String(options.httpPort) }),
      },
    })
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString('utf8')
        for (const watcher of this.#watchers) watcher()
      })
    }
    this.exited = new Promise((resolve) => this.child.on('exit', (code) => resolve(code)))
    this.failed = this.exited.then((code) => {
      throw new Error(`the bot ended with ${String(code)}: ${this.output.slice(-2_000)}`)
    })
    this.failed.catch(() => {})
  }

  /** Resolves when the output holds it. */
  saying(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!pattern.test(this.output)) return
        this.#watchers.delete(look)
        resolve()
      }
      this.#watchers.add(look)
      look()
    })
  }

  /** As a supervisor stops it. */
  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM')
    return this.exited
  }

  /** As a power cut stops it. */
  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL')
    await this.exited
  }
}

/** A host that accepts connections and never says anything: a run on it stays at work until somebody stops it. */
export class SilentHost {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => {})
    })
  }

  static async start(): Promise<SilentHost> {
    const host = new SilentHost(createServer())
    await new Promise<void>((resolve) => host.#server.listen(0, '127.0.0.1', resolve))
    return host
  }

  /** Its line in medic.yaml. */
  line(name: string): string {
    const { port } = this.#server.address() as AddressInfo
    return `  ${name}: {address: 127.0.0.1, port: "${port}", user: medic}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
