// needs: root postgres
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pendingHost } from '../../../src/domain/fleetRun.ts'
import { openPostgresStore } from '../../../src/store/postgres.ts'
import type { Store } from '../../../src/store/store.ts'
import { CHANGING_RUNBOOK, workerOn } from '../../support/fleet/killedWorker.ts'
import { SMALL_RUNBOOK } from '../../support/fleet/simulatedFleet.ts'
import { startPostgres } from '../../support/postgres.ts'
import type { Postgres } from '../../support/postgres.ts'

const HOSTS = 3
const CHILD = join(import.meta.dirname, '..', '..', 'support', 'fleet', 'killedWorker.ts')

let server: Postgres
let url: string
let store: Store
let folder: string
beforeAll(async () => {
  server = await startPostgres()
  url = await server.createDatabase()
  store = await openPostgresStore(url)
  folder = mkdtempSync(join(tmpdir(), 'medic-worker-'))
})
afterAll(async () => {
  await store[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

interface Kill {
  readonly fleetId: string
  readonly runbook: string
  readonly call: number
  readonly when: 'before' | 'after'
}

/** A worker of its own process that dies at that call, and then one that does not. */
const killThenWork = async ({ fleetId, runbook, call, when }: Kill) => {
  const stepsFile = join(folder, fleetId)
  await store.createFleetRun(
    { id: fleetId, runbook, state: 'running', requestedBy: 'test', parameters: {}, startedAtMs: 1, endedAtMs: null },
    Array.from({ length: HOSTS }, (_, number) => pendingHost(`${fleetId}-${number}`)),
  )
  const child = spawn(process.execPath, [CHILD, url, fleetId, String(HOSTS), String(call), when, stepsFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  await once(child, 'close')
  const handle = workerOn(store, stepsFile)
  for (let number = 0; number < HOSTS; number += 1)
    await handle({ fleetId, number, deadlineMs: null }, new AbortController().signal)
  const steps = existsSync(stepsFile) ? readFileSync(stepsFile, 'utf8').trim().split('\n') : []
  return { signal: child.signalCode, output, steps, rows: await store.listFleetHosts(fleetId) }
}

const points = [1, 3, 5, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30].map(
  (call, index) => [call, index % 2 === 0 ? 'before' : 'after'] as const,
)

describe('a worker that is killed, on Postgres', () => {
  it('ends by itself when nothing kills it, later than the last of these kills', async () => {
    const { output, rows } = await killThenWork({
      fleetId: 'whole',
      runbook: SMALL_RUNBOOK.id,
      call: 1_000_000,
      when: 'after',
    })
    expect(Number(/^ended after (\d+) calls/.exec(output)?.[1])).toBeGreaterThan(30)
    expect(rows.map(({ state }) => state)).toEqual(['done', 'done', 'done'])
  })

  it.each(points)('at call %d, %s it, leaves each host exactly one result to the next worker', async (call, when) => {
    const fleetId = `look-${call}`
    const { signal, rows } = await killThenWork({ fleetId, runbook: SMALL_RUNBOOK.id, call, when })
    expect(signal).toBe('SIGKILL')
    expect(rows.map(({ state }) => state)).toEqual(['done', 'done', 'done'])
    const ids = rows.map(({ runId }) => runId ?? '')
    expect(new Set(ids).size).toBe(HOSTS)
    for (const id of ids) expect(await store.readEvidence(id)).toHaveLength(4)
    const runs = (await store.listRuns(1_000)).filter(({ host }) => host.startsWith(`${fleetId}-`))
    expect(runs.filter(({ state }) => state === 'running')).toEqual([])
    expect(
      runs
        .filter(({ state }) => state === 'done')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(ids.toSorted())
  })

  let marked = 0
  it.each(points)('at call %d, %s it, never has a change made twice', async (call, when) => {
    const fleetId = `change-${call}`
    const { signal, rows, steps } = await killThenWork({ fleetId, runbook: CHANGING_RUNBOOK.id, call, when })
    expect(signal).toBe('SIGKILL')
    expect(new Set(steps).size).toBe(steps.length)
    for (const { host, state, error } of rows) {
      // Done with its change, or marked for a person to look at.
      expect(['done', 'interrupted']).toContain(state)
      if (state === 'done') expect(steps.filter((line) => line.startsWith(`${host} `))).toHaveLength(1)
      else {
        marked += 1
        expect(error).toBe('Medic ended while this host was being changed; look at it before you run it again')
      }
    }
  })

  it('was in the middle of a change at some of these calls', () => {
    expect(marked).toBeGreaterThan(0)
  })
})
