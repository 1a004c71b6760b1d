import { describe, expect, it } from 'vitest'
import { deltasOf, snapshotsAfter } from '../../../src/app/digest/digestDelta.ts'
import { DEFAULT_THRESHOLDS, isCleared, levelOf, thresholdsWith } from '../../../src/app/digest/digestThresholds.ts'
import { relaxed } from '../../../src/app/digest/digestDisks.ts'
import type { CheckId, CheckReading, Snapshot } from '../../../src/domain/snapshot.ts'

const HOUR_MS = 3_600_000

/** A reading of a check by its value, compared with the shipped threshold. */
const reading = (check: CheckId, value: number, object = 'host'): CheckReading => {
  const threshold = DEFAULT_THRESHOLDS[check]
  return {
    check,
    object,
    badness: value,
    level: levelOf(value, threshold),
    isClear: isCleared(value, threshold),
    text: `${value}`,
    threshold: '',
  }
}

/** States of one check over several nights; `null` is a night without an answer, `'gone'` one without the object. */
const nights = (check: CheckId, values: readonly (number | null | 'gone')[]): readonly string[] => {
  let before: readonly Snapshot[] = []
  return values.map((value, night) => {
    const deltas = deltasOf({
      before,
      readings: typeof value === 'number' ? [reading(check, value)] : [],
      seen: value === null ? new Set() : new Set([check]),
      atMs: night * 24 * HOUR_MS,
    })
    // A host that did not answer keeps what is remembered of it.
    if (value !== null) before = snapshotsAfter(deltas)
    const [delta] = deltas
    return delta === undefined ? '-' : `${delta.state} ${delta.snapshot.level}`
  })
}

describe('what became of a check since the digest before', () => {
  it.each<[string, CheckId, readonly (number | null | 'gone')[], readonly string[]]>([
    ['is nothing while all is fine', 'disk-used', [50, 60], ['-', '-']],
    [
      'is new, the same, worse, better, resolved',
      'disk-used',
      [85, 86, 95, 85, 50],
      ['new warn', 'same warn', 'worse critical', 'better warn', 'resolved ok'],
    ],
    [
      'stays open between the firing and the clearing value',
      'memory-available',
      [8, 12, 14.9, 15],
      ['new warn', 'same warn', 'same warn', 'resolved ok'],
    ],
    [
      'stays open at the lower level there',
      'unit-memory',
      [99, 85, 79],
      ['new critical', 'better warn', 'resolved ok'],
    ],
    ['is not opened there', 'unit-memory', [85, 89], ['-', '-']],
    [
      'is stale while the host does not answer, and goes on afterwards',
      'disk-used',
      [85, null, null, 86],
      ['new warn', 'stale warn', 'stale warn', 'same warn'],
    ],
    ['is resolved when the object is gone', 'failed-unit', [1, 'gone', 'gone'], ['new warn', 'resolved ok', '-']],
    [
      'is news every time for what is counted',
      'oom-kills',
      [1, 1, 2, 'gone'],
      ['new warn', 'new warn', 'new critical', 'resolved ok'],
    ],
  ])('%s', (_title, check, values, states) => {
    expect(nights(check, values)).toEqual(states)
  })

  it('keeps the time it began at', () => {
    const first = deltasOf({ before: [], readings: [reading('load', 3)], seen: new Set(['load']), atMs: 1 })
    const next = deltasOf({
      before: snapshotsAfter(first),
      readings: [reading('load', 6)],
      seen: new Set(['load']),
      atMs: 2,
    })
    expect(next[0]?.snapshot).toMatchObject({ sinceMs: 1, seenAtMs: 2, level: 'critical' })
  })

  it('tells objects of one check apart', () => {
    const seen: ReadonlySet<CheckId> = new Set(['disk-used'])
    const before = snapshotsAfter(
      deltasOf({
        before: [],
        readings: [reading('disk-used', 85, '/'), reading('disk-used', 95, '/srv')],
        seen,
        atMs: 1,
      }),
    )
    const deltas = deltasOf({ before, readings: [reading('disk-used', 95, '/')], seen, atMs: 2 })
    expect(deltas.map(({ state, snapshot }) => `${snapshot.object} ${state}`)).toEqual(['/ worse', '/srv resolved'])
  })
})

describe('thresholds', () => {
  it('of medic.yaml replace the shipped ones, and the clearing value moves with them', () => {
    const { 'disk-used': disk, load } = thresholdsWith({ 'disk-used': { warn: 70 } })
    expect(disk).toMatchObject({ warn: 70, critical: 90, clear: 68 })
    expect(load).toEqual(DEFAULT_THRESHOLDS.load)
  })

  it('clear on the good side of where they fire', () => {
    for (const [check, { direction, warn, clear }] of Object.entries(DEFAULT_THRESHOLDS))
      expect(direction === 'above' ? clear <= warn : clear >= warn, check).toBe(true)
  })

  it('of disks move towards full on large ones and stay on small ones', () => {
    const disk = DEFAULT_THRESHOLDS['disk-used']
    expect(relaxed(disk, 10 * 1024 ** 3)).toEqual(disk)
    expect(relaxed(disk, null)).toEqual(disk)
    expect(relaxed(disk, 1024 ** 4).warn).toBeGreaterThan(90)
    expect(relaxed(disk, 1024 ** 4).critical).toBeLessThan(100)
  })
})
