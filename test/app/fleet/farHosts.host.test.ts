import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FarHosts } from '../../../src/app/fleet/farHosts.ts'
import { createSiteWorker } from '../../../src/app/fleet/siteWorker.ts'
import type { SiteWorkerTools } from '../../../src/app/fleet/siteWorker.ts'
import { StoreError, UsageError } from '../../../src/domain/errors.ts'
import { pendingHost } from '../../../src/domain/fleetRun.ts'
import type { FleetRun } from '../../../src/domain/fleetRun.ts'
import type { SiteOrder, SiteQueue } from '../../../src/jobs/job.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import type { Store } from '../../../src/store/store.ts'
import { workerOn } from '../../support/fleet/killedWorker.ts'
import { SMALL_RUNBOOK, simulateFleet, simulatedHost } from '../../support/fleet/simulatedFleet.ts'

let folder: string
let store: Store
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'medic-far-'))
  store = await openSqliteStore(folder)
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const run: FleetRun = {
  id: 'run-1',
  runbook: SMALL_RUNBOOK.id,
  state: 'running',
  requestedBy: 'test',
  parameters: {},
  startedAtMs: 1,
  endedAtMs: null,
}

/** A queue that hands an order to a function, or to nobody. */
const queueTo = (handle: (order: SiteOrder) => Promise<void>): SiteQueue & { readonly offered: number[] } => {
  const offered: number[] = []
  return {
    offered,
    offer: (_site, order) => {
      offered.push(order.number)
      void handle(order).catch(() => {})
      return Promise.resolve()
    },
    withdraw: () => Promise.resolve(),
    work: () => Promise.reject(new Error('not here')),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

const workerTools = (): SiteWorkerTools => ({
  store,
  triageTools: simulateFleet({ habitOf: () => 'healthy', store }).tools.triageTools,
  inventory: {
    list: () => [],
    select: () => [],
    find: (name) => {
      if (name !== 'host-0') throw new UsageError(`there is no host "${name}"`)
      return simulatedHost(name)
    },
  },
  library: { runbooks: [SMALL_RUNBOOK], problems: [] },
  now: Date.now,
  report: () => {},
})

const order = (number: number) => ({
  site: 'fra',
  number,
  prior: pendingHost(`host-${number}`),
  runbook: SMALL_RUNBOOK,
  deadlineMs: 100,
})

const never = new AbortController().signal

describe('a host at a site', () => {
  beforeEach(() => store.createFleetRun(run, [pendingHost('host-0'), pendingHost('host-1')]))

  it('that no worker takes ends by name and says which worker to start', async () => {
    const sites = queueTo(() => Promise.resolve())
    const far = new FarHosts({ store, sites, now: Date.now, patienceMs: 1_500 }, run)
    const { row, result } = await far.lookAt(order(1), () => {}, never)
    expect(row).toMatchObject({ host: 'host-1', state: 'unreachable' })
    expect(row.error).toBe('no worker of the site "fra" looked at it within 2 s: run `medic worker --site fra` there')
    expect(result).toBeNull()
    expect(await store.findFleetHost('run-1', 1)).toEqual(row)
  })

  it('is ended by one worker, however often its order comes, and told in full', async () => {
    const handle = createSiteWorker(workerTools())
    const sites = queueTo((one) => handle(one, never))
    const far = new FarHosts({ store, sites, now: Date.now }, run)
    await Promise.allSettled(
      [0, 0, 0].map((number) => sites.offer('fra', { fleetId: 'run-1', number, deadlineMs: null })),
    )
    const { row, result } = await far.lookAt(order(0), () => {}, never)
    expect(row.state).toBe('done')
    expect(result?.run.id).toBe(row.runId)
    expect(result?.analysis.evidence.length).toBeGreaterThan(3)
    expect((await store.listRuns(10)).map(({ id }) => id)).toEqual([row.runId])
  })

  it('that the worker does not know is refused by its own settings', async () => {
    const handle = createSiteWorker(workerTools())
    await handle({ fleetId: 'run-1', number: 1, deadlineMs: null }, never)
    expect(await store.findFleetHost('run-1', 1)).toMatchObject({
      state: 'refused',
      error: 'by the worker\'s own settings: there is no host "host-1"',
    })
  })

  it('whose row an earlier process marked is looked at again', async () => {
    await store.saveFleetHost('run-1', 0, { ...pendingHost('host-0'), state: 'cancelled', error: 'stopped' })
    const handle = createSiteWorker(workerTools())
    const far = new FarHosts({ store, sites: queueTo((one) => handle(one, never)), now: Date.now }, run)
    expect((await far.lookAt(order(0), () => {}, never)).row.state).toBe('done')
  })

  it('is left as it is by a worker that was told to stop', async () => {
    const handle = createSiteWorker(workerTools())
    const stopped = handle({ fleetId: 'run-1', number: 0, deadlineMs: null }, AbortSignal.abort())
    await expect(stopped).rejects.toThrow('was not ended here')
    expect((await store.findFleetHost('run-1', 0))?.state).toBe('pending')
  })

  it('whose look could not be stored is no result, and is looked at by whoever gets it next', async () => {
    const away: Store = {
      ...store,
      recordEvidence: () => Promise.reject(new StoreError('postgres at db: nothing listens there')),
    }
    const losing = workerOn(away, join(folder, 'steps'))
    const one = { fleetId: 'run-1', number: 0, deadlineMs: null }
    await expect(losing(one, never)).rejects.toThrow('host-0 was not stored: postgres at db: nothing listens there')
    expect((await store.findFleetHost('run-1', 0))?.state).toBe('running')
    await workerOn(store, join(folder, 'steps'))(one, never)
    const row = await store.findFleetHost('run-1', 0)
    expect(row?.state).toBe('done')
    expect(await store.readEvidence(row?.runId ?? '')).toHaveLength(4)
    expect((await store.listRuns(5)).map(({ state }) => state).toSorted()).toEqual(['done', 'interrupted'])
  })

  it('is nothing to do when the run is over or unknown', async () => {
    const handle = createSiteWorker(workerTools())
    await store.updateFleetRun({ ...run, state: 'cancelled' })
    await handle({ fleetId: 'run-1', number: 0, deadlineMs: null }, never)
    await handle({ fleetId: 'run-2', number: 0, deadlineMs: null }, never)
    expect((await store.findFleetHost('run-1', 0))?.state).toBe('pending')
  })
})
