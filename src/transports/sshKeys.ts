import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import type { AnyAuthMethod, BaseAgent, ParsedKey } from 'ssh2'
import type { SshTarget } from '../domain/host.ts'
import { fingerprint } from './hostKey.ts'

/** OpenSSH's own names, in its order. */
const DEFAULT_NAMES = ['id_ed25519', 'id_ecdsa', 'id_rsa']
/** OpenSSH's MaxAuthTries is 6 and the last one already disconnects. */
const MAX_AGENT_KEYS = 4

/** What can be tried to log in, and what could not be used and why. */
export interface Identities {
  readonly attempts: readonly AnyAuthMethod[]
  /** The key of the first attempt, null when an agent is asked first or there is nothing to try. */
  readonly firstKey: ParsedKey | null
  /** Fingerprints with where they come from, for the message of a failed login. */
  readonly tried: readonly string[]
  readonly problems: readonly string[]
}

/** Key files that were named come before the agent, default names after it. */
export const readIdentities = async (target: SshTarget): Promise<Identities> => {
  const isNamed = target.identityFiles.length > 0
  const paths = isNamed ? target.identityFiles : DEFAULT_NAMES.map((name) => join(homedir(), '.ssh', name))
  const [files, agent] = await Promise.all([
    Promise.all(paths.map((path) => readKey(path, isNamed))),
    readAgent(process.env['SSH_AUTH_SOCK'], target.user),
  ])
  const keys = files.flatMap((file) => (file.key === null ? [] : [file]))
  const fileAttempts = keys.map(({ key }): AnyAuthMethod => ({
    type: 'publickey',
    username: target.user,
    key: key as ParsedKey,
  }))
  const fileNames = keys.map(({ key, path }) => `${fingerprint((key as ParsedKey).getPublicSSH())} (${path})`)
  const problems = [...files.flatMap(({ problem }) => (problem === null ? [] : [problem])), ...agent.problems]
  return {
    attempts: isNamed ? [...fileAttempts, ...agent.attempts] : [...agent.attempts, ...fileAttempts],
    firstKey: isNamed || agent.attempts.length === 0 ? (keys[0]?.key ?? null) : null,
    tried: isNamed ? [...fileNames, ...agent.tried] : [...agent.tried, ...fileNames],
    problems,
  }
}

interface KeyFile {
  readonly path: string
  readonly key: ParsedKey | null
  readonly problem: string | null
}

/** Parsing a key costs more than a login's signature: once a file, not once a host. */
const parsed = new Map<string, KeyFile>()

const readKey = async (path: string, isNamed: boolean): Promise<KeyFile> => {
  try {
    const { mtimeMs, size } = await stat(path)
    const cacheKey = `${path} ${mtimeMs} ${size}`
    const known = parsed.get(cacheKey) ?? parseKeyFile(path, await readFile(path))
    parsed.set(cacheKey, known)
    return known
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const problem = code === 'ENOENT' && !isNamed ? null : `key file "${path}" cannot be read: ${message}`
    return { path, key: null, problem }
  }
}

const parseKeyFile = (path: string, content: Buffer): KeyFile => {
  const key = ssh2.utils.parseKey(content)
  if (!(key instanceof Error) && key.isPrivateKey()) return { path, key, problem: null }
  if (!(key instanceof Error)) return { path, key: null, problem: `key file "${path}" holds a public key only` }
  const problem = /encrypted/i.test(key.message)
    ? `key file "${path}" is encrypted and nobody is there to type the passphrase: load it into the agent (ssh-add "${path}")`
    : `key file "${path}" cannot be used: ${key.message}`
  return { path, key: null, problem }
}

/** Asks the agent once for its keys, so that they can be named and their number kept below the server's limit. */
const readAgent = async (socket: string | undefined, user: string): Promise<Omit<Identities, 'firstKey'>> => {
  if (socket === undefined || socket === '') return { attempts: [], tried: [], problems: [] }
  const agent = new ssh2.OpenSSHAgent(socket)
  const answer = await new Promise<readonly ParsedKey[] | Error>((resolve) => {
    const timer = setTimeout(() => resolve(new Error('no answer within 2 s')), 2000)
    agent.getIdentities((error, keys) => {
      clearTimeout(timer)
      resolve(error ?? (keys as ParsedKey[] | undefined) ?? [])
    })
  })
  if (answer instanceof Error) return { attempts: [], tried: [], problems: [`agent at "${socket}": ${answer.message}`] }
  const keys = answer.slice(0, MAX_AGENT_KEYS)
  if (keys.length === 0) return { attempts: [], tried: [], problems: [] }
  const problems =
    answer.length > keys.length ? [`agent holds ${answer.length} keys, only ${keys.length} were tried`] : []
  return {
    attempts: [{ type: 'agent', username: user, agent: limitedAgent(agent, keys) }],
    tried: keys.map((key) => `${fingerprint(key.getPublicSSH())} (agent)`),
    problems,
  }
}

const limitedAgent = (agent: BaseAgent, keys: readonly ParsedKey[]): BaseAgent => {
  const limited = Object.create(agent) as BaseAgent
  limited.getIdentities = (cb) => cb(undefined, [...keys])
  limited.sign = agent.sign.bind(agent)
  return limited
}
