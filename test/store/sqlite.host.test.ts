import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { chatStoreContract } from '../contracts/chatStore.ts'
import { notingMethods } from '../contracts/everyMethod.ts'
import { fleetStoreContract } from '../contracts/fleetStore.ts'
import { storeContract } from '../contracts/store.ts'

const setUp = () => {
  const folder = mkdtempSync(join(tmpdir(), 'medic-store-'))
  return Promise.resolve({
    open: () => openSqliteStore(join(folder, 'state')),
    clear: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
  })
}

const contract = notingMethods(setUp)
storeContract('SQLite', contract.setUp)
chatStoreContract('SQLite', contract.setUp)
fleetStoreContract('SQLite', contract.setUp)
contract.check('SQLite')

describe('the SQLite store', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'medic-store-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('is shared with the group and with nobody else', async () => {
    await using _store = await openSqliteStore(join(folder, 'state'))
    expect(statSync(join(folder, 'state', 'medic.db')).mode & 0o7777).toBe(0o660)
    expect(statSync(join(folder, 'state')).mode & 0o007).toBe(0)
  })

  it('notices an edited audit record', async () => {
    await using store = await openSqliteStore(folder)
    for (const actor of ['a', 'b', 'c'])
      await store.appendAudit({ atMs: 1, actor, verb: 'v', subject: 's', detail: {} })
    const database = new DatabaseSync(join(folder, 'medic.db'))
    database.exec(`update audit set body = replace(body, '"b"', '"x"') where number = 2`)
    database.close()
    expect(await store.verifyAudit()).toBe(2)
  })

  it('says in one line that the file is damaged', async () => {
    writeFileSync(join(folder, 'medic.db'), 'this is no database, and long enough to be looked at'.repeat(100))
    await expect(openSqliteStore(folder)).rejects.toThrow(/medic\.db: the file is damaged/)
  })

  it('loses nothing it acknowledged when its process is killed', async () => {
    const script = join(import.meta.dirname, 'writer.ts')
    const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    const acknowledged: string[] = []
    const lines = createInterface({ input: child.stdout })
    lines.on('line', (line) => {
      acknowledged.push(line)
      if (acknowledged.length === 40) child.kill('SIGKILL')
    })
    await Promise.all([once(child, 'exit'), once(lines, 'close')])
    await using store = await openSqliteStore(folder)
    const kept = new Set((await store.readEvidence('run-1')).map((evidence) => evidence.id as string))
    expect(acknowledged.length).toBeGreaterThanOrEqual(40)
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([])
  })

  it('lets two processes start and write at once', async () => {
    const script = join(import.meta.dirname, 'writer.ts')
    const children = ['run-1', 'run-2'].map((run) =>
      spawn(process.execPath, [script, folder, run, '30'], { stdio: ['ignore', 'ignore', 'inherit'] }),
    )
    const codes = await Promise.all(children.map((child) => once(child, 'exit').then(([code]) => code as number)))
    expect(codes).toEqual([0, 0])
    await using store = await openSqliteStore(folder)
    expect((await store.readEvidence('run-1')).length + (await store.readEvidence('run-2')).length).toBe(60)
  })

  it('refuses a database that a newer version has changed, and changes nothing of it', async () => {
    await using _store = await openSqliteStore(folder)
    const database = new DatabaseSync(join(folder, 'medic.db'))
    database.exec(`insert into migrations (id, applied_at_ms) values ('9999-later', 1)`)
    database.close()
    await expect(openSqliteStore(folder)).rejects.toThrow('the database is newer than this Medic: it has "9999-later"')
  })
})
