import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { readAnsibleHosts } from './ansibleHosts.ts'
import type { AnsibleSetting } from './ansibleHosts.ts'
import { expandHome } from '../../settings/settings.ts'
import type { HostSetting } from '../../settings/medicYaml.ts'
import type { Settings } from '../../settings/settings.ts'
import type { InventorySources } from './inventory.ts'
import { ConfigError, UsageError } from '../../domain/errors.ts'
import type { Host, SshTarget } from '../../domain/host.ts'

interface Ways {
  readonly sshEntries: (folder: string) => readonly string[]
  readonly sshTarget: (folder: string, alias: string) => SshTarget | undefined
  readonly acceptNewKey: boolean
  readonly demoBundle: string
}

/** Makes hosts of settings: medic.yaml, ~/.ssh/config, and the names that always exist. */
export const hostsOf = (settings: Settings, ways: Ways): InventorySources => {
  const hosts = new Map<string, Host>()
  for (const [name, setting] of Object.entries(settings.hosts)) hosts.set(name, hostOf(name, setting, settings, ways))
  for (const [name, host] of readAnsibleHosts(settings.fleet.ansible))
    if (!hosts.has(name)) hosts.set(name, ansibleHost(name, host, settings, ways))
  const trusting = (target: SshTarget): SshTarget => ({ ...target, acceptNewKey: ways.acceptNewKey })
  return {
    hosts,
    groups: settings.groups,
    sshEntries: () => ways.sshEntries(settings.sshFolder),
    sshTarget: (alias) => {
      const target = ways.sshTarget(settings.sshFolder, alias)
      return target === undefined ? undefined : trusting(target)
    },
    reserved: (name) => reservedHost(name, settings, ways),
    configPath: settings.configPath,
  }
}

const hostOf = (name: string, setting: HostSetting, settings: Settings, ways: Ways): Host => ({
  name,
  ...(setting.replay === undefined
    ? { transport: 'ssh' as const, ssh: targetOf(name, setting, settings, ways), replay: null }
    : { transport: 'replay' as const, ssh: null, replay: replayPath(setting.replay, settings, ways) }),
  sudo: setting.sudo ?? false,
  site: setting.site ?? null,
  groups: setting.groups ?? [],
  tags: setting.tags ?? {},
})

/** What medic.yaml says of a host of the same name holds instead. */
const ansibleHost = (name: string, { setting, proxy }: AnsibleSetting, settings: Settings, ways: Ways): Host => {
  const host = hostOf(name, setting, settings, ways)
  if (proxy === null || host.ssh === null) return host
  if (Object.hasOwn(settings.hosts, proxy) || ways.sshTarget(settings.sshFolder, proxy) !== undefined)
    return { ...host, ssh: targetOf(name, { ...setting, jump: proxy }, settings, ways) }
  const match = /^(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(proxy)
  const address = match?.[2]?.replaceAll(/[[\]]/g, '')
  if (address === undefined) throw new ConfigError(`${name}: ProxyJump "${proxy}": expected [user@]host[:port]`)
  const jump = targetOf(
    proxy,
    {
      address,
      ...(match?.[1] === undefined ? {} : { user: match[1] }),
      ...(match?.[3] === undefined ? {} : { port: Number(match[3]) }),
    },
    settings,
    ways,
  )
  return { ...host, ssh: { ...host.ssh, jumps: [jump] } }
}

/** `demo` is the kill that ships with Medic; anything else is a file beside medic.yaml. */
const replayPath = (replay: string, settings: Settings, ways: Ways): string =>
  replay === 'demo'
    ? ways.demoBundle
    : resolve(settings.configPath === null ? '.' : dirname(settings.configPath), expandHome(replay))

const targetOf = (
  name: string,
  setting: HostSetting,
  settings: Settings,
  ways: Ways,
  seen: readonly string[] = [],
): SshTarget => ({
  // A host without an address is a replay, which settings never let be a jump host.
  address: setting.address ?? '',
  port: setting.port ?? 22,
  user: setting.user ?? settings.userName,
  identityFiles: setting.identityFile === undefined ? [] : [expandHome(setting.identityFile)],
  hostKey: setting.hostKey ?? null,
  hostKeyAlias: null,
  knownHostsFiles: knownHosts(settings),
  acceptNewKey: ways.acceptNewKey,
  jumps: setting.jump === undefined ? [] : jumpsOf(name, setting.jump, settings, ways, [...seen, name]),
})

const jumpsOf = (
  name: string,
  jump: string,
  settings: Settings,
  ways: Ways,
  seen: readonly string[],
): readonly SshTarget[] => {
  if (seen.includes(jump)) throw new ConfigError(`hosts.${name}.jump: "${jump}" leads in a circle`)
  const setting = Object.hasOwn(settings.hosts, jump) ? settings.hosts[jump] : undefined
  if (setting?.replay !== undefined) throw new ConfigError(`hosts.${name}.jump: "${jump}" is a recorded run`)
  const target =
    setting === undefined ? ways.sshTarget(settings.sshFolder, jump) : targetOf(jump, setting, settings, ways, seen)
  if (target === undefined) {
    throw new ConfigError(`hosts.${name}.jump: there is no host "${jump}"`, { hint: 'name another host of medic.yaml' })
  }
  return [...target.jumps, { ...target, jumps: [] }]
}

const knownHosts = (settings: Settings): readonly string[] => [
  join(settings.sshFolder, 'known_hosts'),
  '/etc/ssh/ssh_known_hosts',
]

const reservedHost = (name: string, settings: Settings, ways: Ways): Host | undefined => {
  const blank = { name, ssh: null, replay: null, sudo: true, site: null, groups: [], tags: {} }
  if (name === 'localhost') return { ...blank, transport: 'local' }
  if (name === 'demo') return { ...blank, transport: 'replay', replay: ways.demoBundle }
  if (name === 'lab') return { ...blank, transport: 'ssh', ssh: labTarget(settings) }
  return undefined
}

/** The lab's virtual machine writes down how to reach it when it starts; see test/lab/README.md. */
const labTarget = (settings: Settings): SshTarget => {
  if (!existsSync(settings.labStatePath)) {
    throw new UsageError('the lab is not running', { hint: '`npm run lab` starts it' })
  }
  const state = JSON.parse(readFileSync(settings.labStatePath, 'utf8')) as {
    port: number
    user: string
    keyFile: string
    hostKey: string
  }
  return {
    address: '127.0.0.1',
    port: state.port,
    user: state.user,
    identityFiles: [state.keyFile],
    hostKey: state.hostKey,
    hostKeyAlias: null,
    knownHostsFiles: [],
    acceptNewKey: false,
    jumps: [],
  }
}
