import { assert, jsonValue, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/domain/canonicalJson.ts'

describe('canonical JSON', () => {
  it('does not depend on the order in which members were set', () => {
    expect(canonicalJson({ b: [1, { d: 2, c: null }], a: 'x' })).toBe('{"a":"x","b":[1,{"c":null,"d":2}]}')
    expect(canonicalJson({ a: 1, b: undefined })).toBe('{"a":1}')
  })

  it('keeps a member named __proto__ a member, and gives the same bytes when read back', () => {
    const hostile: unknown = JSON.parse('{"__proto__":{"admin":true},"a":1}')
    expect(canonicalJson(hostile)).toBe('{"__proto__":{"admin":true},"a":1}')
    assert(
      property(jsonValue(), (value) => {
        const once = canonicalJson(value)
        expect(canonicalJson(JSON.parse(once))).toBe(once)
      }),
    )
  })
})
