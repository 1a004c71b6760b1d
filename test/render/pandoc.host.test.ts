// needs: pandoc
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { structureByMarked, structureByPandoc } from './structure.ts'

const sample = (name: string): string =>
  readFileSync(join(import.meta.dirname, `samples/postmortem-${name}.md`), 'utf8')

const pandoc = (markdown: string, from: string): unknown =>
  JSON.parse(
    execFileSync('pandoc', ['-f', from, '-t', 'json'], { input: markdown, maxBuffer: 64 * 1024 * 1024 }).toString(),
  )

describe.each(['empty', 'full', 'hostile'])('the %s page', (name) => {
  // gitit and many others read pandoc's own Markdown; forges read GFM.
  it.each(['markdown', 'gfm'])('is built the same by marked and by pandoc as %s', (from) => {
    const markdown = sample(name)
    const structure = structureByMarked(markdown)
    expect(structure.filter((line) => line.startsWith('heading')).length).toBeGreaterThan(10)
    expect(structureByPandoc(pandoc(markdown, from))).toEqual(structure)
  })
})

it('would notice a table that touches a mark', () => {
  const broken = 'Text\n| a | b |\n|---|---|\n| 1 | 2 |\n'
  expect(structureByPandoc(pandoc(broken, 'markdown'))).not.toEqual(structureByMarked(broken))
})
