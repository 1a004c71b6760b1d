import { describe, expect, it } from 'vitest'
import type { Evidence } from '../../src/domain/evidence.ts'
import { blankClaim, type Finding } from '../../src/domain/finding.ts'
import { logParser } from '../../src/parsers/log/log.ts'
import { nodeProcessesParser } from '../../src/parsers/nodeProcesses.ts'
import { defaultHeapMib, seesOwnLimit } from '../../src/remedies/nodeDefaults.ts'
import { memoryMaxMaker } from '../../src/remedies/memoryMax.ts'
import { nodeHeapMaker } from '../../src/remedies/nodeHeap.ts'
import { evidenceOf, hostFacts, UNIT } from './host.ts'

const MIB = 1024 * 1024

const killed = (unit = UNIT): Finding => ({
  ...blankClaim('memcg-oom', 'x'),
  role: 'root-cause',
  remedies: [],
  confidence: 'certain',
  unit,
  victims: [{ pid: 377, comm: 'MainThread', unit, anonRssBytes: null }],
})

/** Node programs of a unit as the host's own step lists them. */
const running = (versions: readonly string[], unit = UNIT, more = ''): Evidence =>
  evidenceOf(
    nodeProcessesParser,
    null,
    'sh',
    versions
      .map(
        (version, index) =>
          `[process ${377 + index}]\nName: node\ncgroup: /system.slice/${unit}\n${version === '' ? '' : `version: ${version}\n`}node-options:\nnode-options-other-flags: 0\n`,
      )
      .join('') + more,
  )

describe('the heap Node takes without a flag', () => {
  it.each([
    [12, [259, 524, 1048, 2096, 2096, 2096]],
    [18, [259, 524, 1048, 2096, 2096, 4144]],
    [22, [259, 524, 1048, 2096, 2096, 4144]],
    [24, [259, 560, 1120, 2240, 2240, 4288]],
  ])('is, for Node %i, what was measured', (major, measured) => {
    expect([512, 1024, 2048, 4096, 8192, 16_384].map((seen) => defaultHeapMib(major, seen))).toEqual(measured)
  })

  it.each([
    ['v18.20.4', 2, false],
    ['v18.20.4', 1, true],
    ['v20.20.2', 2, true],
    ['v20.1.0', 2, null],
    ['v22.11.0', 2, true],
  ] as const)('%s on cgroup v%i sees its own limit: %o', (text, cgroup, sees) => {
    const { version } = nodeProcessesParser.parse(`[process 1]\nversion: ${text}\n`).processes[0]!
    expect(seesOwnLimit(version!, cgroup)).toBe(sees)
  })
})

describe('the version in a proposal', () => {
  it('of Node 18 says that it takes more heap than the limit has, and how much young generation was counted', () => {
    const [remedy] = nodeHeapMaker.propose(
      killed(),
      hostFacts({ max: String(1024 * MIB), more: [running(['v18.20.4'])] }),
    )
    // 0.9 x (1024 - 64 - 256 - 48) = 590.4
    expect(remedy!.settings[0]!.value).toBe('NODE_OPTIONS=--max-old-space-size=576')
    expect(remedy!.because).toContain('Node v18.20.4 takes a heap of 2048 MiB without a flag, and 576 MiB fit')
    expect(remedy!.settings[0]!.because).toContain('this is Node v18.20.4, whose young generation is 48 MiB')
  })

  it('of Node 24 leaves room for 192 MiB', () => {
    const more = [running(['v24.0.1'])]
    const [remedy] = nodeHeapMaker.propose(
      { ...killed(), kind: 'v8-heap' },
      hostFacts({ max: String(4096 * MIB), more }),
    )
    // 0.9 x (4096 - 64 - 1024 - 192) = 2534.4
    expect(remedy!.settings[0]!.value).toBe('NODE_OPTIONS=--max-old-space-size=2528')
  })

  it('that sees its limit is told to look outside the heap, and gets no flag', () => {
    const [remedy, ...rest] = nodeHeapMaker.propose(
      killed(),
      hostFacts({ max: String(1024 * MIB), more: [running(['v22.11.0'])] }),
    )
    expect(rest).toEqual([])
    expect(remedy!.files).toEqual([])
    expect(remedy!.title).toContain('outside its heap')
    expect(remedy!.because).toContain('Node v22.11.0 takes it without a flag')
  })

  it.each([[['']], [['v18.20.4', 'v24.0.1']]])('that is not known for sure (%o) is not claimed', (versions) => {
    const remedies = nodeHeapMaker.propose(killed(), hostFacts({ max: String(2048 * MIB), more: [running(versions)] }))
    expect(JSON.stringify(remedies)).toContain("Node's version was not read")
    expect(JSON.stringify(remedies)).not.toMatch(/this is Node v/)
  })

  it('never names the percentage, which older versions refuse to start with', () => {
    for (const version of ['v12.22.12', 'v18.20.4', 'v22.11.0', 'v24.0.1'])
      for (const max of [128, 512, 2048, 8192])
        expect(
          JSON.stringify(
            nodeHeapMaker.propose(killed(), hostFacts({ max: String(max * MIB), more: [running([version])] })),
          ),
        ).not.toContain('percentage')
  })
})

