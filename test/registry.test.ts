import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../src/cli/registry.ts'
import { ENVIRONMENT } from '../src/settings/environment.ts'
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

  it('is asked for our own variables in settings/ alone, and every one read there is declared', () => {
    const read = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        [...readFileSync(join(ROOT, 'src', file), 'utf8').matchAll(/env\['((?:MEDIC|SLACK|DATABASE)_\w+)'\]/g)].map(
          ([, variable]) => ({ room: file.split('/')[0], variable }),
        ),
      )
    expect([...new Set(read.map(({ room }) => room))]).toEqual(['settings'])
    const undeclared = read.filter(({ variable }) => !(String(variable) in ENVIRONMENT))
    expect([...new Set(undeclared.map(({ variable }) => variable))]).toEqual(['MEDIC_LAB_CACHE'])
  })
})
