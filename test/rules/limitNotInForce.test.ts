import { describe, expect, it } from 'vitest'
import { limitNotInForceRule, limitWarningRule } from '../../src/rules/limitNotInForce.ts'
import { factsOf, scenarioSteps } from './sampleEvidence.ts'
import type { TestStep } from './sampleEvidence.ts'

const UNIT = 'queue_worker.service'
const MAIN = `/etc/systemd/system/${UNIT}`

interface Given {
  readonly files: readonly (readonly [path: string, text: string])[]
  readonly show: string
  readonly max?: string
}

const stepsOf = ({ files, show, max }: Given): readonly TestStep[] => [
  {
    step: 'cat',
    subject: UNIT,
    parser: 'systemctl-cat',
    stdout: files.map(([path, text]) => `# ${path}\n${text}\n`).join('\n'),
  },
  {
    step: 'show',
    subject: UNIT,
    parser: 'systemctl-show',
    stdout: `Id=${UNIT}\nControlGroup=/system.slice/${UNIT}\n${show}\n`,
  },
  ...(max === undefined
    ? []
    : [{ step: 'files', command: `/sys/fs/cgroup/system.slice/${UNIT}/memory.max`, stdout: max }]),
]

const claimsOf = (given: Given) => limitNotInForceRule.check(factsOf(stepsOf(given)))

describe('limit-not-in-force must fire', () => {
  it('on a comment at the end of a line, as the founding story has it', () => {
    const [claim, ...others] = claimsOf({
      files: [[MAIN, '[Service]\nMemoryMax=3G # <-- Set a soft maximum limit']],
      show: 'MemoryMax=infinity',
      max: 'max\n',
    })
    expect(others).toEqual([])
    expect(claim).toMatchObject({ kind: 'limit-not-in-force', confidence: 'certain', unit: UNIT })
    expect(claim!.summary).toContain(`(${MAIN}:2)`)
    expect(claim!.summary).toContain('no comments at the end of a line')
    expect(claim!.summary).toContain('there is no limit now')
    expect(claim!.citations.map((one) => one.text)).toEqual([
      'MemoryMax=3G # <-- Set a soft maximum limit',
      'MemoryMax=infinity',
      'max',
    ])
  })

  it('on both of its lines as one finding: the old name is as invalid as the new', () => {
    const claims = claimsOf({
      files: [[MAIN, '[Service]\nMemoryLimit=2G # hard\nMemoryMax=3G # soft']],
      show: 'MemoryMax=infinity\nMemoryLimit=infinity',
    })
    expect(claims).toHaveLength(1)
    expect(claims[0]!.summary).toContain('and 1 more such line')
    expect(claims[0]!.why).toContain('MemoryLimit=2G # hard')
  })

  it('on a suffix systemd does not know, and says what is in force instead', () => {
    const [claim] = claimsOf({
      files: [[MAIN, '[Service]\nMemoryMax=2G\nMemoryMax=150MB']],
      show: 'MemoryMax=2147483648',
    })
    expect(claim!.summary).toContain('the suffixes are K, M, G and T alone')
    expect(claim!.summary).toContain('the limit now is 2 GiB')
  })

  it('on the wrong section, in the real capture, with the journal’s own warnings as evidence', () => {
    const [claim] = limitNotInForceRule.check(factsOf(scenarioSteps('systemd-wrong-section')))
    expect(claim).toMatchObject({ confidence: 'certain', unit: UNIT })
    expect(claim!.summary).toContain('means nothing in [Unit]; it belongs into [Service]')
    expect(claim!.citations.some((one) => one.text.includes("Unknown key 'MemoryMax' in section [Unit]"))).toBe(true)
  })

  it('on the old name beside a modern key, in the real capture', () => {
    const [claim] = limitNotInForceRule.check(factsOf(scenarioSteps('systemd-deprecated-memorylimit')))
    expect(claim!.summary).toContain('the old MemoryLimit= is ignored in a unit that has MemoryMax=')
  })

  it('on MemoryHigh beside MemoryLimit: no hard limit is left', () => {
    const [claim] = claimsOf({
      files: [[MAIN, '[Service]\nMemoryHigh=1G\nMemoryLimit=2G']],
      show: 'MemoryMax=infinity\nMemoryHigh=1073741824\nMemoryLimit=2147483648',
    })
    expect(claim!.summary).toContain('MemoryLimit=2G')
    expect(claim!.summary).toContain('there is no limit now')
  })

  it('on a reload that is pending: certain when systemd says so, likely when only the numbers do', () => {
    const files = [[MAIN, '[Service]\nMemoryMax=1G']] as const
    const pending = claimsOf({ files, show: 'MemoryMax=infinity\nNeedDaemonReload=yes' })
    const silent = claimsOf({ files, show: 'MemoryMax=infinity\nNeedDaemonReload=no' })
    expect(pending[0]).toMatchObject({ confidence: 'certain' })
    expect(silent[0]).toMatchObject({ confidence: 'likely' })
    expect(silent[0]!.summary).toContain('daemon-reload')
  })

  it('on a later file that loosens the limit: only possible, for it may be meant so', () => {
    const claims = claimsOf({
      files: [
        [MAIN, '[Service]\nMemoryMax=1G'],
        [`${MAIN}.d/override.conf`, '[Service]\nMemoryMax=infinity'],
      ],
      show: 'MemoryMax=infinity',
    })
    expect(claims[0]).toMatchObject({ confidence: 'possible' })
    expect(claims[0]!.summary).toContain('override.conf:2')
  })
})

