import { describe, expect, it } from 'vitest'
import { blankClaim, type Diagnosis, type Finding } from '../../src/domain/finding.ts'
import { KINDS } from '../../src/domain/kind.ts'
import type { Remedy } from '../../src/domain/remedy.ts'
import { cgroupValueParser } from '../../src/parsers/cgroupValue.ts'
import { factsFrom } from '../../src/parsers/facts.ts'
import { logParser } from '../../src/parsers/log/log.ts'
import { nodeProcessesParser } from '../../src/parsers/nodeProcesses.ts'
import { pidsEventsParser } from '../../src/parsers/pidsEvents.ts'
import { containerMaker, containerSnippets } from '../../src/remedies/container.ts'
import { correctedLimitMaker, correctionOf } from '../../src/remedies/correctedLimit.ts'
import { maxHeapFor } from '../../src/remedies/jvm.ts'
import { memoryHighMaker, stuckSeconds, whyNotHigh } from '../../src/remedies/memoryHigh.ts'
import { memoryMaxMaker } from '../../src/remedies/memoryMax.ts'
import { heapForLimit, heapNeedMib, isOnlyHeapFlag } from '../../src/remedies/nodeFlags.ts'
import { nodeHeapMaker } from '../../src/remedies/nodeHeap.ts'
import { oomPolicyMaker } from '../../src/remedies/oomPolicy.ts'
import { maxChildrenFor } from '../../src/remedies/phpFpm.ts'
import { openShellMaker } from '../../src/remedies/openShell.ts'
import { processManagerMaker } from '../../src/remedies/processManager.ts'
import { proposeRemedies } from '../../src/remedies/propose.ts'
import { REMEDY_MAKERS } from '../../src/remedies/registry.ts'
import { pacingFires, restartPacingMaker } from '../../src/remedies/restartPacing.ts'
import { startAgainMaker } from '../../src/remedies/startAgain.ts'
import { swapMaker } from '../../src/remedies/swap.ts'
import { tasksMaxMaker } from '../../src/remedies/tasksMax.ts'
import { spanSeconds } from '../../src/remedies/timeSpan.ts'
import { evidenceOf, hostFacts, logEvidence, UNIT } from './host.ts'
import { restartsEvery } from './restarts.ts'

const MIB = 1024 * 1024

const finding = (changes: Partial<Finding>): Finding => ({
  ...blankClaim(changes.kind ?? 'memcg-oom', 'x'),
  role: 'root-cause',
  remedies: [],
  confidence: 'certain',
  unit: UNIT,
  ...changes,
})

const only = (remedies: readonly Remedy[]): Remedy => {
  expect(remedies).toHaveLength(1)
  return remedies[0]!
}

const failed = (remedy: Remedy): string[] => remedy.checks.filter((check) => !check.holds).map((check) => check.check)

describe('MemoryHigh', () => {
  it.each([
    [950, 1000, 12],
    [922, 1024, 106],
    [900, 1000, 105],
    [2764, 3072, 325],
    [800, 1000, 845],
    [1638, 2048, 1734],
  ])('from %i to %i MiB a unit is stuck for %i s at least', (high, max, seconds) => {
    expect(Math.abs(stuckSeconds(high, max) - seconds)).toBeLessThanOrEqual(Math.max(1, 0.02 * seconds))
  })

  const good = {
    highMib: 950,
    maxMib: 1000,
    steadyMib: 600,
    leak: false,
    swapFreeMib: 200,
    swapMaxIsZero: false,
    fileCacheShare: 0,
    restartsOnThrottle: true,
  }

  it('does no harm with swap for twice the gap', () => expect(whyNotHigh(good)).toEqual([]))
  it.each([
    [{ maxMib: null }, 'no MemoryMax'],
    [{ leak: true }, 'leaks'],
    [{ swapFreeMib: 99 }, 'nothing can be reclaimed'],
    [{ swapMaxIsZero: true }, 'nothing can be reclaimed'],
    [{ steadyMib: 800 }, '1.2 times the steady'],
    [{ highMib: 850, swapFreeMib: 2000 }, '0.9 times MemoryMax'],
    [{ restartsOnThrottle: false }, 'nothing restarts'],
  ])('is refused with %o', (changes, reason) => {
    expect(whyNotHigh({ ...good, ...changes }).join(' ')).toContain(reason)
  })
  it('may stand over file cache without swap', () =>
    expect(whyNotHigh({ ...good, swapFreeMib: 0, fileCacheShare: 0.6 })).toEqual([]))

  it('of an operator is answered with advice, never with a file', () => {
    const remedy = only(
      memoryHighMaker.propose(
        finding({ kind: 'memory-high-throttle' }),
        hostFacts({ high: String(150 * MIB), max: String(200 * MIB) }),
      ),
    )
    expect(remedy.files).toEqual([])
    expect(remedy.because).toContain('crawls instead of dying')
    expect(remedy.because).toMatch(/at least 2\d\d s from 150 to 200 MiB/)
  })
  it('is not mentioned when it is not set', () => {
    expect(memoryHighMaker.propose(finding({ kind: 'memory-high-throttle' }), hostFacts())).toEqual([])
  })
})

