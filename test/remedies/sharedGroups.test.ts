import { describe, expect, it } from 'vitest'
import type { Evidence } from '../../src/domain/evidence.ts'
import { blankClaim, type Diagnosis, type Finding } from '../../src/domain/finding.ts'
import type { Remedy } from '../../src/domain/remedy.ts'
import { nodeProcessesParser } from '../../src/parsers/nodeProcesses.ts'
import { phpFpmProcessesParser } from '../../src/parsers/phpFpmProcesses.ts'
import { memoryMaxMaker } from '../../src/remedies/memoryMax.ts'
import { phpFpmMaker } from '../../src/remedies/phpFpm.ts'
import { processManagerMaker } from '../../src/remedies/processManager.ts'
import { proposeRemedies } from '../../src/remedies/propose.ts'
import { isChange, remediesOf } from '../../src/render/postmortemResponse.ts'
import { evidenceOf, hostFacts, UNIT } from './host.ts'

const MIB = 1024 * 1024

const killed = (changes: Partial<Finding> = {}): Finding => ({
  ...blankClaim('memcg-oom', 'x'),
  role: 'root-cause',
  remedies: [],
  confidence: 'certain',
  unit: UNIT,
  cgroup: `/system.slice/${changes.unit ?? UNIT}`,
  limitBytes: 200 * MIB,
  victims: [{ pid: 1, comm: 'MainThread', unit: changes.unit ?? UNIT, anonRssBytes: 199 * MIB }],
  ...changes,
})

const pm2 = (cgroup: string): Evidence =>
  evidenceOf(
    nodeProcessesParser,
    null,
    'sh',
    `[process 300]\nName: PM2 v7.0.4: God\ncgroup: ${cgroup}\n[process 301]\nName: node\ncgroup: ${cgroup}\n[process 302]\nName: node\ncgroup: ${cgroup}\n`,
  )

describe('PM2 and supervisord', () => {
  it('PM2 gets a bound for each app, below that of the unit, and hears what pm2 save is for', () => {
    const unit = 'pm2-deploy.service'
    const facts = hostFacts({ unit, max: String(1024 * MIB), more: [pm2(`/system.slice/${unit}`)] })
    const [remedy, ...rest] = processManagerMaker.propose(killed({ unit }), facts)
    expect(rest).toEqual([])
    // 0.9 x (1024 - 96) / 2 = 417.6
    expect(remedy!.because).toContain('max_memory_restart of at most 416M: 0.9 x (1024 - 96) MiB for 2 apps')
    expect(remedy!.because).toContain('only what pm2 save has stored')
    expect(remedy!.files).toEqual([])
  })
  it('PM2 without a limit hears no invented number', () => {
    const unit = 'pm2-deploy.service'
    const [remedy] = processManagerMaker.propose(killed({ unit }), hostFacts({ unit }))
    expect(remedy!.because).not.toMatch(/at most \d/)
  })
  it('PM2 of a login is told to get a unit, and gets no drop-in for the scope', () => {
    const scope = 'session-4.scope'
    const finding = killed({ unit: scope, kind: 'global-oom', cgroup: null, limitBytes: null })
    const facts = hostFacts({ more: [pm2(`/user.slice/user-1000.slice/${scope}`)] })
    expect(processManagerMaker.propose(finding, facts)[0]!.title).toContain('pm2 startup')
    expect(memoryMaxMaker.propose(finding, facts).flatMap((remedy) => remedy.files)).toEqual([])
  })
  it('supervisord is told to let the program go', () => {
    const unit = 'supervisor.service'
    expect(processManagerMaker.propose(killed({ unit }), hostFacts({ unit }))[0]!.because).toContain('stderr_logfile')
  })
  it.each([UNIT, 'nginx.service'])('%s hears nothing of it', (unit) => {
    expect(processManagerMaker.propose(killed({ unit }), hostFacts())).toEqual([])
  })
  it("a panel's own group never gets a limit", () => {
    const finding = killed({
      unit: 'bt.service',
      kind: 'global-oom',
      cgroup: null,
      limitBytes: null,
      culprit: { comm: 'php-fpm', unit: 'bt.service', isVictim: true, why: 'x' },
    })
    const [remedy] = memoryMaxMaker.propose(finding, hostFacts({ unit: 'bt.service' }))
    expect(remedy!.files).toEqual([])
    expect(remedy!.because).toContain('a panel runs other services in its own group')
  })
})

