import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { triage } from '../../src/app/triage.ts'
import type { TriageResult } from '../../src/app/triage.ts'
import { findRunbook } from '../../src/runbook/library.ts'
import type { Connection } from '../../src/transports/transport.ts'
import { createMedic } from '../../src/wire.ts'
import { bootLab } from './machine.ts'
import type { Lab } from './machine.ts'
import { labSkipReason } from './requirements.ts'
import type { Truth } from './scenarios/scenario.ts'

const BIN = join(import.meta.dirname, '../../src/cli/medic')
const reason = labSkipReason()

/** Where nothing can be started any more, what was opened before, or the last login that succeeds, has to be enough. */
describe.skipIf(reason !== null)(`no room for a process (${reason === null ? 'lab' : `skipped: ${reason}`})`, () => {
  let lab: Lab
  let home: string
  const before = { home: process.env['MEDIC_HOME'], config: process.env['MEDIC_CONFIG'] }

  beforeAll(async () => {
    lab = await bootLab({ name: `fork-${process.pid}` })
    home = mkdtempSync(join(tmpdir(), 'medic-fork-'))
    const ways = ['root', 'ops'].map(
      (user) =>
        `  ${user}: {address: ${lab.host}, port: "${lab.port}", user: ${user}, identityFile: ${lab.keyFile}, hostKey: "${lab.hostKey}"}`,
    )
    writeFileSync(join(home, 'medic.yaml'), `hosts:\n${ways.join('\n')}\n`)
    process.env['MEDIC_HOME'] = home
    process.env['MEDIC_CONFIG'] = join(home, 'medic.yaml')
  })

  afterAll(async () => {
    await lab?.stop()
    if (home !== undefined) rmSync(home, { recursive: true, force: true })
    for (const [name, value] of [['MEDIC_HOME', before.home] as const, ['MEDIC_CONFIG', before.config] as const])
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
  })

  /** As the bot does: the connection of an earlier look is still open when the host fails. */
  const breakAndLookAgain = async (scenario: string): Promise<{ truth: Truth; result: TriageResult }> => {
    await using medic = await createMedic({})
    const host = medic.inventory.find('root')
    const tools = await medic.triageTools(host)
    const signal = AbortSignal.timeout(300_000)
    let connection: Connection | undefined
    const { truth } = await lab.break(scenario, {
      onHealthy: async () => {
        connection = await tools.connect(host, signal)
      },
    })
    const runbook = findRunbook(await medic.library(), 'oom-triage')
    const request = { host, runbook, parameters: {}, requestedBy: 'test' }
    const run = triage({ ...tools, connect: async () => connection! }, request, signal)
    for (;;) {
      const step = await run.next()
      if (step.done === true) return { truth, result: step.value }
    }
  }

  const readOf = (result: TriageResult): readonly string[] =>
    result.analysis.evidence
      .filter((one) => one.result.outcome === 'exited' && one.result.stdout !== '')
      .map((one) => one.command)

  const DECISIVE = [
    '/proc/meminfo',
    '/proc/pressure/memory',
    '/proc/vmstat',
    '/sys/fs/cgroup/system.slice/memory.events',
    '/sys/fs/cgroup/system.slice/queue_worker.service/memory.current',
  ]

  it('names the limit of the host and the unit that fills it, over a connection that stands', async () => {
    const { truth, result } = await breakAndLookAgain('host-cannot-fork')
    expect(readOf(result)).toEqual(expect.arrayContaining(DECISIVE))
    expect(readOf(result)).toContain(`/sys/fs/cgroup/system.slice/${truth.unit}/memory.events`)
    const finding = result.analysis.diagnosis.findings.find((one) => one.kind === 'cannot-fork')
    expect(finding).toMatchObject({ role: 'root-cause', confidence: 'certain', culprit: { unit: truth.unit } })
    expect(finding?.summary).toContain(`kernel.threads-max of ${truth.facts['threadsMax']} is reached`)
    expect(finding?.remedies.map((remedy) => remedy.id)).toContain('open-shell')

    // A new login finds no process to serve it, and is told so in a line.
    const fresh = await new Promise<{ code: unknown; stderr: string }>((resolve) =>
      execFile(BIN, ['triage', 'root', '--quiet'], (error, _, stderr) => resolve({ code: error?.code, stderr })),
    )
    expect(fresh).toMatchObject({ code: 2, stderr: expect.stringContaining('the host cannot fork') })
  })

  it('tells promised memory from used memory, over a connection that stands', async () => {
    const { truth, result } = await breakAndLookAgain('host-cannot-fork-memory')
    expect(readOf(result)).toEqual(expect.arrayContaining(DECISIVE))
    const { findings } = result.analysis.diagnosis
    const finding = findings.find((one) => one.kind === 'cannot-fork')
    expect(finding).toMatchObject({
      role: 'root-cause',
      confidence: 'certain',
      limitBytes: Number(truth.facts['commitLimitKb']) * 1024,
      culprit: null,
    })
    expect(findings.filter((one) => one.kind.endsWith('-oom'))).toEqual([])
  })

  it('names the slice of a user whose login can start nothing, over that login', async () => {
    const { truth } = await lab.break('login-cannot-fork')
    const document = await new Promise<{ findings: readonly Record<string, unknown>[] }>((resolve) =>
      execFile(BIN, ['triage', 'ops', '--quiet', '--json'], { maxBuffer: 64 << 20 }, (_, stdout) =>
        resolve(JSON.parse(stdout)),
      ),
    )
    const finding = document.findings.find((one) => one['kind'] === 'cannot-fork')
    expect(finding).toMatchObject({
      confidence: 'certain',
      cgroup: `/user.slice/${truth.facts['slice']}`,
      summary: expect.stringContaining(`its TasksMax of ${truth.facts['tasksMax']} is reached`),
    })
  })
})
