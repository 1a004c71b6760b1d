import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { exportBundle, importBundle } from '../../src/app/bundle.ts'
import { hashOf } from '../../src/app/hash.ts'
import type { Bundle } from '../../src/domain/run.ts'
import { aRun, someEvidence } from '../contracts/store.ts'

const evidence = [someEvidence(1), someEvidence(2, 'two')]
const bundle: Bundle = {
  schema: 'medic.bundle/1',
  run: aRun(),
  medicVersion: '1',
  evidence,
  evidenceHash: hashOf(evidence),
}

describe('a bundle', () => {
  it.each([true, false])('comes back as it was, compressed: %s', (compressed) => {
    const bytes = exportBundle(bundle, compressed)
    expect(importBundle(bytes, 'x')).toEqual(bundle)
    expect(exportBundle(importBundle(bytes, 'x'), compressed).equals(bytes)).toBe(true)
  })

  it('is refused when its evidence was changed', () => {
    const text = exportBundle(bundle, false).toString().replace('two', 'owt')
    expect(() => importBundle(Buffer.from(text), 'b.json')).toThrow('b.json: the evidence was changed')
  })

  it.each([
    ['no JSON', 'hello'],
    ['another schema', JSON.stringify({ ...bundle, schema: 'medic.bundle/2' })],
    ['unknown keys', JSON.stringify({ ...bundle, extra: 1 })],
    ['a hostile id', JSON.stringify({ ...bundle, run: aRun({ id: '../../etc/passwd' }) })],
    ['a missing field', JSON.stringify({ schema: 'medic.bundle/1' })],
  ])('is refused in one line when it has %s', (_what, text) => {
    expect(() => importBundle(Buffer.from(text), 'b.json')).toThrow(/^b\.json: not a bundle: [^\n]+$/)
  })

  it('does not unpack without end', () => {
    const bomb = gzipSync(Buffer.alloc(300 * 1024 * 1024))
    expect(() => importBundle(bomb, 'bomb.json.gz')).toThrow('not a bundle')
  })
})