describe('the heap of Node', () => {
  it('for 1472 MiB, Node 22 and 180 MiB external is 1056 MiB', () => {
    expect(heapForLimit({ limitMib: 1472, nodeMajor: 22, externalMib: 180, workers: 0 })).toBe(1056)
  })
  it('leaves room for the larger young generation of Node 24 and for workers', () => {
    expect(heapForLimit({ limitMib: 1472, nodeMajor: 24, externalMib: 180, workers: 2 })).toBe(896)
  })
  it('needs its limit in turn', () => expect(heapNeedMib(1056, 22, 180)).toBe(1454))
  it.each(['', '--max-old-space-size=512', '--max_old_space_size=512'])(
    'may be replaced when NODE_OPTIONS is %j',
    (options) => {
      expect(isOnlyHeapFlag(options)).toBe(true)
    },
  )
  it.each(['--require x', '--max-old-space-size=512 --inspect', '[value'])(
    'may not be replaced when NODE_OPTIONS is %j',
    (options) => {
      expect(isOnlyHeapFlag(options)).toBe(false)
    },
  )

  const killed = finding({ victims: [{ pid: 1, comm: 'MainThread', unit: UNIT, anonRssBytes: null }] })

  it('gets a drop-in below a limit that Node does not know', () => {
    const remedy = only(nodeHeapMaker.propose(killed, hostFacts({ max: String(512 * MIB) })))
    expect(failed(remedy)).toEqual([])
    // 0.9 x (512 - 64 - 128 - 48) = 244.8
    expect(remedy.files[0]!.content).toContain('\nEnvironment=NODE_OPTIONS=--max-old-space-size=224\n')
    expect(remedy.apply.at(-1)).toEqual(['systemctl', 'restart', UNIT])
  })

  it.each([
    ['other options stand in the unit file', { unitFile: '[Service]\nEnvironment="NODE_OPTIONS=--require ./x.js"\n' }],
    ['the value was hidden', { unitFile: '[Service]\nEnvironment=NODE_OPTIONS=[value hidden]\n' }],
    ['an environment file may hold one', { unitFile: '[Service]\nEnvironmentFile=/etc/worker.env\n' }],
    [
      'a running process has other options',
      {
        more: [
          evidenceOf(
            nodeProcessesParser,
            null,
            'sh',
            `[process 377]\ncgroup: /system.slice/${UNIT}\nnode-options:\nnode-options-other-flags: 1\n`,
          ),
        ],
      },
    ],
  ])('is left to a person when %s', (_name, host) => {
    const remedy = only(nodeHeapMaker.propose(killed, hostFacts({ max: String(512 * MIB), ...host })))
    expect(remedy.files).toEqual([])
    expect(remedy.title).toContain('by hand')
  })

  it.each([
    ['Environment=FOO=1', 1],
    ['Environment=NODE_OPTIONS=', 0],
    ['Environment=', 0],
  ])('with a later drop-in that says %j writes %i files', (line, files) => {
    const dropIns = { [`/etc/systemd/system/${UNIT}.d/60-x.conf`]: `[Service]\n${line}\n` }
    const remedies = nodeHeapMaker.propose(killed, hostFacts({ max: String(512 * MIB), dropIns }))
    expect(remedies.flatMap((remedy) => remedy.files)).toHaveLength(files)
  })

  it('is not the answer when the flag in force fits already', () => {
    const remedy = only(
      nodeHeapMaker.propose(
        killed,
        hostFacts({
          max: String(512 * MIB),
          unitFile: '[Service]\nEnvironment=NODE_OPTIONS=--max-old-space-size=128\n',
        }),
      ),
    )
    expect(remedy.title).toContain('outside its heap')
  })

  it('is no matter for a unit without Node', () => {
    expect(
      nodeHeapMaker.propose(
        finding({ victims: [{ pid: 1, comm: 'php-fpm', unit: UNIT, anonRssBytes: null }] }),
        hostFacts(),
      ),
    ).toEqual([])
  })
})

