import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sharedTables } from '../../../src/parsers/log/needles.ts'

describe('entries by needle', () => {
  it('are those a search for each would find, in their order', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é', '殺', '\u{1F525}'), maxLength: 40 })
    const needle = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é', '殺'), minLength: 1, maxLength: 7 })
    fc.assert(
      fc.property(fc.array(needle, { maxLength: 30 }), text, (needles, line) => {
        expect(sharedTables()(needles, (word) => word)(line)).toEqual(needles.filter((word) => line.includes(word)))
      }),
      { numRuns: 2000 },
    )
  })

  it("are each table's own, whoever asked about the line before", () => {
    const table = sharedTables()
    const one = table(['Killed', 'memory', 'kB'], (word) => word)
    const other = table(['memory'], (word) => word)
    expect(one('no memory, 4 kB')).toEqual(['memory', 'kB'])
    expect(other('no memory, 4 kB')).toEqual(['memory'])
    expect(other('Killed')).toEqual([])
    expect(one('Killed')).toEqual(['Killed'])
  })

  it('are found at the very beginning and end of a line', () => {
    expect(sharedTables()(['Killed', 'memory'], (word) => word)('Killed for memory')).toEqual(['Killed', 'memory'])
    expect(sharedTables()(['Killed'], (word) => word)('Kil')).toEqual([])
  })
})
