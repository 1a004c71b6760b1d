import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findScenario, SCENARIOS } from './registry.ts'

const definedIds = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .flatMap((name) => [...readFileSync(join(import.meta.dirname, name), 'utf8').matchAll(/^ {2}id: '(.+)',$/gm)])
  .map((match) => match[1])

describe('the list of scenarios', () => {
  it('names every scenario of its folder once', () => {
    expect(SCENARIOS.map(({ id }) => id).toSorted()).toEqual(definedIds.toSorted((a = '', b = '') => (a < b ? -1 : 1)))
  })

  it('tells the names when one is unknown', () => {
    expect(() => findScenario('worker_oom')).toThrow(
      /unknown scenario "worker_oom", expected one of: healthy, worker-oom/,
    )
  })
})
