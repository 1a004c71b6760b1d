import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Host, SshTarget } from '../../src/domain/host.ts'

export interface SshdOptions {
  /** Further lines of sshd_config. */
  readonly config?: readonly string[]
  /** Lines for the end, where a `Match` has to stand. */
  readonly last?: readonly string[]
  readonly listen?: string
  readonly port?: number
  /** Replaces the generated host key, to play a host that was set up anew. */
  readonly hostKeyType?: 'ed25519' | 'ecdsa' | 'rsa'
  readonly user?: string
  readonly sftp?: boolean
}

export interface Sshd extends AsyncDisposable {
  readonly port: number
  readonly folder: string
  /** `ssh-ed25519 AAAA…` of the server. */
  readonly hostKey: string
  readonly keyFile: string
  target(changes?: Partial<SshTarget>): SshTarget
  host(changes?: Partial<SshTarget>): Host
  /** What sshd logged so far. */
  log(): string
  /** Ends the daemon; sessions go on. */
  stop(): Promise<void>
}

export const freePort = async (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

export const makeKey = (path: string, type = 'ed25519', passphrase = ''): void => {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'test', '-f', path])
}

/** A real sshd on the loopback interface with keys made on the spot. Needs root, as sshd does. */
export const startSshd = async (options: SshdOptions = {}): Promise<Sshd> => {
  const folder = mkdtempSync(join(tmpdir(), 'medic-sshd-'))
  // sshd reads authorized_keys as the user who logs in.
  chmodSync(folder, 0o755)
  mkdirSync('/run/sshd', { recursive: true })
  mkdirSync(join(folder, 'home'))
  makeKey(join(folder, 'hostkey'), options.hostKeyType ?? 'ed25519')
  makeKey(join(folder, 'key'))
  writeFileSync(join(folder, 'authorized_keys'), readFileSync(join(folder, 'key.pub')))
  const port = options.port ?? (await freePort())
  const user = options.user ?? 'root'
  const config = [
    // The first value of a keyword wins, so that a test's own lines come first.
    ...(options.config ?? []),
    `Port ${port}`,
    `ListenAddress ${options.listen ?? '127.0.0.1'}`,
    `HostKey ${folder}/hostkey`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    `PidFile ${folder}/pid`,
    'StrictModes no',
    'UsePAM no',
    'UseDNS no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'MaxStartups 100',
    'PrintMotd no',
    // What the startup files of this machine's root do, and how long they take, is no part of any test.
    ...(user === 'root' ? [`SetEnv HOME=${folder}/home`] : []),
    ...(options.sftp === false ? [] : ['Subsystem sftp internal-sftp']),
    ...(options.last ?? []),
  ]
  writeFileSync(join(folder, 'sshd_config'), `${config.join('\n')}\n`)
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString()
      if (log.includes('Server listening')) resolve()
    })
    child.once('exit', () => reject(new Error(`sshd did not start: ${log}`)))
  })
  const stop = async (): Promise<void> => ended(child, 'SIGTERM')
  const hostKey = readFileSync(join(folder, 'hostkey.pub'), 'utf8').trim()
  const keyFile = join(folder, 'key')
  const target = (changes: Partial<SshTarget> = {}): SshTarget => ({
    address: '127.0.0.1',
    port,
    user,
    identityFiles: [keyFile],
    hostKey,
    hostKeyAlias: null,
    knownHostsFiles: [join(folder, 'known_hosts')],
    acceptNewKey: false,
    jumps: [],
    ...changes,
  })
  return {
    port,
    folder,
    hostKey,
    keyFile,
    target,
    host: (changes = {}) => hostOf(target(changes)),
    log: () => log,
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const hostOf = (ssh: SshTarget): Host => ({
  name: 'server1',
  transport: 'ssh',
  ssh,
  replay: null,
  sudo: true,
  site: null,
  groups: [],
  tags: {},
})

const ended = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}

/** A user that exists for one test; its login shell is the subject. Needs root. */
export const createUser = (name: string, shell: string): Disposable & { readonly home: string } => {
  removeUser(name)
  execFileSync('useradd', ['--create-home', '--shell', shell, name], { stdio: 'ignore' })
  // Without a password the account counts as locked, and sshd refuses even a key.
  execFileSync('usermod', ['-p', '*', name], { stdio: 'ignore' })
  return { home: `/home/${name}`, [Symbol.dispose]: () => removeUser(name) }
}

const removeUser = (name: string): void => {
  try {
    execFileSync('userdel', ['--force', '--remove', name], { stdio: 'ignore' })
  } catch {
    // It did not exist.
  }
}
