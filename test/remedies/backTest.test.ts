import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memorySamplesOf, type MemorySample } from '../../src/domain/sample.ts'
import { backTest } from '../../src/remedies/backTest.ts'
import { healthyTime, percentileBytes } from '../../src/remedies/healthyTime.ts'
import { growthOf, theilSen } from '../../src/remedies/theilSen.ts'

const MIB = 1024 * 1024
const MINUTE_MS = 60_000

/** One life, a sample every five minutes. */
const life = (name: string, sizesMib: readonly number[], fromMinute = 0): readonly MemorySample[] =>
  sizesMib.map((size, index) => ({ atMs: (fromMinute + 5 * index) * MINUTE_MS, bytes: size * MIB, life: name }))

const range = (count: number, sizeOf: (index: number) => number): readonly number[] =>
  Array.from({ length: count }, (_, index) => sizeOf(index))

const leak = life(
  'a',
  range(72, (index) => 600 + 35 * (index / 12)),
)
const sawTooth = life(
  'a',
  range(144, (index) => 300 + 20 * (index % 12)),
)
const flat = life(
  'a',
  range(144, (index) => 185 + (index % 3)),
)

describe('leak or load', () => {
  it('calls steady growth a leak, and says how fast', () => {
    expect(growthOf(leak)).toMatchObject({ growth: 'leak', mibPerHour: 35 })
  })
  it.each([
    ['the collector', sawTooth],
    ['a flat line', flat],
    [
      'load that falls back',
      life(
        'a',
        range(144, (index) => 300 + 200 * Math.abs(Math.sin(index / 20))),
      ),
    ],
    [
      'one burst',
      life(
        'a',
        range(144, (index) => (index === 100 ? 900 : 300)),
      ),
    ],
  ])('does not take %s for a leak', (_, samples) => {
    expect(growthOf(samples).growth).toBe('flat')
  })
  it('sees a leak below the collector', () => {
    expect(
      growthOf(
        life(
          'a',
          range(144, (index) => 300 + 20 * (index % 12) + 2 * index),
        ),
      ).growth,
    ).toBe('leak')
  })
  it.each<[string, readonly MemorySample[]]>([
    ['no samples', []],
    ['one', life('a', [5])],
    [
      'too few',
      life(
        'a',
        range(29, (index) => 600 + index * 10),
      ),
    ],
    ['too short a time', range(60, (index) => index).map((n) => ({ atMs: n * 1000, bytes: n * MIB, life: 'a' }))],
    [
      'many lives, each too short',
      range(10, (index) => index).flatMap((n) =>
        life(
          `l${n}`,
          range(20, (index) => 100 + 9 * index),
          n * 100,
        ),
      ),
    ],
  ])('cannot tell from %s', (_, samples) => {
    expect(growthOf(samples)).toMatchObject({ growth: 'unknown', mibPerHour: null })
  })
  it('is not moved by a quarter of lies', () => {
    const lies = leak.map((sample, index) => (index % 5 === 0 ? { ...sample, bytes: 5000 * MIB } : sample))
    expect(theilSen(lies)).toBeGreaterThan(20)
    expect(theilSen(lies)).toBeLessThan(50)
  })
  it('takes ten thousand samples in its stride', () => {
    const many = range(10_000, (index) => index).map((n) => ({
      atMs: n * MINUTE_MS,
      bytes: (600 + n) * MIB,
      life: 'a',
    }))
    const started = performance.now()
    expect(growthOf(many)).toMatchObject({ growth: 'leak', mibPerHour: 60 })
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('a back-test', () => {
  it('of a limit well above is silent', () => {
    expect(backTest(flat, 256 * MIB)).toMatchObject({ kills: [], near: 0, throttled: null })
  })
  it('counts one kill for each climb to the limit, because the unit starts small again', () => {
    // From 0 to 1000 MiB in steps of 10, limit 300: dead at 290 + 10, again and again.
    const climb = life(
      'a',
      range(101, (index) => 10 * index),
    )
    const result = backTest(climb, 300 * MIB)
    expect(result.kills.map(({ bytes }) => bytes / MIB)).toEqual([290, 580, 870])
    expect(result).toMatchObject({ worst: { atMs: 500 * MINUTE_MS, bytes: 1000 * MIB }, marginBytes: 10 * MIB })
    expect(result.intervalMs).toBe(5 * MINUTE_MS)
  })
  it('counts what comes near, and what a lower limit would have slowed', () => {
    const samples = life('a', [...range(10, () => 500), ...range(5, () => 970), ...range(5, () => 500)])
    // The jump may have happened within one interval, so it counts on top of what was seen.
    expect(backTest(samples, 2000 * MIB, 900 * MIB)).toMatchObject({ kills: [], near: 0, throttled: 5 })
    const slow = life(
      'a',
      range(40, (index) => 900 + 2 * index),
    )
    expect(backTest(slow, 1000 * MIB).near).toBe(15)
  })
  it('gives counts a day over the days it saw, and does not stretch an hour to a day', () => {
    const peak = (index: number): number => Math.max(100, 400 - 50 * Math.abs((index % 288) - 200))
    expect(backTest(life('a', range(577, peak)), 350 * MIB)).toMatchObject({ days: 2, killsPerDay: 1 })
    expect(backTest(life('a', [100, 100, 400]), 350 * MIB).killsPerDay).toBe(1)
  })
  it('of nothing says nothing', () => {
    expect(backTest([], 1)).toMatchObject({ kills: [], near: 0, worst: null, days: 0, sampleCount: 0 })
  })
  it('never finds more kills with a higher limit, whatever the samples', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(5000), { maxLength: 60 }),
        fc.integer({ min: 1, max: 5000 }),
        fc.nat(5000),
        (sizes, limit, more) => {
          const samples = life('a', sizes)
          const result = backTest(samples, limit * MIB)
          expect(result.kills.length + result.near).toBeLessThanOrEqual(samples.length)
          if (result.kills.length === 0) expect(backTest(samples, (limit + more) * MIB).kills).toEqual([])
        },
      ),
    )
  })
})

