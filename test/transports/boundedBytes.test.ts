import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BoundedBytes } from '../../src/transports/boundedBytes.ts'

const keep = (limit: { bytes: number; keep: 'head' | 'tail' | 'both' }, ...chunks: (string | Uint8Array)[]) => {
  const kept = new BoundedBytes(limit)
  for (const chunk of chunks) kept.push(Buffer.from(chunk as string))
  return kept.finish()
}

describe('bounded bytes', () => {
  it('keep a short output as it is, in however many pieces it came', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 50 })),
        fc.constantFrom('head' as const, 'tail' as const, 'both' as const),
        (chunks, end) => {
          const whole = Buffer.concat(chunks)
          const kept = keep({ bytes: whole.length, keep: end }, ...chunks)
          expect(kept).toEqual({ text: whole.toString('utf8'), droppedBytes: 0 })
        },
      ),
    )
  })

  it('never keep more than the limit and count the rest', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 40 })),
        fc.nat(60),
        fc.constantFrom('head' as const, 'tail' as const),
        (chunks, bytes, end) => {
          const whole = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)))
          const { text, droppedBytes } = keep({ bytes, keep: end }, ...chunks)
          const kept = Buffer.from(text).length
          expect(kept).toBeLessThanOrEqual(bytes)
          expect(kept + droppedBytes).toBe(whole.length)
          expect(end === 'head' ? whole.toString().startsWith(text) : whole.toString().endsWith(text)).toBe(true)
        },
      ),
    )
  })

  it('cut between two lines', () => {
    const text = 'MemFree: 99123 kB\nCached: 5 kB\nBuffers: 77 kB\n'
    expect(keep({ bytes: 40, keep: 'head' }, text).text).toBe('MemFree: 99123 kB\nCached: 5 kB\n')
    expect(keep({ bytes: 40, keep: 'tail' }, text).text).toBe('Cached: 5 kB\nBuffers: 77 kB\n')
  })

  it('show the seam between two ends', () => {
    const { text, droppedBytes } = keep({ bytes: 20, keep: 'both' }, 'first\n', 'x'.repeat(500), '\nlast\n')
    expect(text).toBe('first\n\n[… 501 bytes left out …]\nlast\n')
    expect(droppedBytes).toBe(501)
  })

  it('do not cut a character in two when there is no line end', () => {
    expect(keep({ bytes: 4, keep: 'head' }, 'ääää').text).toBe('ää')
    expect(keep({ bytes: 5, keep: 'head' }, 'ääää').text).toBe('ää')
    expect(keep({ bytes: 5, keep: 'tail' }, 'ääää').text).toBe('ää')
    expect(keep({ bytes: 6, keep: 'tail' }, 'a😀😀').text).toBe('😀')
  })

  it('keep nothing under a limit of nothing', () => {
    expect(keep({ bytes: 0, keep: 'tail' }, 'abc')).toEqual({ text: '', droppedBytes: 3 })
  })
})
