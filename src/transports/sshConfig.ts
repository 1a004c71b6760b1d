import { readFileSync, readdirSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { parse } from 'ssh-config'
import { ConfigError } from '../domain/errors.ts'
import type { SshTarget } from '../domain/host.ts'
import { matchesGlob } from './globPath.ts'

/** OpenSSH's own limit is 16; a jump host behind eight others is a mistake. */
const MAX_DEPTH = 8

/** The concrete names of `Host` lines in the configuration of this ssh folder (`~/.ssh`); patterns are no names. */
export const sshEntries = (folder: string): readonly string[] => {
  const names = hostPatterns(readConfig(folder)).flat()
  return [...new Set(names.filter((name) => !/[*?!]/.test(name)))]
}

/** How OpenSSH would reach this name, or undefined when no `Host` line but `*` speaks of it. */
export const sshTarget = (folder: string, alias: string, userName: string): SshTarget | undefined => {
  const config = readConfig(folder)
  if (!hostPatterns(config).some((patterns) => namesHost(patterns, alias))) return undefined
  return targetOf({ folder, config, userName }, alias, [])
}

type SSHConfig = ReturnType<typeof parse>

interface Source {
  readonly folder: string
  readonly config: SSHConfig
  /** Who runs this process: the user where the file names none. */
  readonly userName: string
}

const readConfig = (folder: string): SSHConfig => {
  const path = join(folder, 'config')
  try {
    return parse(expandIncludes(folder, path, 0).join('\n'))
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause
    throw new ConfigError(`${path}: cannot be read: ${(cause as Error).message}`, { cause })
  }
}

/** The library does not follow Include. A block that an included file opens ends with that file. */
const expandIncludes = (folder: string, path: string, depth: number): readonly string[] => {
  if (depth > MAX_DEPTH) throw new ConfigError(`${path}: Include is nested deeper than ${MAX_DEPTH}`)
  let block = 'Host *'
  return readLines(path).flatMap((line) => {
    if (/^\s*(?:Host|Match)[\s=]/i.test(line)) block = line
    const include = /^\s*Include(?:\s*=\s*|\s+)(.+)$/i.exec(line)
    if (include === null) return [line]
    const patterns = (include[1] ?? '').match(/"[^"]*"|\S+/g) ?? []
    const files = patterns.flatMap((pattern) => includedFiles(folder, pattern.replaceAll('"', '')))
    return [...files.flatMap((file) => [...expandIncludes(folder, file, depth + 1), block]), '']
  })
}

const readLines = (path: string): readonly string[] => {
  try {
    return readFileSync(path, 'utf8').split('\n')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

const includedFiles = (folder: string, pattern: string): readonly string[] => {
  const home = expandHome(folder, pattern)
  const path = isAbsolute(home) ? home : join(folder, home)
  if (!path.includes('*')) return [path]
  try {
    const parent = dirname(path)
    const names = readdirSync(parent).toSorted()
    return names.map((name) => join(parent, name)).filter((file) => matchesGlob(path, file))
  } catch {
    return []
  }
}

const hostPatterns = (config: SSHConfig): readonly (readonly string[])[] =>
  [...config].flatMap((line) => {
    if (!('param' in line) || line.param.toLowerCase() !== 'host') return []
    return [typeof line.value === 'string' ? [line.value] : line.value.map(({ val }) => val)]
  })

const namesHost = (patterns: readonly string[], alias: string): boolean => {
  const fits = (pattern: string): boolean => matchesGlob(`/${pattern}`, `/${alias}`) || fitsQuestion(pattern, alias)
  const negated = patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1)))
  return !negated && patterns.some((pattern) => pattern !== '*' && !pattern.startsWith('!') && fits(pattern))
}

/** `?` stands for one character; patterns that mix it with `*` are rare and left to `ssh` itself. */
const fitsQuestion = (pattern: string, alias: string): boolean =>
  pattern.includes('?') &&
  pattern.length === alias.length &&
  pattern.split('').every((letter, index) => letter === '?' || letter === alias[index])

