import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HELPER_NAMES } from '../../src/render/template.ts'

const ROOT = join(import.meta.dirname, '../..')
const page = readFileSync(join(ROOT, 'docs/templates.md'), 'utf8')

describe('docs/templates.md', () => {
  it.each(HELPER_NAMES)('names the helper %s', (name) => {
    expect(page).toMatch(new RegExp(String.raw`\{\{#?${name} `))
  })

  it('names every value that the shipped template uses at the top level', () => {
    const source = readFileSync(join(ROOT, 'templates/postmortem.md.hbs'), 'utf8')
    const used = [...source.matchAll(/\{\{#each ([a-z]\w*)/gi)]
      .map((match) => match[1]!)
      .filter((name) => !['files', 'notes', 'rows'].includes(name))
    const listed = page.slice(page.indexOf('Names at the top level'))
    expect(used.length).toBeGreaterThan(10)
    for (const name of used)
      if (!source.includes(`.${name}`)) expect(listed, name).toMatch(new RegExp(String.raw`\b${name}\b`))
  })
})
