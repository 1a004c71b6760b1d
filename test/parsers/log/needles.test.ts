import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byNeedle } from '../../../src/parsers/log/needles.ts'

describe('entries by needle', () => {
  it('are those a search for each would find, in their order', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é', '殺', '\u{1F525}'), maxLength: 40 })
    const needle = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é', '殺'), minLength: 1, maxLength: 7 })
    fc.assert(
      fc.property(fc.array(needle, { maxLength: 30 }), text, (needles, line) => {
        expect(byNeedle(needles, (word) => word)(line)).toEqual(needles.filter((word) => line.includes(word)))
      }),
      { numRuns: 2000 },
    )
  })

  it('are found at the very beginning and end of a line', () => {
    expect(byNeedle(['Killed', 'memory'], (word) => word)('Killed for memory')).toEqual(['Killed', 'memory'])
    expect(byNeedle(['Killed'], (word) => word)('Kil')).toEqual([])
  })
})
