import { describe, expect, it } from 'vitest'
import type { Evidence } from '../../src/domain/evidence.ts'
import { blankClaim, type Finding } from '../../src/domain/finding.ts'
import { nodeProcessesParser } from '../../src/parsers/nodeProcesses.ts'
import { defaultHeapMib, seesOwnLimit } from '../../src/remedies/nodeDefaults.ts'
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
