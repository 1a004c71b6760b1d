import { describe, expect, it } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { thisHolder } from '../../src/app/holder.ts'
import { createOwners } from '../../src/app/owner.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'

const DAY_MS = 86_400_000
const NOW = Date.UTC(2026, 10, 29)

describe('processes in the store', () => {
  it('a dead one is known for a week, so that its work can be taken over, and then forgotten', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'medic-owner-'))
    try {
      await using store = await openSqliteStore(folder)
      const dead = { ...thisHolder(NOW), pid: 2 ** 22 + 1 }
      const rows = { old: 8 * DAY_MS, recent: 6 * DAY_MS }
      for (const [name, ageMs] of Object.entries(rows)) {
        await store.takeHold(`process gone:${name}`, { ...dead, heartbeatAtMs: NOW - ageMs }, null)
      }
      await store.takeHold('process here:alive', { ...thisHolder(NOW), heartbeatAtMs: NOW - 30 * DAY_MS }, null)
      await store.takeHold('run of something else', { ...dead, heartbeatAtMs: NOW - 30 * DAY_MS }, null)
      await using owners = await createOwners(store, () => NOW)
      const kept = (await store.listHolders('')).map(({ key }) => key)
      expect(kept.toSorted()).toEqual(
        ['process gone:recent', 'process here:alive', `process ${owners.self}`, 'run of something else'].toSorted(),
      )
      expect(await owners.isGone('gone:recent', NOW)).toBe(true)
      expect(await owners.isGone('here:alive', 0)).toBe(false)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
