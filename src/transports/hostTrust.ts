import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ServerHostKeyAlgorithm } from 'ssh2'
import { ConfigError, UnreachableError } from '../domain/errors.ts'
import type { SshTarget } from '../domain/host.ts'
import { fingerprint, hostKeyAlgorithms, hostKeyOfBlob, parseHostKey } from './hostKey.ts'
import type { HostKey } from './hostKey.ts'
import { knownHostsName, listsHost, parseKnownHosts } from './knownHosts.ts'
import type { KnownHost } from './knownHosts.ts'

/** Decides about one server's key. `verify` is synchronous on purpose: ssh2 takes a promise for a yes. */
export interface HostTrust {
  readonly algorithms: ServerHostKeyAlgorithm[]
  verify(blob: Buffer): boolean
  /** Why the key was refused, or why none of its kind was offered; null when nothing is wrong. */
  refusal(handshakeError: string | null): UnreachableError | null
  /** Writes a key down that was accepted for the first time. */
  remember(): Promise<void>
  readonly fingerprint: string | null
}

/** Reads what is known about a server's key: the pin of the inventory, else the known_hosts files. */
export const readHostTrust = async (target: SshTarget, where: string): Promise<HostTrust> => {
  const name = knownHostsName(target.hostKeyAlias ?? target.address, target.hostKeyAlias === null ? target.port : 22)
  const files = knownHostsFiles(target)
  const pin = pinnedKey(target, where)
  const lines = pin === null ? await readKnownHosts(files, where) : []
  const known = pin ?? lines.filter((line) => !line.revoked && listsHost(line, name)).map(asKnown)
  const revoked = lines.filter((line) => line.revoked && listsHost(line, name))
  // OpenSSH does the same: a key written down without its port is taken, but only for exactly this key.
  const portless = lines.filter((line) => !line.revoked && listsHost(line, target.address.toLowerCase())).map(asKnown)
  return decide({ target, where, name, files, known, revoked, portless })
}

interface Known {
  readonly key: HostKey
  readonly from: string
}

interface Facts {
  readonly target: SshTarget
  readonly where: string
  readonly name: string
  readonly files: readonly string[]
  readonly known: readonly Known[]
  readonly revoked: readonly KnownHost[]
  readonly portless: readonly Known[]
}

const decide = (facts: Facts): HostTrust => {
  const { target, where, known } = facts
  let offered: HostKey | null = null
  let problem: UnreachableError | null = null
  let isNew = false
  const types = known.length > 0 ? known.map((one) => one.key.type) : null
  const judge = (key: HostKey): UnreachableError | null => {
    const shown = `${key.type} ${fingerprint(key.blob)}`
    if (facts.revoked.some((line) => line.key.blob.equals(key.blob))) return revokedKey(where, shown)
    if (known.some((one) => one.key.blob.equals(key.blob))) return null
    if (known.length > 0) return changedKey(facts, shown)
    if (facts.portless.some((one) => one.key.blob.equals(key.blob))) return null
    if (!target.acceptNewKey) return unknownKey(facts, shown)
    isNew = true
    return null
  }
  return {
    algorithms: hostKeyAlgorithms(types),
    verify(blob) {
      offered = hostKeyOfBlob(blob)
      problem = offered === null ? changedKey(facts, 'a key nobody can read') : judge(offered)
      return problem === null
    },
    refusal(handshakeError) {
      if (problem !== null) return problem
      return handshakeError?.includes('no matching host key format') === true && types !== null
        ? changedKey(facts, 'no key of that type')
        : null
    },
    async remember() {
      if (isNew && offered !== null) await appendKey(facts.files[0] ?? '', facts.name, offered)
      isNew = false
    },
    get fingerprint() {
      return offered === null ? null : fingerprint(offered.blob)
    },
  }
}

const asKnown = (line: KnownHost): Known => ({ key: line.key, from: `${line.file}:${line.line}` })

/** A pin is one key, or several separated by commas or line ends, for a server with more than one. */
const pinnedKey = (target: SshTarget, where: string): readonly Known[] | null => {
  if (target.hostKey === null) return null
  return target.hostKey
    .split(/[,\n]/)
    .filter((text) => text.trim() !== '')
    .map((text) => {
      const key = parseHostKey(text)
      if (key === null) {
        throw new ConfigError(
          `${where}: hostKey "${text.slice(0, 60)}" is not a public key, expected "ssh-ed25519 AAAA…"`,
          {
            hint: `ssh-keyscan ${target.address} prints the keys; compare the fingerprint with the host's own before you trust one`,
          },
        )
      }
      return { key, from: 'hostKey' }
    })
}

const knownHostsFiles = (target: SshTarget): readonly string[] =>
  target.knownHostsFiles.length > 0
    ? target.knownHostsFiles
    : [join(homedir(), '.ssh', 'known_hosts'), '/etc/ssh/ssh_known_hosts']

const readKnownHosts = async (files: readonly string[], where: string): Promise<readonly KnownHost[]> => {
  const texts = await Promise.all(
    files.map(async (file) => {
      try {
        return parseKnownHosts(await readFile(file, 'utf8'), file)
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
        // A file that cannot be read may hold the line that forbids this key.
        throw new UnreachableError('key-unknown', `${where}: cannot read "${file}": ${(cause as Error).message}`, {
          cause,
        })
      }
    }),
  )
  return texts.flat()
}

/** One write of one line at the end of the file, so that two writers cannot tear each other's lines. */
const appendKey = async (file: string, name: string, key: HostKey): Promise<void> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const before = await readFile(file, 'utf8').catch(() => '')
  const glue = before === '' || before.endsWith('\n') ? '' : '\n'
  await appendFile(file, `${glue}${name} ${key.type} ${key.blob.toString('base64')}\n`, { mode: 0o600 })
}

const changedKey = (facts: Facts, offered: string): UnreachableError => {
  const known = facts.known.map((one) => `${one.key.type} ${fingerprint(one.key.blob)} (${one.from})`).join(', ')
  return new UnreachableError(
    'key-changed',
    `${facts.where}: host key has changed: offered ${offered}, expected ${known}`,
    {
      hint: 'somebody may be listening in, or the host was set up anew; compare the fingerprint on the host itself, then replace the old key',
    },
  )
}

const revokedKey = (where: string, offered: string): UnreachableError =>
  new UnreachableError('key-changed', `${where}: host key is revoked: ${offered}`, {
    hint: 'known_hosts marks this key @revoked; do not log in before you know why',
  })

const unknownKey = (facts: Facts, offered: string): UnreachableError =>
  new UnreachableError('key-unknown', `${facts.where}: host key is unknown: ${offered}`, {
    hint: `compare the fingerprint with the host's own, then add the key to ${facts.files[0] ?? 'known_hosts'}, or use --accept-new-key once`,
  })
