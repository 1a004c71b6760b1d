import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeRegions } from '../../src/domain/mergeRegions.ts'
import { findRegions, regionHash, rewriteRegions, wrapRegion } from '../../src/domain/region.ts'

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
const page = (...parts: readonly string[]): string => `${parts.join('\n\n')}\n`
const region = (name: string, body: string): string => wrapRegion(name, body, hash)
const told = (before: string, draft: string) =>
  Object.fromEntries(mergeRegions(before, draft, hash).regions.map(({ name, outcome }) => [name, outcome]))

describe('merging a draft into a page', () => {
  it('replaces what nobody touched and nothing else', () => {
    const before = page('# Mine', region('a', 'one'), 'between\t ', region('b', 'two'))
    const merged = mergeRegions(before, page(region('a', 'ONE'), region('b', 'two')), hash)
    expect(merged.text).toBe(page('# Mine', region('a', 'ONE'), 'between\t ', region('b', 'two')))
    expect(told(before, page(region('a', 'ONE'), region('b', 'two')))).toEqual({ a: 'written', b: 'unchanged' })
  })

  it.each([
    ['an edited word', (text: string) => text.replace('one', 'won')],
    ['an emptied region', (text: string) => text.replace('one', '')],
    ['a line added at its end', (text: string) => text.replace('one', 'one\n\nand more')],
  ])('keeps %s', (_what, edit) => {
    const before = edit(page(region('a', 'one')))
    expect(mergeRegions(before, page(region('a', 'two')), hash)).toEqual({
      text: before,
      regions: [{ name: 'a', outcome: 'kept' }],
    })
  })

  it.each([
    ['the whole region is gone', () => 'Nothing left.\n'],
    ['its closing mark is gone', (text: string) => text.replace('<!-- /auto:a -->', '')],
    ['its opening mark is spoiled', (text: string) => text.replace('auto:a ', 'auto:a  ')],
  ])('writes nothing when %s', (_what, edit) => {
    const before = edit(page(region('a', 'one')))
    expect(mergeRegions(before, page(region('a', 'two')), hash).text).toBe(before)
    expect(told(before, page(region('a', 'two')))).toEqual({ a: 'removed' })
  })

  it('follows a region that was moved, and leaves a copy of it to its maker', () => {
    const before = page(region('b', 'two'), region('a', 'one'), 'a copy:', region('a', 'one'))
    expect(mergeRegions(before, page(region('a', 'ONE'), region('b', 'two')), hash).text).toBe(
      page(region('b', 'two'), region('a', 'ONE'), 'a copy:', region('a', 'one')),
    )
  })

  it('takes a text that already says the same for unchanged, whatever its mark says', () => {
    const before = page(region('a', 'one')).replace(/[0-9a-f]{12}/, '000000000000')
    expect(told(before, page(region('a', 'one')))).toEqual({ a: 'unchanged' })
  })

  it('never moves a byte outside of regions, and is done after once', () => {
    const line = fc.constantFrom(
      '',
      'text',
      '<!-- auto:a 000000000000 -->',
      '<!-- /auto:a -->',
      '```',
      '| a | b |',
      '\r',
      region('a', 'one'),
      region('b', 'two'),
      region('b', 'two').replaceAll('\n', '\r\n'),
    )
    fc.assert(
      fc.property(fc.array(line), fc.string(), fc.string(), (lines, one, two) => {
        const before = lines.join('\n')
        const draft = page(region('a', one), region('b', two))
        const { text, regions } = mergeRegions(before, draft, hash)
        const outside = (markdown: string): string => {
          let rest = ''
          let from = 0
          for (const { start, end } of findRegions(markdown)) {
            rest += `${markdown.slice(from, start)}\u0000`
            from = end
          }
          return rest + markdown.slice(from)
        }
        if (regions.every(({ outcome }) => outcome !== 'written')) expect(text).toBe(before)
        else expect(outside(text)).toBe(outside(before))
        expect(mergeRegions(text, draft, hash).text).toBe(text)
      }),
    )
  })
})

it('a region that is rewritten gets the hash of what it says', () => {
  const text = rewriteRegions(page(region('a', 'one'), region('b', 'two')), hash, ({ name }) =>
    name === 'a' ? 'ONE' : null,
  )
  expect(text).toBe(page(region('a', 'ONE'), region('b', 'two')))
  for (const { body, hash: marked } of findRegions(text)) expect(marked).toBe(regionHash(body, hash))
})
