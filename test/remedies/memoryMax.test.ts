import { describe, expect, it } from 'vitest'
import { blankClaim, type Finding } from '../../src/domain/finding.ts'
import type { Remedy } from '../../src/domain/remedy.ts'
import { factsFrom } from '../../src/parsers/facts.ts'
import { memoryMaxMaker } from '../../src/remedies/memoryMax.ts'
import { hostFacts, UNIT, type HostInput } from './host.ts'

const MIB = 1024 * 1024

const globalOom = (changes: Partial<Finding> = {}): Finding => ({
  ...blankClaim('global-oom', 'the host ran out of memory'),
  role: 'root-cause',
  remedies: [],
  confidence: 'certain',
  unit: UNIT,
  victims: [{ pid: 41877, comm: 'node', unit: UNIT, anonRssBytes: 5900 * MIB }],
  largestTask: { pid: 41877, comm: 'node', rssBytes: 5900 * MIB },
  culprit: { comm: 'node', unit: UNIT, isVictim: true, why: 'it held most' },
  ...changes,
})

const memcgOom = (changes: Partial<Finding> = {}): Finding => ({
  ...globalOom({
    kind: 'memcg-oom',
    victims: [{ pid: 1, comm: 'node', unit: UNIT, anonRssBytes: 199 * MIB }],
    largestTask: null,
  }),
  cgroup: `/system.slice/${UNIT}`,
  limitBytes: 200 * MIB,
  ...changes,
})

const propose = (finding: Finding, host: HostInput = {}): readonly Remedy[] =>
  memoryMaxMaker.propose(finding, hostFacts(host))

const onlyOne = (remedies: readonly Remedy[]): Remedy => {
  expect(remedies).toHaveLength(1)
  return remedies[0]!
}

const failedChecks = (remedy: Remedy): string[] =>
  remedy.checks.filter((check) => !check.holds).map((check) => check.check)

describe('a host that ran out of memory', () => {
  it('gets a limit for the unit that took it, as exact bytes', () => {
    // 7950 total, 795 reserve, 7950 - 5610 available - 640 of the unit = 1700 others: room 5455.
    const remedy = onlyOne(propose(globalOom()))
    expect(failedChecks(remedy)).toEqual([])
    expect(remedy.files).toEqual([
      {
        path: `/etc/systemd/system/${UNIT}.d/50-medic-memory.conf`,
        content:
          '# Written by Medic. Comments stand on lines of their own: systemd has no others.\n\n[Service]\n' +
          '# all the room the host has, 5455 MiB, rounded down: there are not enough samples, and a tighter number could kill a healthy unit\nMemoryMax=5440M\n',
      },
    ])
    expect(remedy.apply).toEqual([
      ['install', '-D', '-m', '0644', '/dev/stdin', `/etc/systemd/system/${UNIT}.d/50-medic-memory.conf`],
      ['systemd-analyze', 'verify', UNIT],
      ['systemctl', 'daemon-reload'],
    ])
    expect(remedy.verify).toEqual([
      ['systemctl', 'show', '-p', 'MemoryMax,NeedDaemonReload', UNIT],
      ['cat', `/sys/fs/cgroup/system.slice/${UNIT}/memory.max`],
    ])
    expect(remedy.undo[0]).toEqual(['rm', '-f', '--', `/etc/systemd/system/${UNIT}.d/50-medic-memory.conf`])
    expect(remedy.confidence).toBe('medium')
    expect(remedy.checks).toHaveLength(10)
  })

  it('limits the culprit, never an innocent victim', () => {
    const innocent = globalOom({
      unit: 'mysql.service',
      victims: [{ pid: 7, comm: 'mysqld', unit: 'mysql.service', anonRssBytes: 5900 * MIB }],
      culprit: { comm: 'node', unit: UNIT, isVictim: false, why: 'it held most' },
    })
    expect(JSON.stringify(propose(innocent).map((remedy) => remedy.files))).not.toContain('mysql')
    expect(onlyOne(propose(innocent)).title).toContain(UNIT)
  })

  it('gets no number when nobody can say who took it', () => {
    const remedy = onlyOne(propose(globalOom({ culprit: null, largestTask: null })))
    expect(remedy.files).toEqual([])
    expect(remedy.because).toContain('does not say which unit')
  })

  it('shows a number without a button when the victim was only the biggest', () => {
    const remedy = onlyOne(propose(globalOom({ culprit: null })))
    expect(remedy.files).toHaveLength(1)
    expect(remedy.confidence).toBe('low')
    expect(remedy.warnings[0]).toContain('not a proven culprit')
  })

  it.each<[string, HostInput, string]>([
    ['an operator’s limit is stricter', { max: String(1024 * MIB) }, 'not looser than an existing limit'],
    [
      'MemoryHigh leaves a gap without swap',
      { high: String(900 * MIB) },
      'no gap below it in which the unit would crawl',
    ],
    [
      'somebody meant a stricter one that never came into force',
      { unitFile: '[Service]\nMemoryMax=3G # soft\n' },
      'not looser than an existing limit',
    ],
    [
      'somebody meant a share of the host',
      { unitFile: '[Unit]\nMemoryMax=50%\n' },
      'not looser than an existing limit',
    ],
    ['systemd is too old', { systemd: 219 }, 'systemd knows every key'],
    ['systemd’s version is not known', { systemd: null }, 'systemd knows every key'],
    [
      'override.conf wins',
      { dropIns: { [`/etc/systemd/system/${UNIT}.d/override.conf`]: '[Service]\nMemoryMax=infinity\n' } },
      'our drop-in wins',
    ],
    [
      'nobody read what the unit holds',
      { nowMib: null, properties: { ActiveState: 'inactive' } },
      'what it holds now fits',
    ],
    [
      'the heap flag does not fit',
      { unitFile: '[Service]\nEnvironment=NODE_OPTIONS=--max-old-space-size=8192\n' },
      'a heap flag fits below it',
    ],
    ['the unit hands its group on', { properties: { Delegate: 'yes' } }, 'the unit may be limited'],
  ])('gets none when %s', (_name, host, check) => {
    const remedy = onlyOne(propose(globalOom(), host))
    expect(remedy.files).toEqual([])
    expect(remedy.apply).toEqual([])
    expect(failedChecks(remedy)).toContain(check)
  })

  it('is fine with a gap that swap fills', () => {
    expect(onlyOne(propose(globalOom(), { high: String(5000 * MIB), swapMib: 2000 })).files).toHaveLength(1)
  })

  it.each([
    'ssh.service',
    'systemd-journald.service',
    'dbus.service',
    'docker.service',
    'containerd.service',
    'libvirtd.service',
    'medic.service',
    'NetworkManager.service',
  ])('never limits %s', (unit) => {
    const remedy = onlyOne(
      propose(globalOom({ culprit: { comm: 'x', unit, isVictim: true, why: 'x' }, unit }), { unit }),
    )
    expect(remedy.files).toEqual([])
    expect(remedy.because).toContain('must not be limited')
  })

  it.each(['session-4.scope', '../../etc/passwd', 'a b.service', '-x.service'])('writes no file for %s', (unit) => {
    const remedies = propose(globalOom({ culprit: { comm: 'x', unit, isVictim: true, why: 'x' } }))
    expect(remedies.flatMap((remedy) => remedy.files)).toEqual([])
  })
})

