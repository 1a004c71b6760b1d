import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pendingHost } from '../../src/domain/fleetRun.ts'
import type { FleetHost, FleetRun, Holder } from '../../src/domain/fleetRun.ts'
import type { Machine, Sample, Snapshot } from '../../src/domain/snapshot.ts'
import type { JobDay, Store } from '../../src/store/store.ts'
import { aRun, someEvidence } from './store.ts'
import type { SetUp } from './store.ts'

const aFleet = (changes: Partial<FleetRun> = {}): FleetRun => ({
  id: 'fleet-1',
  runbook: 'oom-triage',
  state: 'running',
  requestedBy: 'test',
  parameters: { since: '1d' },
  startedAtMs: 1_000,
  endedAtMs: null,
  ...changes,
})

const aHolder = (pid: number, changes: Partial<Holder> = {}): Holder => ({
  machine: 'm',
  pid,
  startedAtText: `boot/${pid}`,
  heartbeatAtMs: 1_000,
  isCancelled: false,
  ...changes,
})

const done = (host: string, runId: string): FleetHost => ({ ...pendingHost(host), state: 'done', runId, findings: 2 })

const aSnapshot = (changes: Partial<Snapshot> = {}): Snapshot => ({
  check: 'disk-used',
  object: '/',
  level: 'warn',
  badness: 85,
  text: '85 %',
  threshold: '80 %',
  sinceMs: 1,
  seenAtMs: 2,
  ...changes,
})

const aSample = (atMs: number, value = 1): Sample => ({ atMs, bootId: 'b', values: { 'memory-available': value } })

const aDay = (localDate: string, changes: Partial<JobDay> = {}): JobDay => ({
  job: 'digest-nightly',
  localDate,
  state: 'running',
  atMs: 1_000,
  detail: '',
  ...changes,
})