describe('sums of other runtimes', () => {
  it('40 children fit into 2000 MiB', () =>
    expect(maxChildrenFor({ memoryMib: 2000, opcacheMib: 128, childMib: 45 })).toBe(40))
  it('no child fits into nothing', () =>
    expect(maxChildrenFor({ memoryMib: 100, opcacheMib: 128, childMib: 45 })).toBe(0))
  it('a JVM keeps 0.7 of its limit', () => expect(maxHeapFor(1024)).toBe(704))
  it('a container is written in Mi for Kubernetes and m for compose', () => {
    expect(containerSnippets(1472)).toEqual({
      compose: 'mem_limit: 1472m',
      kubernetes: 'resources: {limits: {memory: 1472Mi}}',
    })
  })
  it('a container that met its limit gets both advices and no file', () => {
    const remedy = only(
      containerMaker.propose(
        finding({
          kind: 'container-oom',
          container: 'web',
          limitBytes: 512 * MIB,
          victims: [{ pid: 1, comm: 'node', unit: null, anonRssBytes: 500 * MIB }],
        }),
        hostFacts(),
      ),
    )
    expect(remedy.because).toContain('memory: 640Mi')
    expect(remedy.because).toContain('Keep 512 MiB if memory only grows')
    expect(remedy.files).toEqual([])
  })
})

describe('a limit that is not in force', () => {
  const written = (line: Partial<Parameters<typeof correctionOf>[0]>) => ({
    path: '/etc/systemd/system/a.service',
    section: 'Service',
    key: 'MemoryMax',
    value: '3G',
    line: 4,
    fileLine: 3,
    ...line,
  })

  it.each([
    [{ value: '3G # <-- Set a soft maximum limit' }, 'MemoryMax=3G', 'no trailing comments'],
    [{ value: '3G ; soft' }, 'MemoryMax=3G', 'no trailing comments'],
    [{ value: '150MB' }, 'MemoryMax=150M', 'no suffix systemd knows'],
    [{ value: '2 GiB' }, 'MemoryMax=2G', 'no suffix systemd knows'],
    [{ section: 'Unit' }, 'MemoryMax=3G', 'it stands in [Unit]'],
    [{ section: null }, 'MemoryMax=3G', 'no section'],
    [{ key: 'MemoryLimit', value: '2G # x' }, 'MemoryMax=2G', 'cgroup v1'],
  ])('%o is corrected to %s', (line, corrected, problem) => {
    const correction = correctionOf(written(line), 'Service')
    expect(correction?.corrected).toEqual(['[Service]', corrected])
    expect(correction?.problem).toContain(problem)
  })

  it.each([{ value: '3G' }, { value: '50%' }, { value: 'infinity' }, { value: '209715200' }])('%o is right', (line) => {
    expect(correctionOf(written(line), 'Service')).toBeNull()
  })

  it('names file, line and the file that wins', () => {
    const facts = hostFacts({
      unitFile: '[Service]\nExecStart=/x\nMemoryMax=3G # soft\n',
      dropIns: { [`/etc/systemd/system/${UNIT}.d/override.conf`]: '[Service]\nMemoryMax=infinity\n' },
    })
    const remedy = only(correctedLimitMaker.propose(finding({ kind: 'limit-not-in-force' }), facts))
    expect(remedy.title).toBe(`Correct line 3 of /etc/systemd/system/${UNIT} to MemoryMax=3G in [Service]`)
    expect(remedy.warnings[0]).toContain('override.conf sets MemoryMax=infinity later and wins')
    expect(remedy.files).toEqual([])
  })

  it('asks for a reload when that is all', () => {
    const facts = hostFacts({ properties: { NeedDaemonReload: 'yes' } })
    expect(only(correctedLimitMaker.propose(finding({ kind: 'limit-not-in-force' }), facts)).title).toContain(
      'daemon-reload',
    )
  })
})

