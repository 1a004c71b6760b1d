import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatHostTime,
  formatList,
  formatOffset,
  formatUtc,
} from '../../src/render/format.ts'

const MIB = 1024 * 1024

describe('numbers for people', () => {
  it.each([
    [null, 'not stated'],
    [0, '0 bytes'],
    [1023, '1023 bytes'],
    [1536, '1.5 KiB'],
    [4 * MIB, '4 MiB'],
    [2.5 * MIB, '2.5 MiB'],
    [3911 * MIB, '3911 MiB'],
    [64 * 1024 * MIB, '64.0 GiB'],
    [-4 * MIB, '-4 MiB'],
    [Number.NaN, 'not stated'],
  ])('%s bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

  it.each([
    [null, 'not stated'],
    [-1, 'not stated'],
    [12, '12 ms'],
    [6288, '6.3 s'],
    [59_999, '60 s'],
    [60_000, '1 min'],
    [632_000, '10 min 32 s'],
    [7_500_000, '2 h 5 min'],
    [240_900_000, '2 d 18 h'],
  ])('%s ms are %s', (ms, text) => expect(formatDuration(ms)).toBe(text))

  it('times are UTC first, the host second, with its offset', () => {
    const at = Date.parse('2026-11-12T20:15:02Z')
    expect(formatUtc(at)).toBe('2026-11-12 20:15:02')
    expect(formatHostTime(at, 420)).toBe('2026-11-13 03:15:02')
    expect(formatHostTime(at, null)).toBe('not known')
    expect([formatOffset(420), formatOffset(-570), formatOffset(0), formatOffset(null)]).toEqual([
      '+07:00',
      '-09:30',
      '+00:00',
      'offset not known',
    ])
    expect(formatUtc(Number.POSITIVE_INFINITY)).toBe('not stated')
  })

  it('counts and lists read as sentences', () => {
    expect([formatCount(1, 'gap'), formatCount(0, 'gap'), formatCount(2, 'entry', 'entries')]).toEqual([
      '1 gap',
      '0 gaps',
      '2 entries',
    ])
    expect(formatList([])).toBe('none')
    expect(formatList(['a'])).toBe('a')
    expect(formatList(['a', 'b', 'c'])).toBe('a, b and c')
    expect(formatList(Array.from({ length: 10 }, (_, index) => String(index)))).toBe(
      '0, 1, 2, 3, 4, 5, 6, 7 and 2 more',
    )
  })
})
