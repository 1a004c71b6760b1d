import { describe, expect, it } from 'vitest'
import { containerKey, isSameContainer } from '../../src/rules/sameContainer.ts'

const ID = '8d37d9dd1fbe22a4e1ef2a6f5b1fbc9b8b6f2b0f2c3e4d5a6b7c8d9e0f1a2b3c'

describe('words for one container', () => {
  it.each([
    ['web', 'web', true],
    ['web', 'web-2', false],
    [ID, ID.slice(0, 12), true],
    [ID.slice(0, 13), ID.slice(0, 12), true],
    [ID, '8d37', false],
    ['8d37d9dd1fbf', ID, false],
  ])('%s and %s: %s', (one, other, isSame) => {
    expect(isSameContainer(one, other)).toBe(isSame)
    expect(isSameContainer(other, one)).toBe(isSame)
    if (isSame) expect(containerKey(one)).toBe(containerKey(other))
  })
})
