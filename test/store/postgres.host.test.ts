// needs: root postgres
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, StoreError } from '../../src/domain/errors.ts'
import { openPostgresStore, placeOf } from '../../src/store/postgres.ts'
import type { Store } from '../../src/store/store.ts'
import { chatStoreContract } from '../contracts/chatStore.ts'
import { notingMethods } from '../contracts/everyMethod.ts'
import { fleetStoreContract } from '../contracts/fleetStore.ts'
import { aRun, someEvidence, storeContract } from '../contracts/store.ts'
import { PASSWORD, addressOf, startPostgres } from '../support/postgres.ts'
import type { Postgres } from '../support/postgres.ts'

let server: Postgres
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server[Symbol.asyncDispose]())

const setUp = async () => {
  const url = await server.createDatabase()
  return { open: () => openPostgresStore(url), clear: () => Promise.resolve() }
}

const contract = notingMethods(setUp)
storeContract('Postgres', contract.setUp)
chatStoreContract('Postgres', contract.setUp)
fleetStoreContract('Postgres', contract.setUp)
contract.check('Postgres')

const writer = (url: string, ...words: string[]) =>
  spawn(process.execPath, [join(import.meta.dirname, 'postgresWriter.ts'), ...words], {
    env: { ...process.env, TEST_DATABASE: url },
    stdio: ['ignore', 'pipe', 'inherit'],
  })

