import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameReader, frameProblem, quote, stepsScript } from '../../src/transports/frame.ts'
import { command } from '../support/commands.ts'

const A = 'a'.repeat(32)
const B = 'b'.repeat(32)

const readInPieces = (bytes: Buffer, cuts: readonly number[]) => {
  const reader = new FrameReader()
  const seen = [A, B].map((mark) => {
    const frame = { data: '', marks: [] as string[] }
    reader.expect(mark, {
      onData: (chunk) => (frame.data += chunk.toString('latin1')),
      onMark: ({ kind, fields }) => frame.marks.push([kind, ...fields].join(':')),
    })
    return frame
  })
  let from = 0
  for (const cut of [...cuts].sort((one, other) => one - other)) {
    reader.push(bytes.subarray(from, cut))
    from = Math.max(from, cut)
  }
  reader.push(bytes.subarray(from))
  reader.finish()
  return seen
}

describe('a frame', () => {
  it('is found wherever the stream is cut, and whatever the step printed', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.uint8Array(), fc.uint8Array(), fc.uint8Array(), fc.uint8Array()),
        fc.array(fc.nat(400), { maxLength: 20 }),
        ([noise, first, between, second], cuts) => {
          const bytes = Buffer.concat([
            noise,
            Buffer.from(`${A}:s:12.50;${A}:b:;`),
            first,
            Buffer.from(`${A}:e:3:13.75;`),
            between,
            Buffer.from(`${B}:s:;${B}:b:;`),
            second,
            Buffer.from(`${B}:e:0:;`),
            noise,
          ])
          const [a, b] = readInPieces(
            bytes,
            cuts.map((cut) => Math.min(cut, bytes.length)),
          )
          expect(a).toEqual({
            data: Buffer.from(first).toString('latin1'),
            marks: ['start:12.50', 'begin:', 'end:3:13.75'],
          })
          expect(b).toEqual({ data: Buffer.from(second).toString('latin1'), marks: ['start:', 'begin:', 'end:0:'] })
        },
      ),
    )
  })

  it('keeps what was held back when the stream ends in the middle', () => {
    const [a] = readInPieces(Buffer.from(`${A}:s:1;${A}:b:;partial aaaa`), [])
    expect(a!.data).toBe('partial aaaa')
  })

  it('takes a mark without known meaning for output', () => {
    const [a] = readInPieces(Buffer.from(`${A}:s:1;${A}:x:;${A}:${'y'.repeat(100)}${A}:e:0:2;`), [])
    expect(a!.data).toBe(`${A}:x:;${A}:${'y'.repeat(100)}`)
  })
})

describe('a value', () => {
  it('stays one quoted word', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const inner = quote(text).slice(1, -1).split(`'\\''`)
        expect(quote(text).at(0)).toBe("'")
        expect(inner.every((part) => !part.includes("'"))).toBe(true)
        expect(inner.join("'")).toBe(text)
      }),
    )
  })

  it.each([
    [{ env: { lower: '1' } }, 'must match'],
    [{ env: { 'A B': '1' } }, 'must match'],
    [{ env: { LD_PRELOAD: '/tmp/x.so' } }, 'reserved'],
    [{ env: { IFS: ' ' } }, 'reserved'],
    [{ env: { UNIT: 'a\0b' } }, 'NUL'],
    [{ script: 'echo \0' }, 'NUL'],
  ])('%j is refused', (changes, reason) => {
    expect(frameProblem(command('a', 'true', changes as never))).toContain(reason)
  })

  it('of an ordinary step is fine', () => {
    expect(frameProblem(command('a', 'true', { env: { UNIT: 'x.service', SINCE_2: '' } }))).toBeNull()
  })
})

describe('the script of a step', () => {
  it('asks sudo never to ask', () => {
    expect(stepsScript([{ command: command('a', 'dmesg', { sudo: true }), mark: A }])).toContain('sudo -n -- env ')
  })

  it('rounds the limit up to whole seconds', () => {
    expect(stepsScript([{ command: command('a', 'true', { timeoutMs: 1500 }), mark: A }])).toContain(
      'exec $MEDIC_T 2 /bin/sh',
    )
  })
})
