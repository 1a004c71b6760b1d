// needs: root sshd

import { describe, expect, it } from 'vitest'
import { lookAtSickFleet } from '../../support/fleet/sickFleet.ts'
import type { SickFleetEnd } from '../../support/fleet/sickFleet.ts'

const MIB = 2 ** 20

describe('40 hosts over real ssh: some dead, hanging, set up anew, one printing 1 GB', () => {
  it('ends within its deadline, keeps memory bounded and accounts for every host by name', async () => {
    const deadlineMs = 40_000
    const end: SickFleetEnd = await lookAtSickFleet({ count: 40, store: null, connectMs: 6_000, deadlineMs })
    const seen = Object.fromEntries(end.rows.map(({ host, state }) => [host, state]))
    expect(seen).toEqual(end.expected)
    expect(end.rows).toHaveLength(40)
    expect(Object.values(end.expected).filter((state) => state !== 'done')).toHaveLength(5)
    expect(end.wallMs).toBeLessThan(deadlineMs)
    // The flood was read for a while and let go: it may cost time, never room.
    expect(end.droppedBytes).toBeGreaterThan(200 * MIB)
    expect(end.addedBytes).toBeLessThan(256 * MIB)
    for (const { state, error } of end.rows) if (state !== 'done') expect(error).toMatch(/\S/)
  })
})
