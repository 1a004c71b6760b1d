import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../src/cli/registry.ts'
import { ENVIRONMENT } from '../src/config.ts'
import { envText } from '../src/cli/commands/init.ts'
import { PARSERS } from '../src/parsers/registry.ts'
import { RULES } from '../src/rules/registry.ts'

const ROOT = join(import.meta.dirname, '..')
const sources = (folder: string): string[] =>
  readdirSync(join(ROOT, 'src', folder)).filter((name) => name.endsWith('.ts'))

/** Files of a folder that define a thing of the collection, by what they export. */
const exporting = (folder: string, pattern: RegExp): string[] =>
  sources(folder).filter((name) => pattern.test(readFileSync(join(ROOT, 'src', folder, name), 'utf8')))

describe('each registry lists its whole folder, so that a forgotten line fails by name', () => {
  it('parsers', () => {
    const registry = readFileSync(join(ROOT, 'src/parsers/registry.ts'), 'utf8')
    for (const file of exporting('parsers', /export const \w+Parser: Parser</))
      expect(registry).toContain(`'./${file}'`)
    expect(new Set(PARSERS.map((parser) => parser.id)).size).toBe(PARSERS.length)
  })

  it('rules', () => {
    const registry = readFileSync(join(ROOT, 'src/rules/registry.ts'), 'utf8')
    for (const file of exporting('rules', /export const \w+: Rule\b/)) expect(registry).toContain(`'./${file}'`)
    expect(new Set(RULES.map((rule) => rule.id)).size).toBe(RULES.length)
  })

  it('remedies', () => {
    const registry = readFileSync(join(ROOT, 'src/remedies/registry.ts'), 'utf8')
    for (const file of exporting('remedies', /export const \w+: RemedyMaker\b/))
      expect(registry).toContain(`'./${file}'`)
  })

  it('commands', () => {
    expect(COMMANDS.map((entry) => `${entry.name}.ts`).toSorted()).toEqual(sources('cli/commands').toSorted())
  })
})

describe('the environment', () => {
  it('is explained, whole, in .env.example', () => {
    expect(readFileSync(join(ROOT, '.env.example'), 'utf8')).toBe(envText())
  })

  it('is read in config.ts alone, and every variable read there is declared', () => {
    const config = readFileSync(join(ROOT, 'src/config.ts'), 'utf8')
    const read = [...config.matchAll(/env\['(MEDIC_\w+|SLACK_\w+|DATABASE_URL|LOG_LEVEL)'\]/g)].map((match) => match[1])
    for (const name of read) {
      if (name !== 'MEDIC_LAB_CACHE') expect(Object.keys(ENVIRONMENT)).toContain(name)
    }
  })
})
