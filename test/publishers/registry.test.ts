import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const FOLDER = join(import.meta.dirname, '../../src/publishers')

it('lists every publisher of the folder, so that a forgotten line fails by name', () => {
  const registry = readFileSync(join(FOLDER, 'registry.ts'), 'utf8')
  const publishers = readdirSync(FOLDER).filter((name) =>
    /export const create\w+Publisher =/.test(readFileSync(join(FOLDER, name), 'utf8')),
  )
  expect(publishers.length).toBeGreaterThan(1)
  for (const name of publishers) if (name !== 'registry.ts') expect(registry).toContain(`'./${name}'`)
})
