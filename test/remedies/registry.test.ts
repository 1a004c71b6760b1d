import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const FOLDER = join(import.meta.dirname, '../../src/remedies')
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8')

describe('the list of remedy makers', () => {
  it('names every file that makes one', () => {
    const makers = readdirSync(FOLDER).filter((name) => /^export const \w+Maker: RemedyMaker/m.test(read(name)))
    expect(makers.length).toBeGreaterThan(8)
    const list = read('registry.ts')
    for (const name of makers) expect(list, name).toContain(`'./${name}'`)
  })
})
