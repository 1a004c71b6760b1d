import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findFileParser, PARSERS } from '../../src/parsers/registry.ts'
import { parseRunbook } from '../../src/runbook/parse.ts'

const FOLDER = join(import.meta.dirname, '..', '..', 'runbooks')
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.md'))
const parserIds = new Set(PARSERS.map((parser) => parser.id))
const load = (name: string) => parseRunbook(readFileSync(join(FOLDER, name), 'utf8'), name, parserIds)
const shipped = names.map((name) => [name, load(name)] as const)
const steps = shipped.flatMap(([name, runbook]) =>
  runbook.phases.flatMap((phase) => phase.steps.map((step) => [`${name}:${step.line} ${step.name}`, step] as const)),
)

it('has the runbooks people are promised', () => {
  expect(names.map((name) => name.slice(0, -3))).toEqual(
    expect.arrayContaining(['oom-triage', 'health-digest', 'node-memory', 'unit-failed', 'disk-full']),
  )
})

it.each(shipped)('%s carries its file name as id and only reads', (name, runbook) => {
  expect(`${runbook.id}.md`).toBe(name)
  for (const step of runbook.phases.flatMap((phase) => phase.steps)) expect(step.risk).toBe('read')
})

describe.each(steps.filter(([, step]) => step.kind === 'sh'))('%s', (_, step) => {
  it('keeps every value of a person or of the host in quotes', () => {
    expect(unquotedValues(step.body)).toEqual([])
  })

  it('bounds what it prints', () => {
    expect(step.limit.bytes).toBeLessThanOrEqual(2 * 1024 * 1024)
    for (const line of step.body.split('\n').filter((text) => /\bjournalctl\b.* -o "\$format"/.test(text))) {
      expect(line).toMatch(/ -n \d+/)
    }
  })

  it('never collects an environment whole', () => {
    expect(step.body).not.toMatch(/\bps e|\bps [a-z]*e[a-z]* *ww|cat \/proc\/[^ ]*environ/)
  })
})

it.each(steps.filter(([, step]) => step.kind === 'files'))('%s: counters of the kernel have a parser', (_, step) => {
  const paths = step.body
    .split('\n')
    .filter((path) => /memory\.|pids\.|pressure|meminfo|vmstat|loadavg|boot_id/.test(path))
  for (const path of paths) expect([path, step.parse ?? findFileParser(path)?.id]).not.toContain(undefined)
})

it('would notice a value without quotes', () => {
  expect(unquotedValues('journalctl -u $UNIT -n 5')).toHaveLength(1)
  expect(unquotedValues('ls -ld $file "$file"')).toHaveLength(1)
  expect(unquotedValues('ls -ld "$file"\ncase $dir in x) ;; esac\ndir=$UNIT')).toEqual([])
})

const VALUES = /\$\{?(?:UNIT|CGROUP|SINCE|TARGET|file|dir|log|conf|home|value)\b(?!_)/g

/** Lines where such a value would be split into words: not between double quotes, not after `case` or `=`. */
const unquotedValues = (body: string): string[] =>
  body.split('\n').filter((line) =>
    [...line.matchAll(VALUES)].some(({ index }) => {
      const before = line.slice(0, index)
      return before.split('"').length % 2 === 1 && !/(?:\bcase |(?:^|\s)\w+=)$/.test(before)
    }),
  )
