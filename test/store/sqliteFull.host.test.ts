// needs: root mount
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { pendingHost } from '../../src/domain/fleetRun.ts'
import { StoreError } from '../../src/domain/errors.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { aRun, someEvidence } from '../contracts/store.ts'

let mount: string
beforeEach(() => {
  mount = mkdtempSync(join(tmpdir(), 'medic-full-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', mount])
})
afterEach(() => {
  execFileSync('umount', ['-l', mount])
  rmSync(mount, { recursive: true, force: true })
})

it('the SQLite store says that the disk is full, keeps what it acknowledged, and works again when it is not', async () => {
  await using store = await openSqliteStore(mount)
  await store.createRun(aRun())
  const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))).toString('hex')
  let kept = 0
  const fill = async (): Promise<void> => {
    for (let number = 1; number < 500; number += 1) {
      await store.recordEvidence('run-1', someEvidence(number, noise))
      kept = number
    }
  }
  const failure = await fill().catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(StoreError)
  expect((failure as StoreError).message).toContain('the disk is full')
  expect(kept).toBeGreaterThan(3)
  expect(await store.readEvidence('run-1')).toHaveLength(kept)
  // A fleet run is there whole or not at all.
  const run = {
    id: 'fleet-1',
    runbook: 'oom-triage',
    state: 'running' as const,
    requestedBy: 'test',
    parameters: {},
    startedAtMs: 1,
    endedAtMs: null,
  }
  const hosts = Array.from({ length: 9_000 }, (_, index) => pendingHost(`host-${index}`))
  await expect(store.createFleetRun(run, hosts)).rejects.toThrow('the disk is full')
  expect(await store.findFleetRun('fleet-1')).toBeUndefined()
  expect(await store.listFleetHosts('fleet-1')).toEqual([])
  execFileSync('mount', ['-o', 'remount,size=64m', mount])
  await store.createFleetRun(run, hosts)
  expect(await store.listFleetHosts('fleet-1')).toHaveLength(9_000)
  await store.recordEvidence('run-1', someEvidence(900))
  expect((await store.readEvidence('run-1')).at(-1)?.id).toBe('E900')
})