describe('memory outside the heap', () => {
  /** Full collections as `--trace-gc` prints them, of one isolate. */
  const traced = (pid: number, usedMib: number, committedMib: number, isolate = '0x5a0f000'): Evidence =>
    evidenceOf(
      logParser,
      UNIT,
      'journalctl',
      [1, 2, 3, 4, 5, 6]
        .map(
          (second) =>
            `2026-11-25T10:04:0${second}+0000 web01 node[${pid}]: [${pid}:${isolate}]     ${second}000 ms: Mark-Compact 40.0 (50.0) -> ${usedMib}.0 (${committedMib}.0) MB, pooled: 0 MB, 5.11 / 0.00 ms (average mu = 0.9, current mu = 0.9) allocation failure; scavenge might not succeed`,
        )
        .join('\n'),
    )
  const diedWith = (anonMib: number): Finding => ({
    ...killed(),
    victims: [{ pid: 377, comm: 'MainThread', unit: UNIT, anonRssBytes: anonMib * MIB }],
  })
  const because = (finding: Finding, limitMib: number, more: readonly Evidence[]): string =>
    JSON.stringify(nodeHeapMaker.propose(finding, hostFacts({ max: String(limitMib * MIB), more })))

  it('at the kill is what the heap did not hold, and takes the place of the quarter', () => {
    const [remedy] = nodeHeapMaker.propose(
      diedWith(1010),
      hostFacts({ max: String(1024 * MIB), more: [running(['v18.20.4']), traced(377, 300, 800)] }),
    )
    // 0.9 x (1024 - 64 - 210 - 48) = 631.8
    expect(remedy!.settings[0]!.value).toBe('NODE_OPTIONS=--max-old-space-size=608')
    expect(remedy!.settings[0]!.because).toContain(
      '210 external (146 to 210: at the kill it had 1010 MiB of anonymous memory, and the last full collection of V8 left 300 MiB in use of 800 MiB of heap)',
    )
    expect(remedy!.warnings.join(' ')).not.toContain('not measured')
  })

  it('is no matter where the heap itself was full of live things', () => {
    const text = because(diedWith(1010), 1024, [running(['v18.20.4']), traced(377, 920, 940)])
    expect(text).toContain('and 920 MiB were live after the last collection')
    expect(text).not.toContain('NODE_OPTIONS')
  })

  it('that filled the limit is said with its numbers, and no flag is proposed', () => {
    const [remedy, ...rest] = nodeHeapMaker.propose(
      diedWith(990),
      hostFacts({ max: String(1024 * MIB), more: [running(['v18.20.4']), traced(377, 4, 6)] }),
    )
    expect(rest).toEqual([])
    expect(remedy!.files).toEqual([])
    expect(remedy!.title).toBe(`Find what ${UNIT} holds outside its heap`)
    expect(remedy!.because).toContain('At least 920 of 1024 MiB')
  })

  it('of several threads is what all their heaps together did not hold', () => {
    const text = because(diedWith(1010), 1024, [
      running(['v18.20.4']),
      traced(377, 200, 400),
      traced(377, 100, 400, '0x6b1f000'),
    ])
    expect(text).toContain('left 300 MiB in use of 800 MiB')
  })

  it('is at least what the heap limit leaves over', () => {
    // A heap of 2048 + 48 and a base of 64 cannot be 5900.
    const flag = 'command-flags: --max-old-space-size=2048\n'
    const process = (more: string) =>
      evidenceOf(nodeProcessesParser, null, 'sh', `[process 377]\nName: node\ncgroup: /system.slice/${UNIT}\n${more}`)
    expect(because(diedWith(5900), 6000, [process(flag)])).toContain(
      'At least 3740 of 6000 MiB were Buffers, native code or the allocator',
    )
    expect(because(diedWith(5900), 6000, [process('')])).not.toContain('At least')
  })

  it('of another life under another pid says nothing about the kill', () => {
    expect(because(diedWith(1010), 1024, [running(['v18.20.4']), traced(999, 300, 800)])).toContain(
      'not measured, a quarter',
    )
  })

  it('seen once, now, may only raise the quarter', () => {
    const now = (anonMib: number) =>
      evidenceOf(
        nodeProcessesParser,
        null,
        'sh',
        `[process 500]\nName: node\nRssAnon: ${anonMib * 1024} kB\ncgroup: /system.slice/${UNIT}\nversion: v18.20.4\nnode-options:\nnode-options-other-flags: 0\n`,
      )
    const small = because(killed(), 1024, [now(100), traced(500, 40, 50)])
    expect(small).toContain(
      '256 external (a quarter, because one look is no measure of its peak: now pid 500 has 100 MiB',
    )
    expect(small).toContain('so 0 to 50')
    expect(small).toContain('--max-old-space-size=576')
    const large = because(killed(), 1024, [now(540), traced(500, 40, 50)])
    expect(large).toContain('490 external (426 to 490: now pid 500 has 540 MiB')
    // 0.9 x (1024 - 64 - 490 - 48) = 379.8
    expect(large).toContain('--max-old-space-size=352')
  })

  it('is counted beside a heap flag when a limit for the unit is judged', () => {
    const process = evidenceOf(
      nodeProcessesParser,
      null,
      'sh',
      `[process 500]\nName: node\nRssAnon: ${4500 * 1024} kB\ncgroup: /system.slice/${UNIT}\ncommand-flags: --max-old-space-size=2048\n`,
    )
    const global: Finding = {
      ...killed(),
      kind: 'global-oom',
      victims: [{ pid: 377, comm: 'node', unit: UNIT, anonRssBytes: 5900 * MIB }],
      largestTask: { pid: 377, comm: 'node', rssBytes: 5900 * MIB },
      culprit: { comm: 'node', unit: UNIT, isVictim: true, why: 'x' },
    }
    const fits = (more: readonly Evidence[]) =>
      memoryMaxMaker
        .propose(global, hostFacts({ more }))
        .flatMap(({ checks }) => checks)
        .find(({ check }) => check === 'a heap flag fits below it')
    // 1.1 x 2048 + 48 + 64 = 2365, and 4500 - 50 - 64 = 4386 outside.
    expect(fits([process])).toMatchObject({ holds: true })
    expect(fits([process, traced(500, 40, 50)])).toMatchObject({ holds: false })
    expect(fits([process, traced(500, 40, 50)])?.detail).toContain(
      'needs about 6751 MiB with the 4386 MiB at least that lie outside it',
    )
  })
})

