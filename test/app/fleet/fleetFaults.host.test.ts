// needs: root postgres mount
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPostgresStore } from '../../../src/store/postgres.ts'
import { startPostgres } from '../../support/postgres.ts'
import type { Postgres } from '../../support/postgres.ts'
import { createMachines } from '../../support/siteMachine.ts'

const named = (site: string, count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${site || 'here'}-${index}`, site]))

const documentsOf = (output: string): { host: string; state: string }[] =>
  output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { host: string; state: string })

describe('a fleet run whose database is restarted in the middle', () => {
  let server: Postgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  it.each(['fast', 'immediate'] as const)(
    '(%s) has every host once, here and at its workers',
    async (how) => {
      const url = await server.createDatabase()
      using machines = createMachines(url, { ...named('fra', 16), ...named('', 4) })
      const worker = machines.medic('worker', '--site', 'fra', '--concurrency', '2')
      await worker.said('working for fra')
      const asked = machines.medic('triage', '--hosts', 'all', '--json')
      await worker.said(/(?:: done[^]*){3}/)
      await server.stop(how)
      await server.start()
      expect(await asked.ended).toBe(1)
      const documents = documentsOf(asked.output())
      expect(documents.map(({ state }) => state)).toEqual(documents.map(() => 'done'))
      expect(new Set(documents.map(({ host }) => host)).size).toBe(20)
      expect(documents).toHaveLength(20)
      expect(asked.errors()).not.toContain('not stored')
      await using store = await openPostgresStore(url)
      const [fleet] = await store.listFleetRuns(2)
      expect(fleet?.state).toBe('done')
      const rows = await store.listFleetHosts(fleet?.id ?? '')
      const done = (await store.listRuns(100)).filter(({ state }) => state === 'done').map(({ id }) => id)
      expect(done.toSorted()).toEqual(rows.map(({ runId }) => runId ?? '').toSorted())
      expect(worker.child.exitCode).toBeNull()
    },
    120_000,
  )
})

describe('a fleet run whose disk is full', () => {
  let folder: string
  let mount: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'medic-fleet-full-'))
    mount = join(folder, 'small')
    mkdirSync(mount)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', mount])
  })
  afterAll(() => {
    execFileSync('umount', ['-l', mount])
    rmSync(folder, { recursive: true, force: true })
  })

  it('answers for every host, says that not all is stored, and stores again when there is room', async () => {
    using machines = createMachines('', named('', 12))
    const home = { MEDIC_HOME: mount }
    const begin = machines.medicWith(home, 'run', 'list')
    expect(await begin.ended, begin.errors()).toBe(0)
    const { bavail, bsize } = statfsSync(mount)
    writeFileSync(join(mount, 'ballast'), Buffer.alloc(Math.max(0, bavail * bsize - 256 * 1024), 1))
    const asked = machines.medicWith(home, 'triage', '--hosts', 'all', '--json')
    const exit = await asked.ended
    const documents = documentsOf(asked.output())
    expect(documents).toHaveLength(12)
    expect(documents.map(({ state }) => state)).toEqual(documents.map(() => 'done'))
    expect(exit).toBe(1)
    expect(asked.errors()).toMatch(/medic: not stored: .*full/)
    rmSync(join(mount, 'ballast'))
    const after = machines.medicWith(home, 'triage', '--hosts', 'here-1', '--json')
    expect(await after.ended, after.errors()).toBe(1)
    expect(after.errors()).not.toContain('not stored')
    const list = machines.medicWith(home, 'run', 'list', '--json')
    await list.ended
    const { runs } = JSON.parse(list.output()) as { runs: { state: string }[] }
    expect(runs[0]?.state).toBe('done')
    expect(runs.filter(({ state }) => state === 'running')).toEqual([])
  }, 90_000)
})
