import { describe, expect, it } from 'vitest'
import { expandGlob, matchesGlob } from '../../src/transports/globPath.ts'

const TREE: Record<string, string[]> = {
  '/proc': ['10', '9', 'self', '.hidden'],
  '/proc/9': ['status', 'stat'],
  '/proc/10': ['status'],
  '/proc/self': ['status'],
}
const list = async (folder: string): Promise<string[]> => {
  const names = TREE[folder]
  if (names === undefined) throw new Error('no such folder')
  return names
}

describe('a glob', () => {
  it('finds names in any part, numbers in order, hidden ones not', async () => {
    expect(await expandGlob('/proc/*/status', list)).toEqual(['/proc/9/status', '/proc/10/status', '/proc/self/status'])
    expect(await expandGlob('/proc/*/stat*', list)).toEqual([
      '/proc/9/stat',
      '/proc/9/status',
      '/proc/10/status',
      '/proc/self/status',
    ])
  })

  it('finds nothing in a folder that is not there', async () => {
    expect(await expandGlob('/nowhere/*', list)).toEqual([])
  })

  it.each([
    ['/a/*.conf', '/a/x.conf', true],
    ['/a/*.conf', '/a/x.conf.d', false],
    ['/a/*.conf', '/a/b/x.conf', false],
    ['/a/*b*c', '/a/xbxbxc', true],
    ['/a/.*', '/a/.b', true],
    ['/a/*', '/a/..', false],
    ['/a+(b)/*', '/aab/x', false],
  ])('%s and %s: %s', (pattern, path, expected) => {
    expect(matchesGlob(pattern, path)).toBe(expected)
  })

  it('takes no time over a hostile name', () => {
    const startedAt = performance.now()
    expect(matchesGlob(`/${'*a'.repeat(50)}b`, `/${'a'.repeat(20_000)}`)).toBe(false)
    expect(performance.now() - startedAt).toBeLessThan(1000)
  })
})