describe('pacing of restarts', () => {
  it('writes each key into its section', () => {
    const remedy = only(
      restartPacingMaker.propose(finding({ kind: 'crash-loop' }), hostFacts({ more: [restartsEvery(24, UNIT)] })),
    )
    expect(failed(remedy)).toEqual([])
    const { content } = remedy.files[0]!
    expect(content.indexOf('[Unit]')).toBeLessThan(content.indexOf('StartLimitIntervalSec=10min'))
    expect(content.indexOf('StartLimitBurst=5')).toBeLessThan(content.indexOf('[Service]'))
    expect(content.indexOf('[Service]')).toBeLessThan(content.indexOf('RestartSec=5s'))
    for (const line of content.split('\n')) if (!line.startsWith('#')) expect(line).not.toContain('#')
  })

  it('is refused when the limit would never fire', () => {
    const remedy = only(
      restartPacingMaker.propose(finding({ kind: 'crash-loop' }), hostFacts({ more: [restartsEvery(3000, UNIT)] })),
    )
    expect(remedy.files).toEqual([])
    expect(failed(remedy)).toEqual(['the limit can fire'])
  })

  it('is not proposed where the limit in force fires', () => {
    const facts = hostFacts({ more: [restartsEvery(24, UNIT)], properties: { StartLimitIntervalUSec: '10min' } })
    expect(restartPacingMaker.propose(finding({ kind: 'crash-loop' }), facts)).toEqual([])
  })

  it('is not proposed to a unit that dies at the limit of its slice: it need not be the one that grew', () => {
    const kill = (owner: string) =>
      logEvidence(
        logParser.parse(
          `[ 1.0] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=${owner},task_memcg=/app.slice/${UNIT},task=mailer,pid=7,uid=33\n` +
            '[ 1.1] Memory cgroup out of memory: Killed process 7 (mailer) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:33 pgtables:1kB oom_score_adj:0\n',
        ),
      )
    const pacedAfter = (owner: string) =>
      restartPacingMaker.propose(finding({}), hostFacts({ more: [restartsEvery(24, UNIT), kill(owner)] }))
    expect(pacedAfter('/app.slice')).toEqual([])
    expect(pacedAfter(`/app.slice/${UNIT}`)).toHaveLength(1)
  })

  it('is past where it has fired', () => {
    const facts = hostFacts({ more: [restartsEvery(1, UNIT)], properties: { Result: 'start-limit-hit' } })
    expect(only(restartPacingMaker.propose(finding({ kind: 'crash-loop' }), facts)).because).toContain(
      'has fired already',
    )
  })

  it('is past where systemd said so, though the result is still that of the last run', () => {
    const gaveUp = logEvidence({
      ...logParser.parse(`Nov 12 09:00:00 web01 systemd[1]: ${UNIT}: Start request repeated too quickly.\n`),
    })
    const facts = hostFacts({ more: [gaveUp], properties: { ActiveState: 'failed', Result: 'oom-kill' } })
    expect(only(restartPacingMaker.propose(finding({ kind: 'crash-loop' }), facts)).because).toContain(
      'has fired already',
    )
    const running = hostFacts({ more: [gaveUp], properties: { ActiveState: 'active', Result: 'success' } })
    expect(only(restartPacingMaker.propose(finding({ kind: 'crash-loop' }), running)).because).not.toContain(
      'has fired already',
    )
  })

  it('knows when a limit fires', () => {
    expect(pacingFires(5, 5, 30, 600)).toBe(true)
    expect(pacingFires(5, 5, 115, 600)).toBe(false)
  })

  it.each([
    ['1min 30s', 90],
    ['100ms', 0.1],
    ['5', 5],
    ['infinity', Number.POSITIVE_INFINITY],
    ['10 parsecs', null],
    ['', null],
  ])('reads the span %j', (text, seconds) => {
    expect(spanSeconds(text)).toBe(seconds)
  })
})

