import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FleetSlots } from '../../../src/app/fleet/fleetSlots.ts'
import type { Slot } from '../../../src/app/fleet/fleetSlots.ts'

const PLACES = 32

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

/** A fleet of 500 that waits for places; those who got one, in order. */
const crowd = async (slots: FleetSlots): Promise<readonly Slot[]> => {
  const inside: Slot[] = []
  for (let host = 0; host < 500; host += 1) void slots.acquire().then((slot) => inside.push(slot))
  await settle()
  return inside
}

const settle = async (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

const pass = async (ms: number): Promise<void> => {
  vi.advanceTimersByTime(ms)
  await settle()
}

describe('places for the hosts of a fleet', () => {
  it('are as many as were asked for, and free again when a host ends', async () => {
    using slots = new FleetSlots(PLACES)
    const inside = await crowd(slots)
    expect(inside).toHaveLength(PLACES)
    inside[0]?.release()
    await settle()
    expect(inside).toHaveLength(PLACES + 1)
  })

  it('are given away by a few silent hosts', async () => {
    using slots = new FleetSlots(PLACES)
    const inside = await crowd(slots)
    for (const slot of inside) slot.reached()
    await pass(2_000)
    for (const slot of inside.slice(8, PLACES)) slot.heard()
    await pass(500)
    expect(inside).toHaveLength(PLACES + 8)
  })

  it('are kept when most hosts are silent at once: more of them would only be slower', async () => {
    using slots = new FleetSlots(PLACES)
    const inside = await crowd(slots)
    for (const slot of inside) slot.reached()
    await pass(10_000)
    expect(inside).toHaveLength(PLACES)
    inside[0]?.release()
    await settle()
    expect(inside).toHaveLength(PLACES + 1)
  })

  it('are given away by hosts that no network answers for, as far as sockets go', async () => {
    using slots = new FleetSlots(PLACES)
    const inside = await crowd(slots)
    await pass(2_500)
    expect(inside).toHaveLength(2 * PLACES)
    await pass(20_000)
    expect(inside).toHaveLength(4 * PLACES)
  })

  it('become fewer while the hosts fall silent together, and never too few to go on', async () => {
    using slots = new FleetSlots()
    const inside = await crowd(slots)
    const before = inside.length
    for (const slot of inside) slot.reached()
    await pass(20_000)
    for (const slot of inside.slice(0, before - 15)) slot.release()
    await settle()
    expect(inside).toHaveLength(before + 1)
  })
})
