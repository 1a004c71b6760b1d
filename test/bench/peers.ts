import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Program } from './measure.ts'
import { SCRIPT, WORK } from './work.ts'

/** Where the hosts are: one sshd under many loopback addresses. */
export interface Place {
  readonly addresses: readonly string[]
  readonly port: number
  readonly user: string
  readonly keyFile: string
  readonly hostKey: string
  readonly folder: string
}

/** One way to get the work done on all hosts. */
export interface Contender {
  readonly name: string
  /** Costs so much a host that it is measured on few hosts unless one asks for more. */
  readonly isSlow: boolean
  readonly program: (place: Place) => Program
}

/** Hosts at once, the same for everybody: all hosts share this machine's cores, and more make each of them slow. */
export const FORKS = '16'

export const MEDIC = 'Medic, the whole process'
export const MEDIC_WARM = 'Medic, process started'
export const MASTER = 'OpenSSH, ControlMaster'
export const EACH = 'OpenSSH, a process per host'
export const ANSIBLE = 'Ansible, pipelining'

const medic = (place: Place, words: readonly string[]): Program => {
  const file = join(place.folder, `place-${place.port}-${place.addresses.length}.json`)
  writeFileSync(file, JSON.stringify(place))
  const program = fileURLToPath(new URL('fleet.ts', import.meta.url))
  return { words: [process.execPath, '--expose-gc', program, file, ...words] }
}

const ALL: readonly (Contender & { readonly needs: readonly [program: string, debianPackage: string] })[] = [
  { name: MEDIC, isSlow: false, needs: ['node', 'nodejs'], program: (place) => medic(place, []) },
  { name: MEDIC_WARM, isSlow: false, needs: ['node', 'nodejs'], program: (place) => medic(place, ['--warm']) },
  { name: EACH, isSlow: false, needs: ['ssh', 'openssh-client'], program: (place) => openssh(place) },
  { name: MASTER, isSlow: true, needs: ['ssh', 'openssh-client'], program: (place) => controlMaster(place) },
  { name: 'clush', isSlow: false, needs: ['clush', 'clustershell'], program: (place) => clush(place) },
  { name: 'pssh', isSlow: false, needs: ['parallel-ssh', 'pssh'], program: (place) => pssh(place) },
  { name: ANSIBLE, isSlow: true, needs: ['ansible-playbook', 'ansible'], program: (place) => ansible(place, true) },
  {
    name: 'Ansible, as it comes',
    isSlow: true,
    needs: ['ansible-playbook', 'ansible'],
    program: (place) => ansible(place, false),
  },
]

/** Clients that are installed here, and the Debian packages of those that are not. */
export const contenders = (): { readonly found: readonly Contender[]; readonly missing: readonly string[] } => {
  const isThere = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
  const found = ALL.filter(({ needs }) => isThere(needs[0]))
  const missing = ALL.filter(({ needs }) => !isThere(needs[0])).map(({ needs }) => needs[1])
  return { found, missing: [...new Set(missing)] }
}

const optionsFor = (place: Place): string[] => {
  const known = join(place.folder, 'known')
  writeFileSync(known, `* ${place.hostKey}\n`)
  const config = [
    'IdentitiesOnly=yes',
    `UserKnownHostsFile=${known}`,
    'GlobalKnownHostsFile=none',
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    'LogLevel=ERROR',
  ]
  return ['-F', 'none', '-i', place.keyFile, '-p', String(place.port), ...config.flatMap((line) => ['-o', line])]
}

const listOf = (place: Place, line: (address: string) => string): string => {
  const file = join(place.folder, `list-${place.port}-${place.addresses.length}`)
  writeFileSync(file, place.addresses.map((address) => `${line(address)}\n`).join(''))
  return file
}

const xargs = (place: Place, words: readonly string[]): Program => ({
  words: ['xargs', '-a', listOf(place, (address) => `${place.user}@${address}`), '-P', FORKS, '-n', '1', ...words],
})

/** `$0` is the script and `$1` the host, so that nothing has to be quoted. */
const openssh = (place: Place): Program =>
  xargs(place, ['sh', '-c', `exec ssh ${optionsFor(place).join(' ')} "$1" "$0" > /dev/null`, SCRIPT])

/** In the foreground, so that the master's own work is counted too. */
const controlMaster = (place: Place): Program => {
  const ssh = `ssh ${optionsFor(place).join(' ')} -o ControlPath=$socket`
  const script = [
    `socket=${place.folder}/cm-$$`,
    `${ssh} -MN "$1" & master=$!`,
    'while ! [ -S $socket ]; do sleep 0.01; kill -0 $master || exit 1; done',
    `while IFS= read -r command; do ${ssh} -n "$1" "$command" > /dev/null || exit 1; done <<END`,
    '$0',
    'END',
    `${ssh} -O exit "$1" 2> /dev/null`,
    'wait $master',
    'exit 0',
  ].join('\n')
  return xargs(place, ['sh', '-c', script, SCRIPT])
}

const clush = (place: Place): Program => {
  const options = optionsFor(place).join(' ')
  const hosts = listOf(place, (address) => address)
  return { words: ['clush', '-S', '-q', '-f', FORKS, '-l', place.user, '-o', options, '--hostfile', hosts, SCRIPT] }
}

const pssh = (place: Place): Program => {
  const hosts = listOf(place, (address) => `${place.user}@${address}:${place.port}`)
  const options = optionsFor(place).join(' ')
  return { words: ['parallel-ssh', '-h', hosts, '-p', FORKS, '-t', '0', '-i', '-x', options, SCRIPT] }
}

const ansible = (place: Place, pipelining: boolean): Program => {
  const book = join(place.folder, 'book.yml')
  const tasks = WORK.map(({ command }) => `    - ansible.builtin.shell: ${JSON.stringify(command)}`)
  writeFileSync(book, `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.join('\n')}\n`)
  const inventory = listOf(
    place,
    (address) =>
      `${address} ansible_port=${place.port} ansible_user=${place.user} ansible_python_interpreter=/usr/bin/python3`,
  )
  return {
    words: ['ansible-playbook', '-i', inventory, '-f', FORKS, book],
    env: {
      ANSIBLE_PIPELINING: pipelining ? '1' : '0',
      ANSIBLE_SSH_ARGS: `${optionsFor(place).join(' ')} -o ControlMaster=auto -o ControlPersist=10`,
      ANSIBLE_SSH_CONTROL_PATH_DIR: place.folder,
      ANSIBLE_LOCAL_TEMP: place.folder,
    },
  }
}