describe('other fixes', () => {
  it('let PM2 go on without one child, and say what that costs', () => {
    const unit = 'pm2-deploy.service'
    const remedy = only(
      oomPolicyMaker.propose(
        finding({ unit, victims: [{ pid: 1, comm: 'convert', unit, anonRssBytes: null }] }),
        hostFacts({ unit }),
      ),
    )
    expect(failed(remedy)).toEqual([])
    expect(remedy.files[0]!.content).toContain('[Service]\n# PM2 starts its own children again\nOOMPolicy=continue\n')
    expect(remedy.warnings[0]).toContain('alarm')
  })
  it('leave the policy of a single program alone', () => {
    expect(
      oomPolicyMaker.propose(
        finding({ victims: [{ pid: 1, comm: 'node', unit: UNIT, anonRssBytes: null }] }),
        hostFacts(),
      ),
    ).toEqual([])
  })

  it('show how large each unit was that died at the limit of their slice', () => {
    const kill = (unit: string, pid: number, anonMib: number): string =>
      `[ ${pid}.0] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/app.slice,task_memcg=/app.slice/${unit},task=x,pid=${pid},uid=33\n` +
      `[ ${pid}.1] Memory cgroup out of memory: Killed process ${pid} (x) total-vm:1kB, anon-rss:${anonMib * 1024}kB, file-rss:0kB, shmem-rss:0kB, UID:33 pgtables:1kB oom_score_adj:0\n`
    const adviceAfter = (...kills: readonly string[]): Remedy =>
      only(
        memoryMaxMaker.propose(
          finding({ cgroup: '/app.slice', limitBytes: 200 * MIB }),
          hostFacts({ more: [logEvidence(logParser.parse(kills.join('')))] }),
        ),
      )
    const both = adviceAfter(kill('mailer.service', 7, 132), kill(UNIT, 8, 117), kill('mailer.service', 9, 132))
    expect(both.because).toContain(`Killed at it: mailer.service with 132, 132 MiB; ${UNIT} with 117 MiB.`)
    expect(adviceAfter(kill('mailer.service', 7, 132)).because).not.toContain('Killed at it')
  })

  it('start what nothing starts again, and nothing else', () => {
    const adviceFor = (properties: Readonly<Record<string, string>>) =>
      startAgainMaker.propose(finding({ kind: 'global-oom' }), hostFacts({ properties }))
    const down = { ActiveState: 'failed', Result: 'oom-kill', Restart: 'no' }
    const init = only(adviceFor({ ...down, SourcePath: '/etc/init.d/php-fpm-82' }))
    expect(init.title).toBe(`Start ${UNIT}: it is down, and nothing starts it again`)
    expect(init.because).toContain('systemd made the unit from /etc/init.d/php-fpm-82')
    expect(adviceFor({ ...down, ActiveState: 'active' })).toEqual([])
    expect(adviceFor({ ...down, Restart: 'always' })).toEqual([])
    expect(adviceFor({ ...down, ActiveState: 'activating' })).toEqual([])
  })

  it('name the login in which a service was started by hand', () => {
    const scope = 'session-5.scope'
    const died = (comm: string | null) =>
      processManagerMaker.propose(
        finding({ kind: 'global-oom', unit: scope, victims: [{ pid: 7, comm, unit: scope, anonRssBytes: null }] }),
        hostFacts(),
      )
    expect(only(died('php-fpm')).title).toBe('If php-fpm is a service, start it as one: it ran in a login')
    expect(died(null)).toEqual([])
  })

  it('raise TasksMax only where it refused a task', () => {
    const cgroup = `/sys/fs/cgroup/system.slice/${UNIT}`
    const more = (refused: number) => [
      evidenceOf(pidsEventsParser, UNIT, `${cgroup}/pids.events`, `max ${refused}\n`),
      evidenceOf(cgroupValueParser, UNIT, `${cgroup}/pids.peak`, '100\n'),
    ]
    const proposal = only(
      tasksMaxMaker.propose(
        finding({ kind: 'cannot-fork' }),
        hostFacts({ properties: { TasksMax: '100' }, more: more(7) }),
      ),
    )
    expect(proposal.files[0]!.content).toContain('TasksMax=200')
    const none = only(
      tasksMaxMaker.propose(
        finding({ kind: 'cannot-fork' }),
        hostFacts({ properties: { TasksMax: '100' }, more: more(0) }),
      ),
    )
    expect(none.files).toEqual([])
  })

  it('say what can be done without a process, by the limit that refused one', () => {
    const pids = evidenceOf(cgroupValueParser, null, `/sys/fs/cgroup/system.slice/${UNIT}/pids.current`, '63\n')
    const adviceFor = (changes: Partial<Finding>): Remedy => {
      const refused = finding({ kind: 'cannot-fork', unit: null, ...changes })
      expect(tasksMaxMaker.propose(refused, hostFacts({ more: [pids] }))).toEqual([])
      return only(openShellMaker.propose(refused, hostFacts({ more: [pids] })))
    }
    const culprit = { comm: null, unit: UNIT, isVictim: false, why: '63 of the 68 tasks are its own' }
    expect(adviceFor({ culprit }).because).toContain(`echo 1 >/sys/fs/cgroup/system.slice/${UNIT}/cgroup.kill`)
    expect(adviceFor({ cgroup: '/user.slice/user-1000.slice' }).because).toContain(
      'systemctl set-property user-1000.slice TasksMax=N',
    )
    expect(adviceFor({ limitBytes: 466 * MIB }).because).toContain('at most 466 MiB')
    expect(openShellMaker.propose(finding({ kind: 'cannot-fork', unit: null }), hostFacts())).toEqual([])
    expect(openShellMaker.propose(finding({ kind: 'cannot-fork', culprit }), hostFacts())).toEqual([])
  })

  it('offer swap to a small host without any, and to no other', () => {
    expect(
      only(swapMaker.propose(finding({ kind: 'global-oom' }), hostFacts({ totalMib: 1970, swapMib: 0 }))).title,
    ).toContain('1970 MiB')
    expect(swapMaker.propose(finding({ kind: 'global-oom' }), hostFacts({ totalMib: 1970, swapMib: 512 }))).toEqual([])
    expect(swapMaker.propose(finding({ kind: 'global-oom' }), hostFacts({ totalMib: 16_000 }))).toEqual([])
  })
})

