import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseAnsible, parseVars } from './ansibleInventory.ts'
import type { AnsibleHost, ReadVars } from './ansibleInventory.ts'
import type { HostSetting } from '../../settings/medicYaml.ts'
import { ConfigError } from '../../domain/errors.ts'

/** A host of an inventory file in the words of medic.yaml. `proxy` is its ProxyJump, `[user@]host[:port]`. */
export interface AnsibleSetting {
  readonly setting: HostSetting
  readonly proxy: string | null
}

const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?$/

/** Hosts of Ansible inventory files that are reached over ssh, by lower-case name; the first file's word holds. */
export const readAnsibleHosts = (paths: readonly string[]): ReadonlyMap<string, AnsibleSetting> => {
  const hosts = new Map<string, AnsibleSetting>()
  for (const path of paths) {
    for (const host of parseAnsible(readText(path), path, varsBeside(path))) {
      const name = host.name.toLowerCase()
      const connection = host.vars.get('ansible_connection') ?? 'ssh'
      // `local` is the controller, not a host of its own; others are no Linux servers.
      if (!['ssh', 'smart', 'paramiko', 'paramiko_ssh'].includes(connection)) continue
      if (!NAME.test(name))
        throw new ConfigError(`${path}: host "${name.slice(0, 80)}": expected a name of a-z 0-9 . _ -`, {
          hint: 'give it a name and put the address into ansible_host',
        })
      if (!hosts.has(name)) hosts.set(name, settingOf(host, path))
    }
  }
  return hosts
}

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigError(`ansible: cannot read "${path}": ${(cause as Error).message}`, { cause })
  }
}

const settingOf = ({ name, groups, vars }: AnsibleHost, path: string): AnsibleSetting => {
  const value = (...keys: readonly string[]): string | undefined =>
    // A template cannot be known without Ansible; the default of ssh stands then.
    keys.map((key) => vars.get(key)).find((text) => text !== undefined && text !== '' && !text.includes('{{'))
  const portText = value('ansible_port', 'ansible_ssh_port')
  const port = portText === undefined ? undefined : Number(portText)
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535))
    throw new ConfigError(`${path}: ${name}: ansible_port: expected a port from 1 to 65535, got "${portText ?? ''}"`)
  const user = value('ansible_user', 'ansible_ssh_user')
  const identityFile = value('ansible_ssh_private_key_file', 'ansible_private_key_file')
  const become = value('ansible_become')
  const args = `${value('ansible_ssh_common_args') ?? ''} ${value('ansible_ssh_extra_args') ?? ''}`
  return {
    setting: {
      address: value('ansible_host', 'ansible_ssh_host') ?? name,
      groups: groups.map((group) => group.toLowerCase()).filter((group) => NAME.test(group)),
      ...(port === undefined ? {} : { port }),
      ...(user === undefined ? {} : { user }),
      ...(identityFile === undefined ? {} : { identityFile }),
      ...(become === undefined ? {} : { sudo: /^(?:true|yes|1)$/i.test(become) }),
    },
    proxy: /(?:-J\s*|ProxyJump[= ])["']?([A-Za-z0-9_.@:[\]-]{1,300})/.exec(args)?.[1] ?? null,
  }
}

/** `group_vars/web.yml`, `group_vars/web.yaml`, `group_vars/web`, or every file of the folder `group_vars/web`. */
const varsBeside = (inventory: string): ReadVars => {
  const folder = dirname(inventory)
  return (kind, name) => {
    // A group's name is data and must not lead out of the folder.
    if (!/^[\w.-]{1,200}$/.test(name) || name.startsWith('.') || !existsSync(join(folder, kind))) return new Map()
    const base = join(folder, kind, name)
    const vars = new Map<string, string>()
    for (const path of filesOf(base)) {
      const text = readText(path)
      // A vault's file can only be read with its password.
      if (!text.startsWith('$ANSIBLE_VAULT')) for (const [key, value] of parseVars(text)) vars.set(key, value)
    }
    return vars
  }
}

const filesOf = (base: string): readonly string[] => {
  const folder = existsSync(base) && statSync(base).isDirectory()
  if (folder)
    return readdirSync(base)
      .filter((name) => /\.ya?ml$/.test(name))
      .toSorted()
      .map((name) => join(base, name))
  return [`${base}.yml`, `${base}.yaml`, base].filter((path) => existsSync(path)).slice(0, 1)
}
