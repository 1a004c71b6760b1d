import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runFleet } from '../../../src/app/fleet/fleet.ts'
import { cancelRun, listRunViews, openRows, viewRun } from '../../../src/app/fleet/runView.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import type { Store } from '../../../src/store/store.ts'
import { SMALL_RUNBOOK, simulateFleet, simulatedHost } from '../../support/fleet/simulatedFleet.ts'

const HOSTS = 7
const CHILD = join(import.meta.dirname, '..', '..', 'support', 'fleet', 'killedFleet.ts')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medic-fleet-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const runChild = (call: number, when: 'before' | 'after'): ReturnType<typeof spawnSync> =>
  spawnSync(process.execPath, [CHILD, folder, String(HOSTS), String(call), when], { encoding: 'utf8', timeout: 40_000 })

const hosts = Array.from({ length: HOSTS }, (_, index) => simulatedHost(`host-${index}`))

const resume = async (store: Store, id: string): Promise<void> => {
  const view = await viewRun(store, id, Date.now())
  const { tools } = simulateFleet({ habitOf: () => 'healthy', store })
  const run = runFleet(
    tools,
    {
      hosts,
      runbook: SMALL_RUNBOOK,
      parameters: view.run.parameters,
      requestedBy: 'test',
      resume: { run: view.run, hosts: openRows(view.hosts) },
    },
    new AbortController().signal,
  )
  let step = await run.next()
  while (!step.done) step = await run.next()
}

describe('a fleet run whose process is killed', () => {
  it('ends by itself when nothing kills it', () => {
    const child = runChild(1_000_000, 'before')
    expect(child.stdout).toMatch(/^ended after \d{2,3} calls/)
  })

  // Every kind of call is among the first ones of a host; later ones repeat them for other hosts.
  const points = [3, 4, 5, 6, 7, 9, 11, 14, 18, 23, 29, 36, 44, 53, 63].flatMap((call) =>
    (['before', 'after'] as const).map((when) => [call, when] as const),
  )
  it.each(points)(
    'has exactly one result for each host after a kill at call %d, %s it, and a resume',
    async (call, when) => {
      const child = runChild(call, when)
      await using store = await openSqliteStore(folder)
      const [run] = await store.listFleetRuns(10)
      if (run === undefined) {
        // Killed before the run was there: nothing was promised.
        expect(child.signal).toBe('SIGKILL')
        expect(await store.listRuns(10)).toEqual([])
        return
      }
      const before = await viewRun(store, run.id, Date.now())
      expect(before.hosts.map(({ host }) => host)).toEqual(hosts.map(({ name }) => name))
      if (child.signal === 'SIGKILL') {
        // The very last call gives the run back, after everything was written.
        expect(['interrupted', 'done']).toContain(before.state)
        expect(before.hosts.some(({ state }) => state === 'running')).toBe(false)
      }
      if (before.state !== 'done') await resume(store, run.id)

      const after = await viewRun(store, run.id, Date.now())
      expect(after.state).toBe('done')
      expect(after.hosts.map(({ host, state }) => [host, state])).toEqual(hosts.map(({ name }) => [name, 'done']))
      const ids = after.hosts.map(({ runId }) => runId ?? '')
      expect(new Set(ids).size).toBe(HOSTS)
      for (const id of ids) expect((await store.findRun(id))?.state).toBe('done')
      for (const id of ids) expect(await store.readEvidence(id)).toHaveLength(4)
      // No run is left that belongs to nothing, and none that says it still runs.
      const runs = await store.listRuns(100)
      expect(runs.filter(({ state }) => state === 'running')).toEqual([])
      expect((await listRunViews(store, 100, Date.now())).filter(({ isFleet }) => isFleet)).toHaveLength(1)
    },
  )

  it('can be cancelled instead, by whoever comes next', async () => {
    runChild(30, 'after')
    await using store = await openSqliteStore(folder)
    const [run] = await store.listFleetRuns(1)
    const view = await viewRun(store, run?.id ?? '', Date.now())
    expect(await cancelRun(store, view, Date.now())).toBe('cancelled')
    const after = await viewRun(store, run?.id ?? '', Date.now())
    expect(after.state).toBe('cancelled')
    expect(after.hosts.filter(({ state }) => state === 'pending' || state === 'running')).toEqual([])
  })
})