describe('a unit killed at its own limit', () => {
  it('gets both advices without samples, and no file', () => {
    const remedies = propose(memcgOom(), { totalMib: 4000, availableMib: 3000, nowMib: 150, max: String(200 * MIB) })
    expect(remedies.map((remedy) => remedy.id)).toEqual(['memory-max-keep', 'memory-max-raise'])
    expect(remedies[0]!.because).toContain('cannot tell a leak from load')
    expect(remedies[1]!.title).toContain('from 200 to 256 MiB, on a named person')
    expect(remedies.flatMap((remedy) => remedy.files)).toEqual([])
  })

  it('gets both advices from a log alone, and hears that no host was read', () => {
    const remedies = memoryMaxMaker.propose(memcgOom(), factsFrom([], { fromMs: null, toMs: null }))
    expect(remedies.map((remedy) => remedy.id)).toEqual(['memory-max-keep', 'memory-max-raise'])
    expect(remedies[1]!.because).toContain('whether the host has that room was not read')
  })

  it('is not argued about when somebody changed the limit since', () => {
    const remedy = onlyOne(propose(memcgOom(), { max: String(512 * MIB) }))
    expect(remedy.because).toContain('is 512 MiB now')
  })

  it('points at the slice when the slice owns the limit', () => {
    const remedy = onlyOne(propose(memcgOom({ cgroup: '/app.slice', unit: UNIT })))
    expect(remedy.title).toContain('app.slice')
    expect(remedy.files).toEqual([])
  })

  it('says that a user’s own manager is not changed', () => {
    const remedy = onlyOne(
      propose(memcgOom({ cgroup: '/user.slice/user-1000.slice/user@1000.service/app.slice/foo.service' })),
    )
    expect(remedy.because).toContain("a user's own manager")
  })

  it('leaves containers to those who describe them', () => {
    expect(propose(memcgOom({ kind: 'container-oom', container: 'abc' }))).toEqual([])
  })
})
