import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Moments } from '../../src/rules/moments.ts'
import { isNear, type Placed } from '../../src/rules/nearness.ts'

const placed = fc
  .record({
    evidence: fc.constantFrom('E1' as const, 'E2' as const),
    atMs: fc.option(fc.integer({ min: -3000, max: 30_000 })),
    bootSeconds: fc.option(fc.integer({ min: 0, max: 30 })),
    atText: fc.constantFrom(null, 'Nov 12 09:15:02', 'Nov 12 09:15:04', '2026-11-12 09:15:03', '2026-11-12 09:15:09'),
    line: fc.option(fc.integer({ min: 1, max: 900 })),
  })
  .map(({ evidence, atMs, atText, bootSeconds, line }): Placed => ({
    evidence,
    time: { atMs, atText, bootSeconds },
    cited: line === null ? [] : [{ line, text: '' }],
  }))

describe('moments of many things', () => {
  it('are near when a look at each says so', () => {
    fc.assert(
      fc.property(fc.array(placed, { maxLength: 12 }), placed, fc.constantFrom(1000, 5000), (things, one, withinMs) => {
        const moments = new Moments(withinMs)
        for (const thing of things) moments.add(thing)
        expect(moments.hasNear(one)).toBe(things.some((thing) => isNear(thing, one, withinMs)))
      }),
      { numRuns: 5000 },
    )
  })
})