describe('limit-not-in-force must not fire', () => {
  it.each(['systemd-worker-memcg', 'systemd-healthy', 'systemd-memory-high', 'systemd-host-global'])(
    'on the real capture %s',
    (scenario) => {
      expect(limitNotInForceRule.check(factsOf(scenarioSteps(scenario)))).toEqual([])
    },
  )

  it('on a limit that the kernel rounded down to a page', () => {
    const files = [[MAIN, '[Service]\nMemoryMax=200000001']] as const
    expect(claimsOf({ files, show: 'MemoryMax=200000001', max: '199999488\n' })).toEqual([])
  })

  it('on a percentage, whose number only the host knows', () => {
    expect(claimsOf({ files: [[MAIN, '[Service]\nMemoryMax=10%']], show: 'MemoryMax=49258496' })).toEqual([])
  })

  it('on a later file that is stricter', () => {
    const files = [
      [MAIN, '[Service]\nMemoryMax=2G'],
      [`${MAIN}.d/50-medic-memory.conf`, '[Service]\nMemoryMax=1G'],
    ] as const
    expect(claimsOf({ files, show: 'MemoryMax=1073741824' })).toEqual([])
  })

  it('on the old name alone, which systemd applies as the new one', () => {
    expect(
      claimsOf({ files: [[MAIN, '[Service]\nMemoryLimit=2G']], show: 'MemoryMax=infinity', max: '2147483648\n' }),
    ).toEqual([])
  })

  it('when systemd does not say what is in force', () => {
    expect(claimsOf({ files: [[MAIN, '[Service]\nMemoryMax=3G # soft']], show: 'Result=success' })).toEqual([])
  })

  it('on a comment line of its own', () => {
    const files = [[MAIN, '[Service]\n# MemoryMax=3G\n; MemoryMax=4G']] as const
    expect(claimsOf({ files, show: 'MemoryMax=infinity' })).toEqual([])
  })
})

describe('limit-warning', () => {
  const journal =
    "2026-11-23T15:21:46.575727+0000 web01 systemd[1]: /etc/systemd/system/queue_worker.service:14: Invalid memory limit '3G # soft', ignoring: Invalid argument\n"

  it('finds the limit in a journal that somebody pasted', () => {
    const [claim, ...others] = limitWarningRule.check(factsOf([{ step: 'input', parser: 'log', stdout: journal }]))
    expect(others).toEqual([])
    expect(claim).toMatchObject({ kind: 'limit-not-in-force', unit: UNIT, at: '2026-11-23T15:21:46.575Z' })
    expect(claim!.citations).toEqual([{ evidence: 'E1', line: 1, text: journal.trim() }])
  })

  it('is silent where the files themselves were read', () => {
    const steps = [
      ...stepsOf({ files: [[MAIN, '[Service]\nMemoryMax=3G']], show: 'MemoryMax=3221225472' }),
      { step: 'log', command: 'journalctl -b', parser: 'log', stdout: journal },
    ]
    expect(limitWarningRule.check(factsOf(steps))).toEqual([])
  })

  it('is silent about keys that limit nothing', () => {
    const text =
      "Nov 23 15:21:46 web01 systemd[1]: /etc/systemd/system/a.service:5: Unknown key 'OOMPolicy' in section [Unit], ignoring.\n"
    expect(limitWarningRule.check(factsOf([{ step: 'input', parser: 'log', stdout: text }]))).toEqual([])
  })
})