const targetOf = (source: Source, alias: string, seen: readonly string[]): SshTarget => {
  // `exec` conditions are not run: looking a host up must not start programs.
  const values = source.config.compute(alias, { ignoreCase: true, matchExec: false })
  const one = (key: string): string | undefined => [values[key] ?? []].flat()[0]
  const port = Number(one('port') ?? 22)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new ConfigError(
      `${join(source.folder, 'config')}: host "${alias}": port "${one('port')}", expected 1 to 65535`,
    )
  }
  const user = one('user') ?? source.userName
  const address = tokens(one('hostname') ?? alias, { h: alias, n: alias })
  const paths = (key: string): readonly string[] =>
    [values[key] ?? []]
      .flat()
      // A list of paths on one line comes as one string.
      .flatMap((text) => (key === 'userknownhostsfile' ? text.split(/\s+/) : [text]))
      .filter((text) => text !== 'none' && text !== '')
      .map((text) => {
        const home = dirname(source.folder)
        const names = {
          h: address,
          r: user,
          d: home,
          n: alias,
          p: String(port),
          u: source.userName,
          k: one('hostkeyalias') ?? alias,
        }
        return expandHome(source.folder, tokens(text, names))
      })
  const known = paths('userknownhostsfile')
  return {
    address,
    port,
    user,
    identityFiles: paths('identityfile'),
    hostKey: null,
    hostKeyAlias: one('hostkeyalias') ?? null,
    knownHostsFiles: [
      ...(known.length > 0 ? known : [join(source.folder, 'known_hosts'), join(source.folder, 'known_hosts2')]),
      '/etc/ssh/ssh_known_hosts',
    ],
    acceptNewKey: false,
    jumps: jumpsOf(source, alias, { proxyJump: one('proxyjump'), proxyCommand: one('proxycommand') }, seen),
  }
}

/** `ssh -W %h:%p bastion` is what ProxyJump was before it had a name. */
const OLD_JUMP = /^ssh\s+(?:-q\s+)?(?:-W\s+%h:%p\s+(?<after>[\w.@-]+)|(?<before>[\w.@-]+)\s+-W\s+%h:%p)\s*$/

const jumpsOf = (
  source: Source,
  alias: string,
  proxy: { readonly proxyJump: string | undefined; readonly proxyCommand: string | undefined },
  seen: readonly string[],
): readonly SshTarget[] => {
  const path = join(source.folder, 'config')
  if (seen.includes(alias) || seen.length > MAX_DEPTH) {
    throw new ConfigError(`${path}: host "${alias}": ProxyJump leads in a circle`)
  }
  const command = proxy.proxyCommand === 'none' ? undefined : proxy.proxyCommand
  const old = command === undefined ? undefined : OLD_JUMP.exec(command)?.groups
  const list = proxy.proxyJump ?? old?.['after'] ?? old?.['before']
  if (list === undefined && command !== undefined) {
    throw new ConfigError(`${path}: host "${alias}": ProxyCommand "${command}" is not supported`, {
      hint: 'ProxyJump is, and so is "ssh -W %h:%p BASTION"',
    })
  }
  if (list === undefined || list === 'none') return []
  return list.split(',').flatMap((text, index) => {
    const jump = /^(?:(?<user>[^@]+)@)?(?<name>\[[^\]]+\]|[^:]+)(?::(?<port>\d+))?$/.exec(text.replace(/^ssh:\/\//, ''))
    const name = jump?.groups?.['name']?.replaceAll(/[[\]]/g, '')
    if (name === undefined)
      throw new ConfigError(`${path}: host "${alias}": ProxyJump "${text}", expected user@host:port`)
    const found = targetOf(source, name, [...seen, alias])
    const { user = found.user, port = found.port } = jump?.groups ?? {}
    // Only the first one is reached from here; the others are reached from the one before.
    return [...(index === 0 ? found.jumps : []), { ...found, user, port: Number(port), jumps: [] }]
  })
}

const tokens = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/%(.)/g, (whole, letter: string) => (letter === '%' ? '%' : (values[letter] ?? whole)))

const expandHome = (folder: string, path: string): string =>
  path === '~' || path.startsWith('~/') ? join(dirname(folder), path.slice(1)) : path
