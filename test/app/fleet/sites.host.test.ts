// needs: root postgres
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPostgresStore } from '../../../src/store/postgres.ts'
import { startPostgres } from '../../support/postgres.ts'
import type { Postgres } from '../../support/postgres.ts'
import { createMachines } from '../../support/siteMachine.ts'

let server: Postgres
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server[Symbol.asyncDispose]())

const hostsAt = (site: string, count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${site}-${index}`, site]))

const documentsOf = (output: string): { host: string; state: string; error: string | null; findings: unknown[] }[] =>
  output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ReturnType<typeof documentsOf>[number])

describe('hosts at sites, through one database', () => {
  it('each is looked at by a worker of its own site, and told in full to whoever asked', async () => {
    const url = await server.createDatabase()
    using machines = createMachines(url, { ...hostsAt('fra', 3), ...hostsAt('ams', 3), here: '' })
    const fra = machines.medic('worker', '--site', 'fra')
    const ams = machines.medic('worker', '--site', 'ams')
    await Promise.all([fra.said('working for fra: 3 hosts'), ams.said('working for ams: 3 hosts')])
    const asked = machines.medic('triage', '--hosts', 'all', '--json')
    expect(await asked.ended).toBe(1)
    const documents = documentsOf(asked.output())
    expect(documents.map(({ host }) => host).toSorted()).toEqual(
      ['ams-0', 'ams-1', 'ams-2', 'fra-0', 'fra-1', 'fra-2', 'here'].toSorted(),
    )
    // Nobody can tell from the answer who looked.
    const [one] = documents
    for (const document of documents) expect(document.findings).toEqual(one?.findings)
    const tookBy = (worker: typeof fra): string[] =>
      [...worker.errors().matchAll(/: (\w+-\d): done/g)].map((match) => match[1] ?? '').toSorted()
    expect(tookBy(fra)).toEqual(['fra-0', 'fra-1', 'fra-2'])
    expect(tookBy(ams)).toEqual(['ams-0', 'ams-1', 'ams-2'])
    fra.child.kill('SIGTERM')
    ams.child.kill('SIGTERM')
    expect(await Promise.all([fra.ended, ams.ended])).toEqual([0, 0])
  }, 90_000)

  it('a killed worker loses no host and doubles none', async () => {
    const url = await server.createDatabase()
    const count = 24
    using machines = createMachines(url, hostsAt('fra', count))
    const doomed = machines.medic('worker', '--site', 'fra', '--concurrency', '2')
    const other = machines.medic('worker', '--site', 'fra', '--concurrency', '2')
    await Promise.all([doomed.said('working for fra'), other.said('working for fra')])
    const asked = machines.medic('triage', '--hosts', 'all', '--json')
    await doomed.said(/(?:: done[^]*){2}/)
    const before = performance.now()
    doomed.child.kill('SIGKILL')
    expect(await asked.ended).toBe(1)
    expect(performance.now() - before).toBeLessThan(75_000)
    const documents = documentsOf(asked.output())
    expect(documents.map(({ state }) => state)).toEqual(documents.map(() => 'done'))
    expect(new Set(documents.map(({ host }) => host)).size).toBe(count)
    expect(documents).toHaveLength(count)
    await using store = await openPostgresStore(url)
    const [fleet] = await store.listFleetRuns(2)
    expect(fleet?.state).toBe('done')
    const rows = await store.listFleetHosts(fleet?.id ?? '')
    expect(new Set(rows.map(({ runId }) => runId)).size).toBe(count)
    // A look that was cut off is taken up again under its own id: no second run of a host is done.
    const done = (await store.listRuns(200)).filter(({ state }) => state === 'done')
    expect(done.map(({ host }) => host).toSorted()).toEqual(rows.map(({ host }) => host).toSorted())
    expect(await store.listIncidents({ limit: 200 })).toHaveLength(count)
  }, 120_000)

  it('a run that is cancelled stops at its workers too', async () => {
    const url = await server.createDatabase()
    using machines = createMachines(url, hostsAt('fra', 60))
    const worker = machines.medic('worker', '--site', 'fra', '--concurrency', '1')
    await worker.said('working for fra')
    const asked = machines.medic('triage', '--hosts', 'all', '--json')
    await worker.said(/: done/)
    asked.child.kill('SIGINT')
    await asked.ended
    const documents = documentsOf(asked.output())
    expect(documents).toHaveLength(60)
    expect(new Set(documents.map(({ state }) => state))).toEqual(new Set(['done', 'cancelled']))
    await using store = await openPostgresStore(url)
    expect((await store.listFleetRuns(2)).map(({ state }) => state)).toEqual(['cancelled'])
    expect(await server.query(new URL(url).pathname.slice(1), OPEN_ORDERS)).toEqual([{ count: 0 }])
  }, 90_000)
})

const OPEN_ORDERS = `select count(*)::int from medic_jobs.job where state in ('created', 'retry', 'active') and name like 'site-%'`

describe('`medic doctor` at several sites', () => {
  it('names the workers of each site, and the sites that have none', async () => {
    const url = await server.createDatabase()
    using machines = createMachines(url, { ...hostsAt('fra', 2), ...hostsAt('ams', 1) })
    const worker = machines.medic('worker', '--site', 'fra', 'lon')
    const doomed = machines.medic('worker', '--site', 'ams')
    await Promise.all([worker.said('working for fra, lon'), doomed.said('working for ams')])
    doomed.child.kill('SIGKILL')
    await doomed.ended
    const doctor = machines.medic('doctor', '--json')
    expect(await doctor.ended).toBe(1)
    const { checks } = JSON.parse(doctor.output()) as { checks: { what: string; status: string; detail: string }[] }
    const said = (what: string): string => {
      const check = checks.find((one) => one.what === what)
      return `${check?.status}: ${check?.detail}`
    }
    expect(said('database')).toMatch(/^ok: postgres at 127\.0\.0\.1:\d+\/test\d+, tables at \d{4}-[a-z-]+$/)
    expect(said('site fra')).toMatch(/^ok: 2 hosts in medic\.yaml, looked at by \S+ \(pid \d+\)$/)
    expect(said('site fra')).toContain(`(pid ${worker.child.pid})`)
    expect(said('site lon')).toMatch(/^warn: \S+ \(pid \d+\) waits for it, and no host has it$/)
    expect(said('site ams')).toMatch(
      /^fail: 1 host in medic\.yaml, and no worker; the last one, on \S+, was seen 0 min ago$/,
    )
    expect(doctor.output()).not.toContain('p%40ss')
    worker.child.kill('SIGTERM')
    expect(await worker.ended).toBe(0)
    const after = machines.medic('doctor')
    await after.ended
    expect(after.output()).toMatch(
      /FAIL.*site fra: 2 hosts in medic\.yaml, and no worker\n\s+mend: run `medic worker --site fra` near them/,
    )
    expect(after.output()).not.toContain('site lon')
  }, 60_000)
})

describe('`medic worker`', () => {
  it('needs a database that is shared', async () => {
    using machines = createMachines('', {})
    const worker = machines.medic('worker', '--site', 'fra')
    expect(await worker.ended).toBe(64)
    expect(worker.errors()).toContain('worker: DATABASE_URL is not set')
  })

  it('says in one line that the database is not there', async () => {
    using machines = createMachines('postgres://medic:sesame-open@127.0.0.1:1/medic', {})
    const worker = machines.medic('worker', '--site', 'fra')
    expect(await worker.ended).toBe(2)
    expect(worker.errors()).toMatch(/^medic: postgres at 127\.0\.0\.1:1\/medic: nothing listens there\n/)
    expect(worker.errors()).not.toContain('sesame')
  })
})
