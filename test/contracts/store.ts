import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StoredEvidence } from '../../src/domain/evidence.ts'
import type { Incident } from '../../src/domain/incident.ts'
import type { Run } from '../../src/domain/run.ts'
import type { Store } from '../../src/store/store.ts'

export const aRun = (changes: Partial<Run> = {}): Run => ({
  id: 'run-1',
  runbook: 'oom-triage',
  runbookHash: 'abc',
  host: 'server1',
  parameters: { since: '1d' },
  state: 'running',
  requestedBy: 'test',
  startedAtMs: 1_000,
  endedAtMs: null,
  window: { fromMs: 0, toMs: 1_000 },
  bootId: null,
  error: null,
  ...changes,
})

export const someEvidence = (number: number, stdout = `text ${number}`): StoredEvidence => ({
  id: `E${number}`,
  step: 'free',
  subject: null,
  command: 'free -b',
  parser: 'free',
  redactions: 0,
  result: {
    outcome: 'exited',
    exitCode: 0,
    step: 'free',
    subject: null,
    stdout,
    stderr: '',
    droppedBytes: 0,
    startedAtMs: 1,
    durationMs: 2,
  },
})

export const anIncident = (changes: Partial<Incident> = {}): Incident => ({
  id: 'inc-1',
  runId: 'run-1',
  host: 'server1',
  unit: 'queue_worker.service',
  kind: 'memcg-oom',
  title: 'killed',
  occurredAtMs: 500,
  recordedAtMs: 1_000,
  ...changes,
})

/** `open` opens the same data again each time it is called in one test. */
export type SetUp = () => Promise<{ open: () => Promise<Store>; clear: () => Promise<void> }>

/** What every store promises. */
export const storeContract = (name: string, setUp: SetUp): void => {
  describe(`${name} keeps the store's promises`, () => {
    let open: () => Promise<Store>
    let clear: () => Promise<void>
    beforeEach(async () => ({ open, clear } = await setUp()))
    afterEach(() => clear())

    it('gives back a run with its evidence in evidence order, also after it was opened anew', async () => {
      {
        await using store = await open()
        await store.createRun(aRun())
        await store.recordEvidence('run-1', someEvidence(10))
        await store.recordEvidence('run-1', someEvidence(2, 'ü\u0000\n'.repeat(100_000)))
        await store.finishRun('run-1', 'done', 2_000, { bootId: 'b' })
      }
      await using store = await open()
      expect(await store.findRun('run-1')).toEqual(aRun({ state: 'done', endedAtMs: 2_000, bootId: 'b' }))
      expect(await store.readEvidence('run-1')).toEqual([
        someEvidence(2, 'ü\u0000\n'.repeat(100_000)),
        someEvidence(10),
      ])
      expect(await store.findRun('run-2')).toBeUndefined()
      expect(await store.readEvidence('run-2')).toEqual([])
    })

    it('keeps the first of two records of the same step', async () => {
      await using store = await open()
      await store.createRun(aRun())
      await store.recordEvidence('run-1', someEvidence(1, 'first'))
      await store.recordEvidence('run-1', someEvidence(1, 'second'))
      expect((await store.readEvidence('run-1'))[0]?.result.stdout).toBe('first')
    })

    it('lists incidents newest first, of one host or one unit', async () => {
      await using store = await open()
      await store.createRun(aRun())
      await store.createIncident(anIncident())
      await store.createIncident(anIncident({ id: 'inc-2', occurredAtMs: 900, unit: null }))
      await store.createIncident(anIncident({ id: 'inc-3', occurredAtMs: 700, host: 'other' }))
      const ids = async (filter: Parameters<Store['listIncidents']>[0]) =>
        (await store.listIncidents(filter)).map((incident) => incident.id)
      expect(await ids({ limit: 10 })).toEqual(['inc-2', 'inc-3', 'inc-1'])
      expect(await ids({ limit: 1 })).toEqual(['inc-2'])
      expect(await ids({ host: 'server1', limit: 10 })).toEqual(['inc-2', 'inc-1'])
      expect(await ids({ unit: 'queue_worker.service', host: 'server1', limit: 10 })).toEqual(['inc-1'])
      expect(await ids({ host: "x' or 1=1 --", limit: 10 })).toEqual([])
    })

    it('takes the same incident found again as one, told by its newest run', async () => {
      await using store = await open()
      await store.createRun(aRun())
      await store.createRun(aRun({ id: 'run-2' }))
      await store.createIncident(anIncident())
      await store.createIncident(anIncident({ runId: 'run-2' }))
      expect(await store.findIncident('inc-1')).toEqual(anIncident({ runId: 'run-2' }))
      expect(await store.findIncident('inc-2')).toBeUndefined()
      expect(await store.listIncidents({ limit: 10 })).toEqual([anIncident({ runId: 'run-2' })])
    })

    it('keeps every version of a postmortem and writes no version without a change', async () => {
      await using store = await open()
      await store.createRun(aRun())
      await store.createIncident(anIncident())
      expect(await store.findPostmortem('inc-1')).toBeUndefined()
      await store.savePostmortem('inc-1', '# one', 1)
      await store.savePostmortem('inc-1', '# one', 2)
      await store.savePostmortem('inc-1', '# two', 3)
      expect(await store.findPostmortem('inc-1')).toEqual({ markdown: '# two', version: 2 })
    })

    it('keeps one record for an incident and a target, the newest', async () => {
      await using store = await open()
      const record = (incidentId: string, target: string, page = 'p') => ({
        incidentId,
        target,
        page,
        address: null,
        downtimeMs: 12_500,
        publishedAtMs: 5,
      })
      await store.savePublication(record('inc-1', 'wiki'))
      await store.savePublication(record('inc-1', 'notes'))
      await store.savePublication(record('inc-2', 'wiki'))
      await store.savePublication(record('inc-1', 'wiki', 'renamed'))
      expect(await store.listPublications({ target: 'wiki' })).toEqual([
        record('inc-2', 'wiki'),
        record('inc-1', 'wiki', 'renamed'),
      ])
      expect(await store.listPublications({ incidentId: 'inc-1' })).toEqual([
        record('inc-1', 'notes'),
        record('inc-1', 'wiki', 'renamed'),
      ])
    })

    it('moves the status of a page only from where the mover saw it', async () => {
      await using one = await open()
      await using other = await open()
      const record = { incidentId: 'inc-1', status: 'in-review' as const, changedAtMs: 1, changedBy: 'a' }
      expect(await one.findPageStatus('inc-1')).toBeUndefined()
      const moved = await Promise.all([
        one.changePageStatus('draft', record),
        other.changePageStatus('draft', { ...record, changedBy: 'b' }),
      ])
      expect(moved.filter(Boolean)).toHaveLength(1)
      expect((await one.findPageStatus('inc-1'))?.status).toBe('in-review')
      expect(await one.changePageStatus('draft', record)).toBe(false)
    })

    it('chains the audit record, and writes of several connections do not fork it', async () => {
      await using one = await open()
      await using other = await open()
      const entry = (actor: string) => ({ atMs: 1, actor, verb: 'read', subject: 'server1', detail: {} })
      await Promise.all([
        ...Array.from({ length: 10 }, (_, index) => one.appendAudit(entry(`a${index}`))),
        ...Array.from({ length: 10 }, (_, index) => other.appendAudit(entry(`b${index}`))),
      ])
      expect(await one.verifyAudit()).toBeUndefined()
    })
  })
}
