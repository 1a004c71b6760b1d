import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Finding } from '../../src/domain/finding.ts'
import { lintWording } from '../../src/render/wording.ts'
import { bootLab } from './machine.ts'
import type { Lab } from './machine.ts'
import { labSkipReason } from './requirements.ts'
import type { Truth } from './scenarios/scenario.ts'
import { slowIt } from './slow.ts'

const BIN = join(import.meta.dirname, '../../src/cli/medic')
const reason = labSkipReason()

interface Answer {
  readonly exitCode: number
  readonly stderr: string
  readonly document: {
    readonly findings: readonly Finding[]
    readonly clear: readonly string[]
    readonly blindSpots: readonly string[]
    readonly incident: string | null
    readonly evidence: readonly { readonly step: string; readonly outcome: string }[]
  }
}

/** The whole product against a machine that really dies: no fixed pids, no fixed times, only what the lab itself saw. */
describe.skipIf(reason !== null)(`a real machine (${reason === null ? 'lab' : `skipped: ${reason}`})`, () => {
  let lab: Lab
  let home: string

  beforeAll(async () => {
    lab = await bootLab({ name: `test-${process.pid}` })
    home = mkdtempSync(join(tmpdir(), 'medic-lab-'))
    const ways = ['root', 'ops', 'dora'].map(
      (user) =>
        `  ${user}: {address: ${lab.host}, port: "${lab.port}", user: ${user}, identityFile: ${lab.keyFile}, hostKey: "${lab.hostKey}", sudo: "${user === 'dora'}"}`,
    )
    writeFileSync(join(home, 'medic.yaml'), `hosts:\n${ways.join('\n')}\n`)
  })

  afterAll(async () => {
    await lab?.stop()
    if (home !== undefined) rmSync(home, { recursive: true, force: true })
  })

  const medic = (...words: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const env = { ...process.env, MEDIC_HOME: home, MEDIC_CONFIG: join(home, 'medic.yaml') }
      execFile(BIN, words, { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
        resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
      })
    })

  const triage = async (user = 'root', ...words: string[]): Promise<Answer> => {
    const { exitCode, stdout, stderr } = await medic('triage', user, '--json', '--quiet', ...words)
    return { exitCode, stderr, document: JSON.parse(stdout) as Answer['document'] }
  }

  const breakIt = async (scenario: string): Promise<Truth> => (await lab.break(scenario)).truth

  const causes = (answer: Answer): readonly Finding[] =>
    answer.document.findings.filter((finding) => finding.role === 'root-cause')

  const kindsOf = (answer: Answer): string[] => answer.document.findings.map((finding) => finding.kind)

  it('finds the worker killed at its own limit, proves it, proposes no harm, and drafts the postmortem', async () => {
    const truth = await breakIt('worker-oom')
    const answer = await triage()
    expect(answer.exitCode, answer.stderr).toBe(1)
    const pids = new Set(truth.victims.map((victim) => victim.pid))
    const finding = causes(answer).find((one) => one.kind === 'memcg-oom' && pids.has(one.victims[0]?.pid ?? -1))
    expect(finding).toMatchObject({
      confidence: 'certain',
      unit: truth.unit,
      limitBytes: truth.limitBytes,
      constraint: 'CONSTRAINT_MEMCG',
      cgroup: `/system.slice/${truth.unit}`,
    })
    expect(
      finding?.citations.some((citation) => citation.text.includes(`Killed process ${finding.victims[0]?.pid} (`)),
    ).toBe(true)
    // 470 MiB of RAM leave no room above 200 MiB: the honest answer is a reasoned no, not a bigger number.
    const files = answer.document.findings.flatMap((one) => one.remedies.flatMap((remedy) => remedy.files))
    for (const file of files) {
      expect(file.path.startsWith(`/etc/systemd/system/${truth.unit}.d/50-medic-`)).toBe(true)
      const limit = /^MemoryMax=(\d+)M$/m.exec(file.content)?.[1]
      expect(limit === undefined || Number(limit) > 200).toBe(true)
    }

    const { stdout: page } = await medic('postmortem', answer.document.incident ?? '')
    expect(page).toContain(`<!-- incident:${answer.document.incident} -->`)
    expect(page).toContain(truth.unit)
    expect(page).toMatch(/\[E\d+/)
    expect(lintWording(page)).toEqual([])

    const bundle = join(home, 'bundle.json.gz')
    expect((await medic('incident', 'export', answer.document.incident ?? '', bundle)).exitCode).toBe(0)
    const stored = await medic('incident', 'rediagnose', answer.document.incident ?? '', '--json')
    const carried = await medic('incident', 'rediagnose', bundle, '--json')
    expect(carried.stdout).toBe(stored.stdout)
    expect((JSON.parse(stored.stdout) as Answer['document']).findings).toEqual(answer.document.findings)
    expect((await medic('incident', 'rediagnose', answer.document.incident ?? '', '--postmortem')).stdout).toBe(page)
  })

  it('says what a plain user cannot see, and sees everything as a sudoer', async () => {
    const truth = await breakIt('worker-oom')
    const plain = await triage('ops')
    expect(plain.document.blindSpots.join('\n')).toMatch(/kernel log/)
    expect(plain.exitCode).not.toBe(0)
    const sudoer = await triage('dora')
    const pids = new Set(truth.victims.map((victim) => victim.pid))
    expect(causes(sudoer).some((one) => one.kind === 'memcg-oom' && pids.has(one.victims[0]?.pid ?? -1))).toBe(true)
  })

  it('finds a host that ran out of memory, with its victim and its biggest user', async () => {
    const truth = await breakIt('host-oom')
    const answer = await triage()
    const pids = new Set(truth.victims.map((victim) => victim.pid))
    const finding = causes(answer).find((one) => one.kind === 'global-oom' && pids.has(one.victims[0]?.pid ?? -1))
    expect(finding).toMatchObject({ confidence: 'certain', unit: truth.unit, limitBytes: null })
    expect(finding?.largestTask?.comm).toBe(finding?.victims[0]?.comm)
    expect(kindsOf(answer)).not.toContain('memcg-oom')
  })

  it('finds the V8 heap limit where the kernel says nothing', async () => {
    const truth = await breakIt('heap-oom')
    const answer = await triage()
    expect(causes(answer).map((one) => one.kind)).toContain('v8-heap')
    expect(causes(answer).find((one) => one.kind === 'v8-heap')?.unit).toBe(truth.unit)
    for (const kind of ['global-oom', 'memcg-oom']) expect(kindsOf(answer)).not.toContain(kind)
  })

  it('finds a killed child although its unit is active', async () => {
    const truth = await breakIt('child-killed-continue')
    expect(truth.activeState).toBe('active')
    const answer = await triage()
    const pids = new Set(truth.victims.map((victim) => victim.pid))
    const finding = causes(answer).find((one) => one.kind === 'memcg-oom')
    expect(pids.has(finding?.victims[0]?.pid ?? -1)).toBe(true)
    expect(finding).toMatchObject({ confidence: 'certain', unit: truth.unit })
    expect(finding?.victims[0]?.pid).not.toBe(truth.mainPid)
  })

  it('says whose limit a bigger, steady neighbour died at, and does not stop it for that', async () => {
    const truth = await breakIt('slice-limit-innocent-victim')
    const answer = await triage()
    const own = answer.document.findings.filter((one) => one.kind === 'memcg-oom' && one.unit === truth.unit)
    expect(own.find((one) => one.confidence === 'certain')).toMatchObject({
      cgroup: '/app.slice',
      limitBytes: truth.limitBytes,
    })
    const changed = own.flatMap((one) => one.remedies).flatMap((remedy) => remedy.files)
    expect(changed).toEqual([])
    expect(kindsOf(answer)).not.toContain('global-oom')
  })

  it("finds a container killed at its own limit, by docker's name for it, and touches no unit", async () => {
    const truth = await breakIt('container-oom')
    const answer = await triage()
    const finding = causes(answer).find((one) => one.kind === 'container-oom')
    expect(finding).toMatchObject({
      confidence: 'certain',
      container: truth.facts['container'],
      limitBytes: truth.limitBytes,
      cgroup: truth.facts['limitCgroup'],
    })
    for (const kind of ['memcg-oom', 'global-oom', 'killed-unknown-sender']) expect(kindsOf(answer)).not.toContain(kind)
  })

  slowIt('says that one dead converter took PM2 and every app with it, and how they would live on', async () => {
    const truth = await breakIt('pm2-child-killed')
    const answer = await triage()
    const pids = new Set(truth.victims.map((victim) => victim.pid))
    const finding = causes(answer).find((one) => one.kind === 'global-oom' && pids.has(one.victims[0]?.pid ?? -1))
    expect(finding).toMatchObject({ confidence: 'certain', unit: truth.unit })
    const policy = finding?.remedies.find((remedy) => remedy.id === 'oom-policy')
    expect(policy?.files.map((file) => file.content).join('')).toContain('OOMPolicy=continue')
    const apps = finding?.remedies.find((remedy) => remedy.id === 'process-manager')
    expect(apps?.because).toContain('max_memory_restart')
    expect(apps?.because).toContain('pm2 save')
  })

  slowIt.each(['panel-php-fpm', 'panel-php-fpm-login'])(
    'finds PHP-FPM of a panel by its processes: %s',
    async (scenario) => {
      const truth = await breakIt(scenario)
      const answer = await triage()
      const pids = new Set(truth.victims.map((victim) => victim.pid))
      const finding = causes(answer).find((one) => one.kind === 'global-oom' && pids.has(one.victims[0]?.pid ?? -1))
      expect(finding).toMatchObject({ confidence: 'certain', unit: truth.unit })
      for (const file of finding?.remedies.flatMap((remedy) => remedy.files) ?? [])
        expect(file.path.startsWith(`/etc/systemd/system/${truth.unit}.d/`) && truth.unit.endsWith('.service')).toBe(
          true,
        )
    },
  )

  slowIt('finds a kill on a machine with cgroup v1, and proposes nothing that is not known there', async () => {
    const truth = await breakIt('cgroup-v1')
    expect(truth.facts['hierarchy']).toBe('tmpfs')
    const answer = await triage()
    const pids = new Set(truth.victims.map((victim) => victim.pid))
    const finding = causes(answer).find((one) => one.kind === 'memcg-oom' && one.unit === truth.unit)
    expect(finding).toMatchObject({ confidence: 'certain', limitBytes: truth.limitBytes })
    const { stdout } = await lab.ssh(`journalctl -k -b -g 'Killed process ${finding?.victims[0]?.pid} '`)
    expect(pids.has(finding?.victims[0]?.pid ?? -1) || stdout.includes('Killed process')).toBe(true)
    const keys = answer.document.findings.flatMap((one) => one.remedies.flatMap(({ settings }) => settings))
    for (const { key } of keys) expect(['MemoryHigh', 'MemorySwapMax', 'OOMPolicy']).not.toContain(key)
  })

  it('does not take a crash loop with the word memory in it for a kill', async () => {
    const truth = await breakIt('crash-loop')
    const answer = await triage()
    expect(answer.exitCode).toBe(1)
    expect(kindsOf(answer)).toContain('crash-loop')
    for (const kind of ['global-oom', 'memcg-oom', 'container-oom', 'systemd-oomd', 'v8-heap']) {
      expect(kindsOf(answer)).not.toContain(kind)
    }
    expect(answer.document.findings.find((one) => one.kind === 'crash-loop')?.unit).toBe(truth.unit)
  })

  it('finds a unit throttled at MemoryHigh, which no log tells', async () => {
    const truth = await breakIt('memory-high')
    const answer = await triage('root', '--unit', truth.unit)
    const finding = answer.document.findings.find((one) => one.kind === 'memory-high-throttle')
    expect(finding?.unit).toBe(truth.unit)
    expect(kindsOf(answer)).not.toContain('memcg-oom')
  })

  it("finds that the founding story's own limit was never in force", async () => {
    const truth = await breakIt('trailing-comment')
    const answer = await triage()
    const finding = answer.document.findings.find((one) => one.kind === 'limit-not-in-force')
    expect(finding?.unit).toBe(truth.unit)
    expect(finding?.citations.some((citation) => /MemoryMax=\S+ +#/.test(citation.text))).toBe(true)
    expect(kindsOf(answer)).toContain('global-oom')
  })

  it('finds nothing on a healthy machine, and lists what was checked', async () => {
    await breakIt('healthy')
    const answer = await triage()
    expect(answer.document.findings).toEqual([])
    expect(answer.document.incident).toBeNull()
    expect(answer.document.clear).toEqual(
      expect.arrayContaining(['global-oom', 'memcg-oom', 'v8-heap', 'disk-full', 'memory-pressure']),
    )
    expect(answer.exitCode, answer.document.blindSpots.join('\n')).toBe(0)
  })

  it('answers a unit that does not exist in one line', async () => {
    const answer = await triage('root', '--unit', 'queue_wroker')
    expect(answer.stderr).toContain('there is no unit "queue_wroker.service" on root')
    expect(answer.stderr).toContain('queue_worker.service')
    expect(answer.exitCode).toBe(64)
  })
})