describe('every kind', () => {
  const nothing = factsFrom([], { fromMs: null, toMs: null })
  const diagnosisOf = (found: Finding): Diagnosis => ({
    findings: [found],
    history: [found],
    clear: [],
    changes: null,
    skipped: [],
    blindSpots: [],
    decisiveBlind: false,
  })

  it.each(KINDS)('%s has an answer without any host, and no file', (kind) => {
    const [first] = proposeRemedies(diagnosisOf(finding({ kind, unit: null })), nothing).findings
    expect(first!.remedies.length).toBeGreaterThan(0)
    for (const remedy of first!.remedies) {
      expect(remedy.files).toEqual([])
      expect(remedy.title).toMatch(/^[A-Z][a-z]+ /)
      expect(remedy.because).toMatch(/\.$/)
    }
  })

  it.each(KINDS)('%s on a known host never proposes a change with a failed check', (kind) => {
    const facts = hostFacts({ max: String(200 * MIB) })
    const diagnosis = proposeRemedies(
      diagnosisOf(finding({ kind, cgroup: `/system.slice/${UNIT}`, limitBytes: 200 * MIB })),
      facts,
    )
    for (const remedy of diagnosis.findings[0]!.remedies) {
      if (remedy.apply.length === 0) continue
      expect(failed(remedy)).toEqual([])
      expect(remedy.undo.length).toBeGreaterThan(0)
      expect(remedy.verify.length).toBeGreaterThan(0)
    }
    expect(diagnosis.history[0]!.remedies).toEqual([])
  })

  it('says No limit where people would reach for one', () => {
    const [first] = proposeRemedies(diagnosisOf(finding({ kind: 'v8-heap' })), hostFacts()).findings
    expect(first!.remedies.find((remedy) => remedy.id === 'no-limit')?.because).toMatch(
      /^No limit is the answer here, because /,
    )
  })

  it('survives a maker that breaks', () => {
    const broken = {
      id: 'broken',
      answers: KINDS,
      propose: () => {
        throw new Error('boom')
      },
    }
    const [first] = proposeRemedies(diagnosisOf(finding({})), nothing, [broken]).findings
    expect(first!.remedies.map((remedy) => remedy.because).join(' ')).toContain('boom')
  })

  it('has makers with names of their own', () => {
    expect(new Set(REMEDY_MAKERS.map((maker) => maker.id)).size).toBe(REMEDY_MAKERS.length)
  })
})
