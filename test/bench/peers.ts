import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WORK } from './work.ts'

export interface Place {
  readonly port: number
  readonly user: string
  readonly keyFile: string
  readonly hostKey: string
  readonly folder: string
}

/** One way to get the work done on one host. Throws when any of it failed. */
export interface Contender {
  readonly name: string
  readonly run: (place: Place) => Promise<void>
}

/** Peers that are installed here, and the Debian packages of those that are not. */
export const peers = (): { readonly found: readonly Contender[]; readonly missing: readonly string[] } => {
  const found: Contender[] = [
    { name: 'OpenSSH, a process per command', run: opensshEach },
    { name: 'OpenSSH, ControlMaster, in turn', run: opensshMaster },
    { name: 'OpenSSH, one combined script', run: opensshCombined },
  ]
  const missing: string[] = []
  for (const [program, debianPackage, contender] of [
    ['ansible-playbook', 'ansible-core', { name: 'Ansible, pipelining', run: (place: Place) => ansible(place, true) }],
    [
      'ansible-playbook',
      'ansible-core',
      { name: 'Ansible, as it comes', run: (place: Place) => ansible(place, false) },
    ],
  ] as const) {
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status === 0) found.push(contender)
    else missing.push(debianPackage)
  }
  return { found, missing: [...new Set(missing)] }
}

const optionsFor = (place: Place): string[] => {
  const known = join(place.folder, `known-${place.port}`)
  writeFileSync(known, `[127.0.0.1]:${place.port} ${place.hostKey}\n`)
  return [
    '-F',
    'none',
    '-i',
    place.keyFile,
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    `UserKnownHostsFile=${known}`,
    '-o',
    'BatchMode=yes',
    '-o',
    'LogLevel=ERROR',
  ]
}

const opensshEach = async (place: Place): Promise<void> => {
  for (const command of WORK)
    await quietly('ssh', [...optionsFor(place), '-p', String(place.port), `${place.user}@127.0.0.1`, command])
}

const opensshCombined = (place: Place): Promise<void> =>
  quietly('ssh', [...optionsFor(place), '-p', String(place.port), `${place.user}@127.0.0.1`, WORK.join('\n')])

const opensshMaster = async (place: Place): Promise<void> => {
  const socket = join(place.folder, `cm-${place.port}-${process.pid}`)
  const shared = [...optionsFor(place), '-o', `ControlPath=${socket}`, '-p', String(place.port)]
  const target = `${place.user}@127.0.0.1`
  await quietly('ssh', [...shared, '-o', 'ControlMaster=yes', '-o', 'ControlPersist=30', '-fN', target])
  try {
    for (const command of WORK) await quietly('ssh', [...shared, target, command])
  } finally {
    await quietly('ssh', [...shared, '-O', 'exit', target]).catch(() => {})
    rmSync(socket, { force: true })
  }
}

const ansible = async (place: Place, pipelining: boolean): Promise<void> => {
  const book = join(place.folder, 'book.yml')
  const inventory = join(place.folder, `hosts-${place.port}`)
  const tasks = WORK.map((command) => `    - ansible.builtin.shell: ${JSON.stringify(command)}`)
  writeFileSync(book, `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.join('\n')}\n`)
  writeFileSync(inventory, `bench ansible_host=127.0.0.1 ansible_port=${place.port} ansible_user=${place.user}\n`)
  await quietly('ansible-playbook', ['-i', inventory, book], {
    ANSIBLE_PIPELINING: pipelining ? '1' : '0',
    ANSIBLE_SSH_ARGS: `${optionsFor(place).join(' ')} -o ControlMaster=auto -o ControlPersist=10`,
    ANSIBLE_SSH_CONTROL_PATH_DIR: place.folder,
    ANSIBLE_HOST_KEY_CHECKING: 'True',
    ANSIBLE_LOCAL_TEMP: place.folder,
  })
}

const quietly = async (
  program: string,
  words: readonly string[],
  extra: Record<string, string> = {},
): Promise<void> => {
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...extra } })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-500)))
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`${program} exited with ${code}: ${said}`)
}