/** What every store promises to fleet runs, digests and schedules. */
export const fleetStoreContract = (name: string, setUp: SetUp): void => {
  describe(`${name} keeps its promises to the fleet`, () => {
    let open: () => Promise<Store>
    let clear: () => Promise<void>
    beforeEach(async () => ({ open, clear } = await setUp()))
    afterEach(() => clear())

    it('has a row for each host of a fleet run from the beginning, in the order that was given', async () => {
      const names = Array.from({ length: 250 }, (_, index) => `host-${(index * 7) % 250}`)
      {
        await using store = await open()
        await store.createFleetRun(aFleet(), names.map(pendingHost))
        await store.saveFleetHost('fleet-1', 249, done(names[249]!, 'run-1'))
      }
      await using store = await open()
      const rows = await store.listFleetHosts('fleet-1')
      expect(rows.map(({ host }) => host)).toEqual(names)
      expect(rows.map(({ state }) => state)).toEqual([...Array.from({ length: 249 }, () => 'pending'), 'done'])
      expect(await store.findFleetHost('fleet-1', 249)).toEqual(done(names[249]!, 'run-1'))
      expect(await store.findFleetHost('fleet-1', 250)).toBeUndefined()
      expect(await store.findFleetHost('fleet-2', 0)).toBeUndefined()
      expect(await store.listFleetHosts('fleet-2')).toEqual([])
    })

    it('keeps a fleet run whole or not at all', async () => {
      await using store = await open()
      await store.createFleetRun(aFleet(), [pendingHost('one')])
      await expect(store.createFleetRun(aFleet(), [pendingHost('two')])).rejects.toThrow()
      expect((await store.listFleetHosts('fleet-1')).map(({ host }) => host)).toEqual(['one'])
    })

    it('gives no row to a host that was not there from the beginning', async () => {
      await using store = await open()
      await store.createFleetRun(aFleet(), [pendingHost('one')])
      await store.saveFleetHost('fleet-1', 1, pendingHost('two'))
      await store.saveFleetHost('fleet-2', 0, pendingHost('two'))
      expect(await store.listFleetHosts('fleet-1')).toHaveLength(1)
      expect(await store.listFleetHosts('fleet-2')).toEqual([])
    })

    it('lists fleet runs newest first, and runs of one host that belong to none', async () => {
      await using store = await open()
      await store.createFleetRun(aFleet(), [pendingHost('one')])
      await store.createFleetRun(aFleet({ id: 'fleet-2', startedAtMs: 3_000 }), [])
      await store.createFleetRun(aFleet({ id: 'fleet-3', startedAtMs: 3_000 }), [])
      await store.updateFleetRun(aFleet({ state: 'done', endedAtMs: 2_000 }))
      expect((await store.listFleetRuns(10)).map(({ id }) => id)).toEqual(['fleet-3', 'fleet-2', 'fleet-1'])
      expect((await store.listFleetRuns(1)).map(({ id }) => id)).toEqual(['fleet-3'])
      expect(await store.findFleetRun('fleet-1')).toEqual(aFleet({ state: 'done', endedAtMs: 2_000 }))
      expect(await store.findFleetRun('fleet-9')).toBeUndefined()

      for (const [id, startedAtMs] of [
        ['run-1', 1],
        ['run-2', 2],
        ['run-3', 3],
      ] as const)
        await store.createRun(aRun({ id, startedAtMs }))
      await store.saveFleetHost('fleet-1', 0, done('one', 'run-2'))
      expect((await store.listSingleRuns(10)).map(({ id }) => id)).toEqual(['run-3', 'run-1'])
      expect((await store.listSingleRuns(1)).map(({ id }) => id)).toEqual(['run-3'])
      expect((await store.listRuns(10)).map(({ id }) => id)).toEqual(['run-3', 'run-2', 'run-1'])
    })

    it('keeps the evidence of many hosts in one go, each piece once', async () => {
      await using store = await open()
      for (const id of ['run-1', 'run-2']) await store.createRun(aRun({ id }))
      await store.recordEvidence('run-1', someEvidence(1, 'first'))
      await store.recordAllEvidence([])
      await store.recordAllEvidence([
        { runId: 'run-1', evidence: someEvidence(1, 'second') },
        { runId: 'run-1', evidence: someEvidence(2) },
        { runId: 'run-2', evidence: someEvidence(1) },
      ])
      expect((await store.readEvidence('run-1')).map(({ result }) => result.stdout)).toEqual(['first', 'text 2'])
      expect(await store.readEvidence('run-2')).toEqual([someEvidence(1)])
    })

    it('gives a hold to exactly one of many, and what a dead process held to exactly one other', async () => {
      await using one = await open()
      await using other = await open()
      const ask = (expected: Holder | null, from: number) =>
        Promise.all(
          Array.from({ length: 8 }, (_, index) =>
            (index % 2 === 0 ? one : other).takeHold('fleet-1', aHolder(from + index), expected),
          ),
        )
      const first = await ask(null, 10)
      expect(first.filter(Boolean)).toHaveLength(1)
      const holder = aHolder(10 + first.indexOf(true))
      expect(await other.findHolder('fleet-1')).toEqual(holder)
      // Whoever saw another holder is too late.
      expect((await ask(aHolder(99), 20)).filter(Boolean)).toEqual([])
      const second = await ask(holder, 30)
      expect(second.filter(Boolean)).toHaveLength(1)
      // The number alone names no process: the same one after a restart is another.
      const now = aHolder(30 + second.indexOf(true))
      expect(await one.takeHold('fleet-1', aHolder(40), { ...now, startedAtText: 'boot/other' })).toBe(false)
    })

    it('renews, cancels and gives back a hold for its holder alone', async () => {
      await using store = await open()
      expect(await store.askToCancel('fleet-1')).toBe(false)
      expect(await store.renewHold('fleet-1', aHolder(1), 2_000)).toBeUndefined()
      await store.takeHold('fleet-1', aHolder(1), null)
      expect(await store.renewHold('fleet-1', aHolder(1), 2_000)).toMatchObject({ pid: 1, isCancelled: false })
      expect((await store.findHolder('fleet-1'))?.heartbeatAtMs).toBe(2_000)
      expect(await store.renewHold('fleet-1', aHolder(2), 9_000)).toBeUndefined()
      expect(await store.askToCancel('fleet-1')).toBe(true)
      expect(await store.renewHold('fleet-1', aHolder(1), 3_000)).toMatchObject({ isCancelled: true })
      await store.releaseHold('fleet-1', aHolder(2))
      expect(await store.findHolder('fleet-1')).toMatchObject({ pid: 1, isCancelled: true, heartbeatAtMs: 3_000 })
      // Who takes it over was not asked to stop.
      await store.takeHold('fleet-1', aHolder(3), aHolder(1))
      expect(await store.findHolder('fleet-1')).toEqual(aHolder(3))
      await store.releaseHold('fleet-1', aHolder(3))
      expect(await store.findHolder('fleet-1')).toBeUndefined()
    })

    it('lists what is held by the beginning of its key, to the letter', async () => {
      await using store = await open()
      const keys = ['worker fra a', 'worker %', 'worker ü 𝒳', 'Worker fra', 'worker', 'workerX', 'fleet/1']
      for (const [pid, key] of keys.entries()) await store.takeHold(key, aHolder(pid), null)
      const listed = await store.listHolders('worker ')
      expect(listed.map(({ key }) => key)).toEqual(['worker %', 'worker fra a', 'worker ü 𝒳'])
      expect(listed[1]?.holder).toEqual(aHolder(0))
      expect(await store.listHolders('worker_')).toEqual([])
      expect(await store.listHolders('nothing')).toEqual([])
    })

    it('knows a machine by its key, and the newest that answered under a name', async () => {
      await using store = await open()
      const machine = (key: string, lastSeenMs: number): Machine => ({ key, host: 'web-1', bootId: 'b', lastSeenMs })
      expect(await store.findMachine('web-1')).toBeUndefined()
      await store.saveMachine(machine('old', 1))
      await store.saveMachine(machine('new', 5))
      expect(await store.findMachine('web-1')).toEqual(machine('new', 5))
      await store.saveMachine(machine('old', 9))
      expect(await store.findMachine('web-1')).toEqual(machine('old', 9))
      await store.saveMachine({ ...machine('old', 10), host: 'web-2' })
      expect((await store.findMachine('web-1'))?.key).toBe('new')
    })

    it('replaces every snapshot of a machine at once, and those of no other', async () => {
      await using store = await open()
      const many = Array.from({ length: 230 }, (_, index) => aSnapshot({ object: `/disk${index}` }))
      await store.saveSnapshots('one', many)
      await store.saveSnapshots('two', [aSnapshot()])
      expect(await store.readSnapshots('one')).toHaveLength(230)
      const next = [aSnapshot({ check: 'load', object: 'host' }), aSnapshot({ level: 'critical' })]
      await store.saveSnapshots('one', next)
      expect(await store.readSnapshots('one')).toEqual([next[1], next[0]])
      await store.saveSnapshots('one', [])
      expect(await store.readSnapshots('one')).toEqual([])
      expect(await store.readSnapshots('two')).toEqual([aSnapshot()])
    })

    it('gives samples back oldest first, one for a moment, and forgets those that are too old', async () => {
      await using store = await open()
      for (const atMs of [30, 10, 20]) await store.addSample('one', aSample(atMs))
      await store.addSample('two', aSample(10))
      await store.addSample('one', aSample(20, 7))
      expect(await store.readSamples('one', 10)).toEqual([aSample(10), aSample(20, 7), aSample(30)])
      expect((await store.readSamples('one', 11)).map(({ atMs }) => atMs)).toEqual([20, 30])
      await store.forgetSamples(20)
      expect((await store.readSamples('one', 0)).map(({ atMs }) => atMs)).toEqual([20, 30])
      expect(await store.readSamples('two', 0)).toEqual([])
    })

    it('finds the last digest of a name, and forgets those that are too old', async () => {
      await using store = await open()
      const record = (id: string, atMs: number, text = 'x') => ({ id, name: 'nightly', atMs, body: text })
      expect(await store.findLastDigest('nightly')).toBeUndefined()
      await store.saveDigest(record('d1', 1))
      await store.saveDigest(record('d2', 9))
      await store.saveDigest(record('d2', 9, 'again'))
      await store.saveDigest({ ...record('d3', 20), name: 'weekly' })
      expect(await store.findLastDigest('nightly')).toEqual(record('d2', 9, 'again'))
      await store.forgetDigests(9)
      expect((await store.findLastDigest('nightly'))?.id).toBe('d2')
      await store.forgetDigests(10)
      expect(await store.findLastDigest('nightly')).toBeUndefined()
      expect((await store.findLastDigest('weekly'))?.id).toBe('d3')
    })

    it("gives a job's day to exactly one of many, and keeps what became of it", async () => {
      await using one = await open()
      await using other = await open()
      const claimed = await Promise.all(
        Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? one : other).claimJobDay(aDay('2026-11-12'))),
      )
      expect(claimed.filter(Boolean)).toHaveLength(1)
      await one.saveJobDay(aDay('2026-11-12', { state: 'done', detail: 'digest-7' }))
      expect(await other.claimJobDay(aDay('2026-11-12'))).toBe(false)
      expect(await other.findJobDay('digest-nightly', '2026-11-12')).toEqual(
        aDay('2026-11-12', { state: 'done', detail: 'digest-7' }),
      )
      expect(await other.findJobDay('digest-weekly', '2026-11-12')).toBeUndefined()
    })

    it('lists the days of a job newest first, without the mark of when it became known', async () => {
      await using store = await open()
      await store.claimJobDay(aDay('first', { state: 'known' }))
      for (const date of ['2026-11-10', '2026-11-12', '2026-11-11']) await store.claimJobDay(aDay(date))
      await store.claimJobDay(aDay('2026-11-13', { job: 'digest-weekly' }))
      const dates = async (limit: number) =>
        (await store.listJobDays('digest-nightly', limit)).map(({ localDate }) => localDate)
      expect(await dates(10)).toEqual(['2026-11-12', '2026-11-11', '2026-11-10'])
      expect(await dates(2)).toEqual(['2026-11-12', '2026-11-11'])
    })

    it('takes rows of many hosts from two writers at once, and loses none', async () => {
      await using one = await open()
      await using other = await open()
      const names = Array.from({ length: 60 }, (_, index) => `host-${index}`)
      await one.createFleetRun(aFleet(), names.map(pendingHost))
      await Promise.all(
        names.map((host, number) =>
          (number % 2 === 0 ? one : other).saveFleetHost('fleet-1', number, done(host, `run-${number}`)),
        ),
      )
      expect(await one.listFleetHosts('fleet-1')).toEqual(names.map((host, number) => done(host, `run-${number}`)))
    })
  })
}