describe('PHP-FPM', () => {
  const fpm = (settings: string): Evidence =>
    evidenceOf(
      phpFpmProcessesParser,
      null,
      'sh',
      `[master 235]\nconfig: /www/server/php/82/etc/php-fpm.conf\nrss: 20000\nchild: 240 ${45 * 1024} www\nchild: 241 ${45 * 1024} www\n${settings}`,
    )
  const saturated = killed({ kind: 'php-fpm-children', unit: 'php8.2-fpm.service', cgroup: null, limitBytes: null })
  const propose = (settings: string): Remedy =>
    phpFpmMaker.propose(
      saturated,
      hostFacts({ unit: 'php8.2-fpm.service', max: String(2000 * MIB), more: [fpm(settings)] }),
    )[0]!

  it('counts children by what they hold, and shows the worst case that does not fit', () => {
    const { because } = propose('setting: www pm.max_children 40\nsetting: www php_admin_value[memory_limit] 128M\n')
    expect(because).toContain('40 children fit')
    expect(because).toContain('40 x 128 MiB = 5120 MiB of 2000 MiB, which does not fit')
  })
  it('shows no worst case out of what was not read', () => {
    expect(propose('setting: www pm.max_children 40\n').because).not.toContain('Worst case')
    expect(propose('').because).toContain('40 children fit')
  })
})

describe('one thing about one limit', () => {
  // The lab's own numbers: 470 MiB, 189 of them others', limit 200.
  const facts = hostFacts({ totalMib: 470, availableMib: 269, nowMib: 12, max: String(200 * MIB) })
  const diagnosis: Diagnosis = {
    findings: [199, 200, 198].map((size) =>
      killed({ victims: [{ pid: size, comm: 'MainThread', unit: UNIT, anonRssBytes: size * MIB }] }),
    ),
    history: [],
    clear: [],
    changes: null,
    skipped: [],
    blindSpots: [],
    decisiveBlind: false,
  }
  const shown = remediesOf(proposeRemedies(diagnosis, facts).findings).map(({ remedy }) => remedy)

  it('is said about three kills of one unit on a host without room', () => {
    expect(shown.filter((remedy) => !isChange(remedy)).map((remedy) => remedy.title)).toEqual([
      `Keep the limit of ${UNIT} and find what grows`,
    ])
    expect(shown[0]!.because).toContain('this host is too small for it')
    expect(shown[0]!.because).toContain('the host has room for 185 MiB')
  })
  it('never asks for more memory where the host has none to give', () => {
    expect(shown.map((remedy) => remedy.title).join('\n')).not.toMatch(/more memory/)
  })
  it('puts the containment of the host before all else', () => {
    const [finding] = proposeRemedies(
      {
        ...diagnosis,
        findings: [
          killed({
            kind: 'global-oom',
            cgroup: null,
            limitBytes: null,
            victims: [{ pid: 1, comm: 'node', unit: UNIT, anonRssBytes: 5900 * MIB }],
            culprit: { comm: 'node', unit: UNIT, isVictim: true, why: 'x' },
          }),
        ],
      },
      hostFacts(),
    ).findings
    expect(finding!.remedies[0]!.id).toBe('memory-max')
  })
})

describe('a leak that is looked at late', () => {
  it('is not called a host that is too small', () => {
    const finding = killed({
      kind: 'global-oom',
      cgroup: null,
      limitBytes: null,
      culprit: { comm: 'node', unit: UNIT, isVictim: true, why: 'x' },
    })
    const [remedy] = memoryMaxMaker.propose(finding, hostFacts({ totalMib: 470, availableMib: 100, nowMib: 180 }))
    expect(remedy!.files).toEqual([])
    expect(remedy!.title).toBe(`Restart ${UNIT} and ask again while it is small`)
    expect(remedy!.because).toMatch(/holds 180 MiB now, so a limit below \d+ MiB could kill it at once/)
  })
})
