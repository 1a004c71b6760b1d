// needs: systemd-analyze
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blankClaim, type Finding } from '../../src/domain/finding.ts'
import type { Kind } from '../../src/domain/kind.ts'
import type { Remedy } from '../../src/domain/remedy.ts'
import { cgroupValueParser } from '../../src/parsers/cgroupValue.ts'
import { pidsEventsParser } from '../../src/parsers/pidsEvents.ts'
import { REMEDY_MAKERS } from '../../src/remedies/registry.ts'
import { evidenceOf, hostFacts, type HostInput } from './host.ts'
import { restartsEvery } from './restarts.ts'

const MIB = 1024 * 1024

/** systemd's own word about every kind of file that Medic writes; no running systemd is needed for it. */
describe('systemd-analyze verify', () => {
  let root: string
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'medic-verify-'))
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  /** What it says about a drop-in; it exits 0 even when it ignores every line. */
  const verify = (unit: string, path: string, content: string): string => {
    const folder = join(root, 'units')
    rmSync(folder, { recursive: true, force: true })
    const file = join(folder, path.replace('/etc/systemd/system/', ''))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(join(folder, unit), '[Service]\nExecStart=/bin/true\nRestart=always\n')
    writeFileSync(file, content)
    const env = { PATH: process.env['PATH'] ?? '', SYSTEMD_UNIT_PATH: `${folder}:` }
    const { stderr } = spawnSync('systemd-analyze', ['verify', unit], { env, encoding: 'utf8' })
    return stderr
      .split('\n')
      .filter((line) => line.includes(folder))
      .join('\n')
  }

  const proposals = (kind: Kind, unit: string, host: HostInput): readonly Remedy[] => {
    const finding: Finding = {
      ...blankClaim(kind, 'x'),
      role: 'root-cause',
      remedies: [],
      confidence: 'certain',
      unit,
      victims: [{ pid: 1, comm: 'node', unit, anonRssBytes: 6000 * MIB }],
      culprit: { comm: 'node', unit, isVictim: true, why: 'x' },
    }
    return REMEDY_MAKERS.flatMap((maker) =>
      maker.answers.includes(kind) ? maker.propose(finding, hostFacts({ unit, ...host })) : [],
    ).filter((remedy) => remedy.files.length > 0)
  }

  const tasks = (unit: string) => [
    evidenceOf(pidsEventsParser, unit, `/sys/fs/cgroup/system.slice/${unit}/pids.events`, 'max 7\n'),
    evidenceOf(cgroupValueParser, unit, `/sys/fs/cgroup/system.slice/${unit}/pids.peak`, '100\n'),
  ]

  it.each<[string, Kind, string, HostInput]>([
    ['memory-max', 'global-oom', 'queue_worker.service', {}],
    ['memory-max', 'global-oom', 'app@1.service', {}],
    ['node-heap', 'memcg-oom', 'queue_worker.service', { max: String(1024 * MIB) }],
    ['oom-policy', 'global-oom', 'pm2-deploy.service', {}],
    ['restart-pacing', 'crash-loop', 'queue_worker.service', { more: [restartsEvery(24, 'queue_worker.service')] }],
    ['tasks-max', 'cannot-fork', 'a.service', { properties: { TasksMax: '100' }, more: tasks('a.service') }],
  ])('has nothing to say about a %s for %s of %s', (id, kind, unit, host) => {
    const remedy = proposals(kind, unit, host).find((one) => one.id === id)
    expect(remedy?.files).toHaveLength(1)
    for (const file of remedy!.files) expect(verify(unit, file.path, file.content)).toBe('')
  })

  it.each([
    ['a comment at the end of a line', '[Service]\nMemoryMax=3G # soft\n', 'Invalid memory limit'],
    ['an unknown key', '[Service]\nStartLimitIntervalSec=10min\n', 'StartLimitIntervalSec'],
  ])('would have told us of %s', (_, content, words) => {
    expect(verify('a.service', '/etc/systemd/system/a.service.d/50-medic-x.conf', content)).toContain(words)
  })

  it('is a systemd that knows MemoryMax', () => {
    const version = Number(
      /^systemd (\d+)/.exec(execFileSync('systemd-analyze', ['--version'], { encoding: 'utf8' }))?.[1],
    )
    expect(version).toBeGreaterThanOrEqual(231)
  })
})