describe('healthy time', () => {
  it('leaves out the start of a life, and the climb from which it did not come back', () => {
    const samples = [
      ...life(
        'a',
        range(20, (index) => index),
      ),
      ...life(
        'b',
        range(20, (index) => index % 10),
        200,
      ),
    ]
    const healthy = healthyTime(samples, 'flat')
    expect(healthy.filter((sample) => sample.life === 'a').map((sample) => sample.bytes / MIB)).toEqual(
      range(9, (index) => index + 2),
    )
    expect(healthy.findLast((sample) => sample.life === 'b')).toBe(samples.at(-6))
    expect(percentileBytes(healthy, 1)).toBe(10 * MIB)
  })
  it('of a leak is what came before it', () => {
    expect(percentileBytes(healthyTime(leak, 'leak'), 1)).toBeLessThan(660 * MIB)
  })
  it('of nothing is nothing', () => {
    expect(healthyTime([], 'leak')).toEqual([])
    expect(percentileBytes([], 0.95)).toBeNull()
  })
})

describe("a unit's samples", () => {
  const at = (minute: number, bootId: string, bytes: number | null, pids: readonly number[]) => ({
    atMs: minute * MINUTE_MS,
    bootId,
    values: bytes === null ? { 'memory-available': 1 } : { 'unit-memory:a.service': bytes, 'unit-memory:b.service': 9 },
    pids: { 'a.service': pids },
  })
  it('are cut where no process lived on, and at a reboot', () => {
    const found = memorySamplesOf('a.service', [
      at(3, 'x', 30, [2]),
      at(1, 'x', 10, [1]),
      at(2, 'x', 20, [1, 2]),
      at(4, 'x', 5, [7]),
      at(5, 'x', null, []),
      at(6, 'y', 6, [7]),
    ])
    expect(found.map((sample) => [sample.bytes, sample.life])).toEqual([
      [10, '0'],
      [20, '0'],
      [30, '0'],
      [5, '1'],
      [6, '2'],
    ])
  })
  it('of another unit are none', () => expect(memorySamplesOf('c.service', [at(1, 'x', 1, [])])).toEqual([]))
})
