// needs: ps
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findParser, PARSERS } from '../../src/parsers/registry.ts'
import { parseRunbook } from '../../src/runbook/parse.ts'
import { runBody } from './localRunner.ts'

const FOLDER = join(import.meta.dirname, '..', '..', 'runbooks')
const parserIds = new Set(PARSERS.map((parser) => parser.id))
const stepsOf = (name: string) =>
  parseRunbook(readFileSync(join(FOLDER, name), 'utf8'), name, parserIds)
    .phases.flatMap((phase) => phase.steps)
    .filter((step) => step.kind === 'sh')

const all = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.md'))
  .flatMap((name) => stepsOf(name).map((step) => [`${name} ${step.name}`, step] as const))

/** Another user without rights, where the tests may become one; else the tests' own. */
const asNobody: readonly string[] =
  process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : []

const shells = ['dash', 'busybox', 'bash', 'ksh', 'mksh']
  .filter((shell) => ['/bin', '/usr/bin'].some((folder) => existsSync(join(folder, shell))))
  .map((shell): [string, ...string[]] => (shell === 'busybox' ? ['busybox', 'sh'] : [shell]))

const ENV = {
  UNIT: 'no-such-unit.service',
  CGROUP: '/system.slice/no-such-unit.service',
  SINCE: new Date(Date.now() - 3_600_000).toISOString().replace('T', ' ').replace(/\..*/, ' UTC'),
  SINCE_SECONDS: '3600',
  TARGET: FOLDER,
}

it('has a POSIX shell to try', () => {
  expect(shells.map(([shell]) => shell)).toContain('dash')
})

describe.each(shells)('%s accepts every step', (...shell) => {
  it.each(all)('%s', async (_, step) => {
    const ending = await runBody([...shell, '-n'] as [string, ...string[]], step.body, {})
    expect(ending).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  })
})

const inTriage = stepsOf('oom-triage.md').map((step) => [step.name, step] as const)

/** What a machine without systemd or a journal may answer; anything else has to be understood. */
const MAY_FAIL =
  /not been booted with systemd|Failed to connect to bus|No journal files|not found|not readable|could not be read/

describe.each([
  ['root or whoever runs the tests', [] as readonly string[]],
  ['a user without rights', asNobody],
])('as %s', (_, prefix) => {
  it.each(inTriage)('%s answers, in a form its parser reads', async (_name, step) => {
    const ending = await runBody([...prefix, 'dash'] as unknown as [string, ...string[]], step.body, ENV)
    expect([0, 1]).toContain(ending.exitCode)
    expect(Buffer.byteLength(ending.stdout)).toBeLessThan(8 * 1024 * 1024)
    if (ending.exitCode === 1) expect(ending.stderr).toMatch(MAY_FAIL)
    if (step.parse === null || (ending.stdout.trim() === '' && ending.stderr !== '')) return
    expect(() => findParser(step.parse!)!.parse(ending.stdout)).not.toThrow()
  })
})

it.each(all)('%s treats a hostile value as a value', async (_, step) => {
  if (step.body.includes('vmstat 1') || step.name === 'htop' || step.channel === 'own') return
  const marker = `/tmp/medic-hostile-${process.pid}`
  const evil = `x; touch ${marker}; $(touch ${marker}) \`touch ${marker}\` ' " *`
  await runBody(['dash'], step.body, { ...ENV, UNIT: evil, CGROUP: evil, SINCE: evil, TARGET: evil })
  expect(existsSync(marker)).toBe(false)
})

describe('what leaves the host', () => {
  it('holds memory flags of NODE_OPTIONS and the number of the others, and no other environment', async () => {
    const step = inTriage.find(([name]) => name === 'node-processes')![1]
    const child = spawn(
      process.execPath,
      ['--max-semi-space-size=16', '-e', 'setTimeout(() => {}, 60000)', 'canary-two'],
      {
        env: { NODE_OPTIONS: '--max-old-space-size=321 --no-warnings', SECRET: 'canary-three', MALLOC_ARENA_MAX: '2' },
        stdio: 'ignore',
      },
    )
    try {
      const ending = await runBody(['dash'], step.body, ENV)
      const block = ending.stdout.split('[process ').find((text) => text.startsWith(`${child.pid}]`))
      expect(block).toContain('command-flags: --max-semi-space-size=16\n')
      expect(block).toContain('node-options: --max-old-space-size=321\n')
      expect(block).toContain('node-options-other-flags: 1\n')
      expect(block).toContain('environment: MALLOC_ARENA_MAX=2\n')
      expect(ending.stdout).not.toContain('canary')
    } finally {
      child.kill('SIGKILL')
    }
  })
})