describe('a limit that several programs share', () => {
  it('is divided, because each of them gets the flag', () => {
    const [remedy] = nodeHeapMaker.propose(
      killed(),
      hostFacts({ max: String(2048 * MIB), more: [running(['v18.20.4', 'v18.20.4'])] }),
    )
    expect(remedy!.settings[0]!.value).toBe('NODE_OPTIONS=--max-old-space-size=576')
    expect(remedy!.settings[0]!.because).toContain('1024 of 2048 for each of 2 programs')
    expect(remedy!.checks.find((check) => check.check === 'the heap fits the limit')?.detail).toBe(
      '2 x 576 MiB = 1152 MiB of 2048 MiB',
    )
  })

  it('under PM2 is set where PM2 keeps it, and PM2 itself is no app', () => {
    const unit = 'pm2-deploy.service'
    const god = `[process 300]\nName: PM2 v7.0.4: God\ncgroup: /system.slice/${unit}\nversion: v18.20.4\n`
    const [remedy] = nodeHeapMaker.propose(
      killed(unit),
      hostFacts({ unit, max: String(1024 * MIB), more: [running(['v18.20.4'], unit, god)] }),
    )
    expect(remedy!.files).toEqual([])
    expect(remedy!.title).toBe(
      `Set --max-old-space-size=576 for the apps of ${unit} in node_args of its ecosystem file`,
    )
  })

  it('that is too small for any heap is left to whoever sizes the limit', () => {
    expect(nodeHeapMaker.propose(killed(), hostFacts({ max: String(200 * MIB) }))).toEqual([])
  })
})

describe('a heap that ran full', () => {
  it('gets no smaller one', () => {
    const [remedy] = nodeHeapMaker.propose(
      { ...killed(), kind: 'v8-heap' },
      hostFacts({
        max: String(512 * MIB),
        unitFile: '[Service]\nEnvironment=NODE_OPTIONS=--max-old-space-size=300\n',
      }),
    )
    expect(remedy!.files).toEqual([])
    expect(remedy!.title).toContain('no bigger heap fits')
  })
})