const failureOf = async (action: () => Promise<unknown>): Promise<Error> => {
  try {
    await action()
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not fail')
}

describe('the Postgres store', () => {
  it('lets many processes start on an empty database and write at once', async () => {
    const url = await server.createDatabase()
    const children = ['run-1', 'run-2', 'run-3'].map((run) => writer(url, run, '30'))
    for (const child of children) child.stdout.resume()
    const codes = await Promise.all(children.map((child) => once(child, 'exit').then(([code]) => code as number)))
    expect(codes).toEqual([0, 0, 0])
    await using store = await openPostgresStore(url)
    const counts = await Promise.all(
      ['run-1', 'run-2', 'run-3'].map(async (run) => (await store.readEvidence(run)).length),
    )
    expect(counts).toEqual([30, 30, 30])
  })

  it('loses nothing it acknowledged when its process is killed', async () => {
    const url = await server.createDatabase()
    const child = writer(url)
    const acknowledged: string[] = []
    const lines = createInterface({ input: child.stdout })
    lines.on('line', (line) => {
      acknowledged.push(line)
      if (acknowledged.length === 40) child.kill('SIGKILL')
    })
    await Promise.all([once(child, 'exit'), once(lines, 'close')])
    await using store = await openPostgresStore(url)
    const kept = new Set((await store.readEvidence('run-1')).map((evidence) => evidence.id as string))
    expect(acknowledged.length).toBeGreaterThanOrEqual(40)
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([])
  })

  it('sorts text by its bytes, whatever the locale of the server', async () => {
    await using store = await openPostgresStore(await server.createDatabase())
    for (const id of ['run-a', 'run-B', 'run-ä', 'run_1']) await store.createRun(aRun({ id }))
    expect((await store.listRuns(10)).map((run) => run.id)).toEqual(['run_1', 'run-ä', 'run-a', 'run-B'])
  })

  it('gives times back as numbers and survives text that Postgres cannot keep', async () => {
    await using store = await openPostgresStore(await server.createDatabase())
    await store.saveDigest({ id: 'd', name: 'nightly', atMs: 1_900_000_000_000, body: 'a\0b' })
    expect(await store.findLastDigest('nightly')).toEqual({
      id: 'd',
      name: 'nightly',
      atMs: 1_900_000_000_000,
      body: 'a\uFFFDb',
    })
    expect(await store.findRun('no\0run')).toBeUndefined()
  })

  it('refuses a database that a newer version has changed', async () => {
    const url = await server.createDatabase()
    await using _store = await openPostgresStore(url)
    await server.query(
      new URL(url).pathname.slice(1),
      `insert into migrations (id, applied_at_ms) values ('9999-later', 1)`,
    )
    expect((await failureOf(() => openPostgresStore(url))).message).toBe(
      'the database is newer than this Medic: it has "9999-later"',
    )
  })

  it('gives one holder what many ask for at once', async () => {
    const url = await server.createDatabase()
    const stores = await Promise.all(Array.from({ length: 4 }, () => openPostgresStore(url)))
    try {
      const holder = (pid: number) => ({
        machine: 'm',
        pid,
        startedAtText: null,
        heartbeatAtMs: 1,
        isCancelled: false,
      })
      const taken = await Promise.all(
        Array.from({ length: 20 }, (_, pid) => stores[pid % 4]!.takeHold('run-1', holder(pid), null)),
      )
      expect(taken.filter(Boolean)).toHaveLength(1)
      const claimed = await Promise.all(
        Array.from({ length: 20 }, (_, index) => stores[index % 4]!.claimDelivery('key', 1)),
      )
      expect(claimed.filter(Boolean)).toHaveLength(1)
    } finally {
      for (const store of stores) await store[Symbol.asyncDispose]()
    }
  })
})

describe('an address that leads nowhere is said in one clear line without the password', () => {
  const cases: readonly (readonly [string, () => string, RegExp])[] = [
    [
      'a wrong password',
      () => addressOf(server.port, 'postgres').replace('p%40ss', 'guess'),
      /the password is refused$/,
    ],
    ['a database that is not there', () => addressOf(server.port, 'nothing'), /there is no such database$/],
    ['a host that is not there', () => `postgres://medic:${SECRET}@db.invalid/medic`, /host/],
    [
      'a port where nothing listens',
      () => `postgres://medic:${SECRET}@127.0.0.1:1/medic`,
      /127\.0\.0\.1:1\/medic: nothing listens there$/,
    ],
    ['TLS where there is none', () => `${addressOf(server.port, 'postgres')}?sslmode=no-verify`, /it speaks no TLS$/],
    ['a socket that is not there', () => `postgres://medic:${SECRET}@%2Fnowhere/medic`, /there is no such socket$/],
  ]
  const SECRET = encodeURIComponent(PASSWORD)
  it.each(cases)('%s', async (_name, url, words) => {
    const failure = await failureOf(() => openPostgresStore(url()))
    expect(failure).toBeInstanceOf(StoreError)
    expect(failure.message).toMatch(words)
    expect(failure.message).not.toContain('\n')
    expect((failure as StoreError).hint).not.toBe('')
    for (const text of [failure.message, (failure as StoreError).hint ?? ''])
      for (const secret of [PASSWORD, SECRET, 'guess', 'w:rd']) expect(text).not.toContain(secret)
  })

  it.each(['medic:secret@db/medic', 'mysql://medic:secret@db/medic', 'postgres://medic:se cret@db:x/medic'])(
    'refuses "%s" and does not quote it',
    (url) => {
      expect(() => placeOf(url)).toThrow(ConfigError)
      expect(() => placeOf(url)).not.toThrow(/se ?cret/)
    },
  )

  it('a user that may not make tables', async () => {
    const url = await server.createDatabase()
    const database = new URL(url).pathname.slice(1)
    await server.query(database, `create role weak login password 'weak'`)
    const failure = await failureOf(() =>
      openPostgresStore(`postgres://weak:weak@127.0.0.1:${server.port}/${database}`),
    )
    expect(failure.message).toMatch(/the user may not do that$/)
  })
})

describe('a server that goes away and comes back', () => {
  const steps = 400

  /** Writes steadily, and returns how far it came when it failed. */
  const write = async (store: Store, afterEach: (number: number) => void): Promise<void> => {
    for (let number = 1; number <= steps; number += 1) {
      await store.recordEvidence('run-1', someEvidence(number))
      afterEach(number)
    }
  }

  it.each(['fast', 'immediate'] as const)('a run in its middle goes on after a %s restart', async (how) => {
    const url = await server.createDatabase()
    await using store = await openPostgresStore(url)
    await store.createRun(aRun())
    let restarted: Promise<void> | undefined
    await write(store, (number) => {
      if (number === 50) restarted = server.stop(how).then(() => server.start())
    })
    await restarted
    expect(await store.readEvidence('run-1')).toHaveLength(steps)
    await store.finishRun('run-1', 'done', 5)
    await store.appendAudit({ atMs: 1, actor: 'a', verb: 'v', subject: 's', detail: {} })
    expect(await store.verifyAudit()).toBeUndefined()
  })

  it('many writers at once lose nothing, however many connections broke under them', async () => {
    const url = await server.createDatabase()
    await using store = await openPostgresStore(url)
    const writers = Array.from({ length: 8 }, (_, number) => `run-${number}`)
    for (const id of writers) await store.createRun({ ...aRun(), id })
    const over = new AbortController()
    const writing = writers.map(async (id) => {
      let number = 0
      while (!over.signal.aborted) {
        number += 1
        await store.recordEvidence(id, someEvidence(number))
        await store.finishRun(id, 'done', number)
      }
      return number
    })
    const restarting = (async () => {
      for (let time = 0; time < 3; time += 1) {
        await store.findRun('run-1')
        await server.stop('immediate')
        await server.start()
        await expect.poll(async () => (await store.findRun('run-1'))?.id).toBe('run-1')
      }
    })().finally(() => over.abort())
    const counts = await Promise.all(writing)
    await restarting
    for (const [index, id] of writers.entries()) {
      expect(await store.readEvidence(id)).toHaveLength(counts[index] ?? 0)
      expect((await store.findRun(id))?.endedAtMs).toBe(counts[index])
    }
  })

  it('an idle connection that broke hurts nobody', async () => {
    const url = await server.createDatabase()
    await using store = await openPostgresStore(url)
    await store.createRun(aRun())
    await server.stop('immediate')
    await server.start()
    expect((await store.findRun('run-1'))?.id).toBe('run-1')
  })

  it('a server that stays away is said in one line, once slowly and then at once, until it is back', async () => {
    const url = await server.createDatabase()
    await using store = await openPostgresStore(url)
    await store.createRun(aRun())
    await server.stop('immediate')
    try {
      const failure = await failureOf(() => store.findRun('run-1'))
      expect(failure).toBeInstanceOf(StoreError)
      expect(failure.message).toMatch(/^postgres at 127\.0\.0\.1:\d+\/test\d+: nothing listens there$/)
      const before = performance.now()
      await failureOf(() => store.listRuns(1))
      expect(performance.now() - before).toBeLessThan(5_000)
    } finally {
      await server.start()
    }
    expect((await store.findRun('run-1'))?.id).toBe('run-1')
    await store.recordEvidence('run-1', someEvidence(1))
  })
})

describe("the server's disk", () => {
  let folder: string
  let mount: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'medic-full-'))
    execFileSync('chmod', ['755', folder])
    mount = join(folder, 'small')
    mkdirSync(mount)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', mount])
  })
  afterAll(() => {
    execFileSync('umount', ['-l', mount])
    rmSync(folder, { recursive: true, force: true })
  })

  it('says that it is full, keeps what was acknowledged, and works again when it is not', async () => {
    await using small = await startPostgres({ dataFolder: mount })
    const url = await small.createDatabase()
    await using store = await openPostgresStore(url)
    await store.createRun(aRun())
    const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(30_000))).toString('hex')
    // What is left for the table's growth, less than the log of changes that is recycled already.
    execFileSync('sh', [
      '-c',
      `dd if=/dev/zero of=${mount}/ballast bs=1M count=1000 2>/dev/null; truncate -s -2M ${mount}/ballast`,
    ])
    let kept = 0
    const failure = await failureOf(async () => {
      for (let number = 1; number < 2_000; number += 1) {
        await store.recordEvidence('run-1', someEvidence(number, `${number} ${noise}`))
        kept = number
      }
    })
    expect(failure).toBeInstanceOf(StoreError)
    expect(failure.message).toMatch(/^postgres at 127\.0\.0\.1:\d+\/test1: the server's disk is full$/)
    execFileSync('rm', [`${mount}/ballast`])
    // A full disk may end the whole server, which an init system starts again.
    await small.stop('immediate')
    await small.start()
    expect(await store.readEvidence('run-1')).toHaveLength(kept)
    await store.recordEvidence('run-1', someEvidence(5_000))
    expect((await store.readEvidence('run-1')).at(-1)?.id).toBe('E5000')
  })
})
