import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

/**
 * The rule of the house, stated once: which room may use which. A room's own files are always allowed.
 * `contract` rooms may be imported for their contract file only (transport.ts, store.ts, …), not for an implementation.
 */
const ROOMS: Record<string, { uses: string[]; contracts?: string[]; pure?: boolean }> = {
  domain: { uses: [], pure: true },
  parsers: { uses: ['domain'], pure: true },
  rules: { uses: ['domain', 'parsers'], pure: true },
  remedies: { uses: ['domain', 'parsers'], pure: true },
  redaction: { uses: ['domain'], pure: true },
  render: { uses: ['domain', 'parsers', 'rules', 'remedies'], pure: true },
  transports: { uses: ['domain'] },
  store: { uses: ['domain'] },
  jobs: { uses: ['domain'], contracts: ['store'] },
  publishers: { uses: ['domain'] },
  runbook: { uses: ['domain', 'parsers', 'rules', 'redaction'], contracts: ['transports'] },
  settings: { uses: ['domain', 'publishers'] },
  app: {
    uses: ['domain', 'settings', 'parsers', 'rules', 'remedies', 'redaction', 'render', 'runbook'],
    contracts: ['transports', 'store', 'jobs', 'publishers'],
  },
  slack: { uses: ['domain', 'settings', 'app', 'render'], contracts: ['store'] },
  cli: {
    uses: ['domain', 'settings', 'app', 'render', 'runbook', 'redaction', 'slack'],
    contracts: ['store', 'transports', 'publishers'],
  },
}

const CONTRACT_FILE: Record<string, string> = {
  transports: 'transport.ts',
  store: 'store.ts',
  jobs: 'job.ts',
  publishers: 'publisher.ts',
}

const SRC = join(import.meta.dirname, '..', 'src')

const sourceFiles = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))

const importsOf = (path: string): string[] =>
  [...readFileSync(join(SRC, path), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!)

/** What is wrong with one import, or null. Exported shape kept tiny so that the rule itself can be tested below. */
const complaint = (file: string, specifier: string): string | null => {
  const room = file.includes('/') ? file.split('/')[0]! : 'top'
  if (room === 'top') return null
  const rules = ROOMS[room]
  if (rules === undefined) return `${file}: the folder src/${room} is not in the plan`
  if (!specifier.startsWith('.')) {
    return rules.pure === true && specifier.startsWith('node:') ? `${file}: a pure room imports ${specifier}` : null
  }
  const target = relative(SRC, join(SRC, file, '..', specifier))
  if (target.startsWith('..'))
    return target === '../package.json' ? null : `${file}: imports ${target} from outside src`
  const targetRoom = target.includes('/') ? target.split('/')[0]! : 'top'
  if (targetRoom === room) return null
  if (targetRoom === 'top') {
    if (['slack', 'cli', 'app'].includes(room)) return null
    return `${file}: only the doors and app may import src/${target}`
  }
  if (rules.uses.includes(targetRoom)) return null
  if (rules.contracts?.includes(targetRoom) === true) {
    return target === `${targetRoom}/${CONTRACT_FILE[targetRoom]}`
      ? null
      : `${file}: may import the contract of ${targetRoom} only, not ${target}`
  }
  return `${file}: ${room} may not import ${target}`
}

/** Each place from which a way leads back to it, with one such way. */
const circlesOf = (places: readonly string[], waysFrom: (place: string) => readonly string[]): readonly string[] => {
  const done = new Set<string>()
  const circles: string[] = []
  const walk = (place: string, way: readonly string[]): void => {
    const at = way.indexOf(place)
    if (at !== -1) circles.push([...way.slice(at), place].join(' -> '))
    if (at !== -1 || done.has(place)) return
    for (const next of waysFrom(place)) walk(next, [...way, place])
    done.add(place)
  }
  for (const place of places) walk(place, [])
  return circles
}

describe('imports run one way', () => {
  const targetsOf = (file: string): readonly string[] =>
    importsOf(file)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => relative(SRC, join(SRC, file, '..', specifier)))

  it('no file leads back to itself, not even by a type', () => {
    expect(circlesOf(sourceFiles, targetsOf)).toEqual([])
  })

  it('no two folders of the use cases, of the Slack door or of the log reading use each other', () => {
    const INNER = /^(?:app|slack|parsers\/log)\/.+\//
    const folders = new Map<string, Set<string>>()
    for (const file of sourceFiles.filter((path) => INNER.test(path))) {
      const used = folders.get(dirname(file)) ?? new Set()
      folders.set(dirname(file), used)
      for (const target of targetsOf(file)) if (INNER.test(target)) used.add(dirname(target))
    }
    for (const [folder, used] of folders) used.delete(folder)
    expect(circlesOf([...folders.keys()], (folder) => [...(folders.get(folder) ?? [])])).toEqual([])
  })

  it.each(sourceFiles)('%s keeps to its room', (file) => {
    expect(
      importsOf(file)
        .map((specifier) => complaint(file, specifier))
        .filter((text) => text !== null),
    ).toEqual([])
  })

  it('would fail on a wrong import', () => {
    expect(complaint('domain/host.ts', '../parsers/parser.ts')).toContain('domain may not import')
    expect(complaint('rules/a.ts', 'node:fs')).toContain('pure room')
    expect(complaint('app/triage.ts', '../store/sqlite.ts')).toContain('contract')
    expect(complaint('app/triage.ts', '../store/store.ts')).toBeNull()
    expect(complaint('rules/a.ts', '../parsers/parser.ts')).toBeNull()
    const ways: Record<string, string[]> = { a: ['b'], b: ['c'], c: ['b', 'd'], d: [] }
    expect(circlesOf(Object.keys(ways), (place) => ways[place] ?? [])).toEqual(['b -> c -> b'])
  })
})
