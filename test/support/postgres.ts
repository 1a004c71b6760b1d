import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { freePort } from './sshd.ts'

export interface Postgres extends AsyncDisposable {
  readonly port: number
  /** Makes an empty database and returns its address. */
  createDatabase(): Promise<string>
  /** Runs a statement as the superuser. */
  query(database: string, sql: string): Promise<readonly Record<string, unknown>[]>
  /** `fast` tells every client, `immediate` is a crash. */
  stop(how?: 'fast' | 'immediate'): Promise<void>
  start(): Promise<void>
}

/** Holds signs that an address must escape, so that tests notice where it would get out. */
export const PASSWORD = 'p@ss/w:rd?é'

/** A real server of Debian's package on the loopback interface, in a folder of its own, with a password. */
export const startPostgres = async (options: { readonly dataFolder?: string } = {}): Promise<Postgres> => {
  const bin = globSync('/usr/lib/postgresql/*/bin').toSorted().at(-1)
  if (bin === undefined) throw new Error('there is no /usr/lib/postgresql/*/bin: install the Debian package postgresql')
  const folder = mkdtempSync(join(tmpdir(), 'medic-postgres-'))
  // The server refuses to run as root.
  const user = process.getuid?.() === 0 ? idsOf('postgres') : null
  const own = (path: string): string => {
    if (user !== null) chownSync(path, user.uid, user.gid)
    return path
  }
  own(folder)
  const data = options.dataFolder ?? join(folder, 'data')
  mkdirSync(data, { recursive: true })
  own(data)
  const cluster = join(data, 'cluster')
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, PASSWORD)
  own(passwordFile)
  chmodSync(passwordFile, 0o600)
  const ids = user ?? {}
  execFileSync(
    join(bin, 'initdb'),
    [
      `--pgdata=${cluster}`,
      '--username=medic',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--no-sync',
      '--no-instructions',
    ],
    { ...ids, cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const port = await freePort()
  let child: ChildProcess | null = null
  const query = async (database: string, sql: string): Promise<readonly Record<string, unknown>[]> => {
    const client = new Client({ connectionString: addressOf(port, database) })
    client.on('error', () => {})
    await client.connect()
    try {
      return ((await client.query(sql)) as { readonly rows: readonly Record<string, unknown>[] }).rows
    } finally {
      await client.end()
    }
  }
  const start = async (): Promise<void> => {
    const started = spawn(
      join(bin, 'postgres'),
      [
        '-D',
        cluster,
        '-p',
        String(port),
        '-k',
        folder,
        '--listen_addresses=127.0.0.1',
        // Processes are killed here, machines are not: what the kernel has got is safe enough, and quick.
        '--fsync=off',
        '--shared_buffers=16MB',
        '--min_wal_size=32MB',
        '--max_wal_size=48MB',
      ],
      { ...ids, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    child = started
    await ready(started)
  }
  const stop = async (how: 'fast' | 'immediate' = 'fast'): Promise<void> => {
    const running = child
    child = null
    if (running === null || running.exitCode !== null || running.signalCode !== null) return
    await new Promise<void>((resolve) => {
      running.once('exit', () => resolve())
      running.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT')
    })
  }
  await start()
  let count = 0
  return {
    port,
    query,
    start,
    stop,
    createDatabase: async () => {
      count += 1
      await query('postgres', `create database test${count}`)
      return addressOf(port, `test${count}`)
    },
    async [Symbol.asyncDispose]() {
      await stop('immediate')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const addressOf = (port: number, database: string): string =>
  `postgres://medic:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${database}`

const ready = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let log = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-20_000)
      if (log.includes('ready to accept connections')) resolve()
    })
    child.once('exit', () => reject(new Error(`postgres did not start: ${log}`)))
  })

const idsOf = (name: string): { readonly uid: number; readonly gid: number } => {
  const fields = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.split(':')
  if (fields === undefined) throw new Error(`there is no user "${name}": install the Debian package postgresql`)
  return { uid: Number(fields[2]), gid: Number(fields[3]) }
}
