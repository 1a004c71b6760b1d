import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { PublishError } from '../domain/errors.ts'
import type { GitRemote } from './gitRemote.ts'
import type { PublisherTools } from './publisher.ts'

/** What the settings say about logging in. */
export interface GitLogin {
  readonly user: string
  readonly tokenEnv: string | null
  readonly tokenFile: string | null
  readonly identityFile: string | null
  readonly hostKey: string | null
  readonly knownHosts: string | null
}

/** How git reaches a remote, and what must be cut out of anything it says. */
export interface GitAccess {
  readonly variables: Readonly<Record<string, string>>
  /** Settings of git itself, handed over in the environment. */
  readonly configuration: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
}

/**
 * Secrets travel in the environment of one git process alone: never in arguments, which every user of the machine can
 * list, never in an address, which git prints and stores.
 */
export const gitAccess = async (
  remote: GitRemote,
  login: GitLogin,
  folder: string,
  tools: PublisherTools,
): Promise<GitAccess> => {
  if (remote.kind === 'http') return httpAccess(remote.url, login, tools)
  if (remote.kind === 'ssh')
    return { variables: await sshVariables(remote, login, folder, tools), configuration: {}, secrets: [] }
  return { variables: {}, configuration: {}, secrets: [] }
}

const httpAccess = async (url: string, login: GitLogin, tools: PublisherTools): Promise<GitAccess> => {
  const token = await tokenOf(login, tools)
  if (token === null) return { variables: {}, configuration: {}, secrets: [] }
  const basic = Buffer.from(`${login.user}:${token}`).toString('base64')
  return {
    variables: {},
    configuration: { [`http.${url}.extraHeader`]: `Authorization: Basic ${basic}` },
    secrets: [token, basic],
  }
}

const tokenOf = async (login: GitLogin, tools: PublisherTools): Promise<string | null> => {
  if (login.tokenEnv !== null) {
    const token = tools.secrets[login.tokenEnv]
    if (token === undefined || token === '')
      throw new PublishError(`tokenEnv: the variable ${login.tokenEnv} is not set`, {
        hint: `put ${login.tokenEnv}=… into .env`,
      })
    return wholesome(token, login.tokenEnv)
  }
  if (login.tokenFile === null) return null
  const path = absolute(login.tokenFile, tools)
  try {
    if (((await stat(path)).mode & 0o007) !== 0)
      throw new PublishError(`${path}: everybody on this machine can read the token`, { hint: `chmod 600 ${path}` })
    return wholesome((await readFile(path, 'utf8')).trim(), path)
  } catch (cause) {
    if (cause instanceof PublishError) throw cause
    throw new PublishError(`${path}: the token cannot be read: ${(cause as Error).message}`, { cause })
  }
}

/** A line end inside would begin a header of its own. */
const wholesome = (token: string, where: string): string => {
  if (/^[\x21-\x7e]{4,4096}$/.test(token)) return token
  throw new PublishError(`${where}: holds no token, expected one line of plain letters`)
}

const absolute = (path: string, tools: PublisherTools): string =>
  resolve(tools.base, path.replace(/^~(?=\/|$)/, tools.userHome))

/**
 * Our own command line for ssh, since a user's configuration may turn the check of host keys off. git gives it to a
 * shell: only checked paths stand in it.
 */
const sshVariables = async (
  remote: Extract<GitRemote, { kind: 'ssh' }>,
  login: GitLogin,
  folder: string,
  tools: PublisherTools,
): Promise<Record<string, string>> => {
  const known = await knownHostsFiles(remote, login, folder, tools)
  const key = login.identityFile === null ? null : plainPath(absolute(login.identityFile, tools))
  const words = [
    'ssh',
    '-F /dev/null',
    '-o BatchMode=yes',
    '-o StrictHostKeyChecking=yes',
    '-o UpdateHostKeys=no',
    `-o "UserKnownHostsFile ${known.join(' ')}"`,
    `-o GlobalKnownHostsFile=${login.hostKey === null && login.knownHosts === null ? '/etc/ssh/ssh_known_hosts' : '/dev/null'}`,
    ...(key === null
      ? ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => `-i ${plainPath(join(tools.userHome, '.ssh', name))}`)
      : [`-i ${key}`, '-o IdentitiesOnly=yes']),
    '-o ConnectTimeout=15',
    '-o ServerAliveInterval=10',
    '-o ServerAliveCountMax=3',
    '-o ForwardAgent=no',
    '-o ClearAllForwardings=yes',
    '-o ControlPath=none',
  ]
  return { GIT_SSH_COMMAND: words.join(' '), GIT_SSH_VARIANT: 'ssh' }
}

const knownHostsFiles = async (
  remote: Extract<GitRemote, { kind: 'ssh' }>,
  login: GitLogin,
  folder: string,
  tools: PublisherTools,
): Promise<readonly string[]> => {
  if (login.hostKey === null) {
    return [
      plainPath(
        login.knownHosts === null ? join(tools.userHome, '.ssh', 'known_hosts') : absolute(login.knownHosts, tools),
      ),
    ]
  }
  const host = remote.host.replace(/^\[|\]$/g, '')
  const path = plainPath(join(folder, 'known_hosts'))
  await mkdir(folder, { recursive: true })
  const name = remote.port === null || remote.port === 22 ? host : `[${host}]:${remote.port}`
  await writeFile(path, `${name} ${login.hostKey}\n`, { mode: 0o660 })
  return [path]
}

/** Neither a shell nor ssh's own `%` and `${}` must find anything in a path. */
const plainPath = (path: string): string => {
  if (/^\/[A-Za-z0-9@+.,_/-]+$/.test(path)) return path
  throw new PublishError(`"${path.replace(/[^\x20-\x7e]/g, '?')}": git's ssh needs a path of plain letters`, {
    hint: 'letters, digits and @ + . , _ / - can stand in it',
  })
}
