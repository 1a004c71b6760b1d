import type { Client, ClientChannel, SFTPWrapper } from 'ssh2'
import type { Command, FileResult, StepResult } from '../domain/step.ts'
import { canBlock, readFiles } from './readFiles.ts'
import { CommandRunner } from './runCommands.ts'
import { sftpFiles } from './sftpFiles.ts'
import type { ShellPipe, ShellRefusal, ShellSource } from './shellPipe.ts'
import { ShellSession } from './shellSession.ts'
import type { Hop } from './sshHop.ts'
import type { FirstChannels } from './sshLogin.ts'
import { openSftp, openShell } from './sshLogin.ts'
import { sshShell } from './sshShell.ts'
import type { Connection, FileLimits } from './transport.ts'

/** security-reliability.md section 4: the server's own limit is 10, and the sick host pays for each. */
const MAX_CHANNELS = 4

interface Parts {
  readonly hop: Hop<FirstChannels>
  readonly description: string
  /** Logins on the way here, ended after this one. */
  readonly jumps: readonly Hop<void>[]
}

/** One login. Files are read over SFTP, steps run on shells; both survive a host that can no longer fork. */
export class SshConnection implements Connection, ShellSource {
  readonly description: string
  readonly #client: Client
  readonly #hops: readonly Pick<Hop<unknown>, 'client' | 'destroy'>[]
  readonly #runner: CommandRunner
  #sftp: SFTPWrapper | Error
  #blockingSftp: Promise<SFTPWrapper | Error> | null = null
  #lost: string | null = null
  #openChannels = 0
  #reading = 0
  #idle: (() => void)[] = []

  constructor({ hop, description, jumps }: Parts) {
    const { client, opened: channels } = hop
    this.description = description
    this.#client = client
    this.#hops = [hop, ...jumps.toReversed()]
    this.#sftp = channels.sftp
    this.#runner = new CommandRunner(this)
    client.on('error', (error) => (this.#lost ??= `the connection was lost: ${error.message}`))
    client.on('close', () => (this.#lost ??= 'the connection was lost'))
    if (!(channels.sftp instanceof Error)) this.#count(channels.sftp)
    const pipe = this.#pipeOf(channels.shell, null)
    this.#runner.adopt('refused' in pipe ? pipe : new ShellSession(pipe))
  }

  get canFork(): boolean | null {
    return this.#runner.canFork
  }

  /** Why this connection is of no more use, null while it is. */
  get lost(): string | null {
    return this.#lost
  }

  async *readFiles(
    paths: readonly string[],
    limits: FileLimits,
    signal: AbortSignal,
  ): AsyncGenerator<FileResult, void, undefined> {
    const source = sftpFiles((path) => this.#sftpFor(path))
    this.#reading += 1
    try {
      for await (const file of readFiles(paths, limits, source, signal)) {
        // A blocked channel answers nothing more: the next one gets a new one.
        if (file.status === 'timed-out' && canBlock(file.path)) this.#endBlockingSftp()
        yield this.#lost !== null && file.status === 'failed' ? { ...file, reason: this.#lost } : file
      }
    } finally {
      this.#reading -= 1
      if (this.#reading === 0) {
        this.#endBlockingSftp()
        for (const wake of this.#idle.splice(0)) wake()
      }
    }
  }

  run(commands: readonly Command[], signal: AbortSignal): AsyncIterable<StepResult> {
    return this.#runner.run(commands, signal)
  }

  /** Where the server grants one session only, the file channel makes room for the shell, and the other way round. */
  async openShell(pty: Command['pty']): Promise<ShellPipe | ShellRefusal> {
    if (this.#lost !== null) return { refused: 'lost', reason: this.#lost }
    if (this.#openChannels >= MAX_CHANNELS) return { refused: 'channels', reason: 'no further channel' }
    const first = this.#pipeOf(await openShell(this.#client, pty), pty)
    if (!('refused' in first) || first.refused !== 'channels' || this.#runner.alive) return this.#prepared(first, pty)
    await this.#closeSftp()
    return this.#prepared(this.#pipeOf(await openShell(this.#client, pty), pty), pty)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lost ??= 'the connection was closed'
    this.#runner.kill(this.#lost)
    for (const { client } of this.#hops) client.end()
    // A peer that does not answer must not keep a socket of ours, or our process, alive.
    setTimeout(() => this.#hops.forEach((hop) => hop.destroy()), 1000).unref()
  }

  async #prepared(pipe: ShellPipe | ShellRefusal, pty: Command['pty']): Promise<ShellPipe | ShellRefusal> {
    if ('refused' in pipe || pty === null) return pipe
    const { readyTerminal } = await import('./terminal.ts')
    return readyTerminal(pipe, pty)
  }

  #pipeOf(channel: ClientChannel | Error, pty: Command['pty']): ShellPipe | ShellRefusal {
    if (channel instanceof Error) return this.#refusal(channel)
    this.#count(channel)
    return sshShell(channel, pty !== null, () => this.#lost)
  }

  #refusal(error: Error): ShellRefusal {
    if (this.#lost !== null) return { refused: 'lost', reason: this.#lost }
    if (error.message.startsWith('(SSH) Channel open failure')) {
      return { refused: 'channels', reason: `the server grants no further channel: ${error.message}` }
    }
    // OpenSSH and dropbear refuse to execute only when they cannot; others may do so on principle.
    const software = (this.#client as unknown as { _remoteVer?: string })._remoteVer ?? ''
    return /^(?:OpenSSH|dropbear)/.test(software)
      ? { refused: 'fork', reason: `the server could not start a shell: ${error.message}` }
      : { refused: 'shell', reason: `the server runs no commands: ${error.message}` }
  }

  #count(channel: { once(event: 'close', listener: () => void): unknown }): void {
    this.#openChannels += 1
    channel.once('close', () => {
      this.#openChannels -= 1
    })
  }

  async #sftpFor(path: string): Promise<SFTPWrapper> {
    if (this.#lost !== null) throw new Error(this.#lost)
    if (canBlock(path)) {
      this.#blockingSftp ??= openSftp(this.#client)
      const second = await this.#blockingSftp
      if (second instanceof Error) throw new Error(`no second file channel: ${second.message}`)
      return second
    }
    if (this.#sftp instanceof Error) {
      const opened = await this.#reopenSftp()
      if (opened instanceof Error) throw new Error(`no file channel: ${opened.message}`)
      return opened
    }
    return this.#sftp
  }

  #reopening: Promise<SFTPWrapper | Error> | null = null

  async #reopenSftp(): Promise<SFTPWrapper | Error> {
    const open = async (): Promise<SFTPWrapper | Error> => {
      let opened = await openSftp(this.#client)
      if (opened instanceof Error && opened.message.includes('open fail') && !this.#runner.busy) {
        await this.#runner.rest()
        opened = await openSftp(this.#client)
      }
      if (!(opened instanceof Error)) this.#count(opened)
      this.#sftp = opened
      this.#reopening = null
      return opened
    }
    this.#reopening ??= open()
    return this.#reopening
  }

  async #closeSftp(): Promise<void> {
    if (this.#reading > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
    const sftp = this.#sftp
    if (sftp instanceof Error) return
    this.#sftp = new Error('closed to make room for the shell')
    await new Promise<void>((resolve) => {
      sftp.once('close', resolve)
      sftp.end()
    })
  }

  #endBlockingSftp(): void {
    const second = this.#blockingSftp
    this.#blockingSftp = null
    void second?.then((sftp) => (sftp instanceof Error ? undefined : sftp.end()))
  }
}
