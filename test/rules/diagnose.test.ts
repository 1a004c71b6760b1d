import { describe, expect, it } from 'vitest'
import { blankClaim } from '../../src/domain/finding.ts'
import type { Claim } from '../../src/domain/finding.ts'
import type { Kind } from '../../src/domain/kind.ts'
import { logParser } from '../../src/parsers/log/log.ts'
import { meminfoParser } from '../../src/parsers/meminfo.ts'
import { diagnose } from '../../src/rules/diagnose.ts'
import { NotEnoughEvidence } from '../../src/rules/notEnough.ts'
import type { Rule } from '../../src/rules/rule.ts'
import { DAY, factsOf, scenarioSteps } from './sampleEvidence.ts'
import type { TestStep } from './sampleEvidence.ts'

const LOG: TestStep = {
  step: 'kernel-log',
  command: 'journalctl -k -b',
  parser: 'log',
  stdout: 'Nov 23 15:00:00 web01 kernel: hello\n',
}
const PASTED: TestStep = { step: 'input', parser: 'log', stdout: 'hello\n' }

const rule = (
  id: string,
  kinds: readonly Kind[],
  claims: readonly Claim[] | Error,
  more: Partial<Rule> = {},
): Rule => ({
  id,
  kinds,
  needs: [logParser],
  wants: [],
  explains: [],
  check: () => {
    if (claims instanceof Error) throw claims
    return claims
  },
  ...more,
})

const claim = (kind: Kind, fields: Partial<Claim> = {}): Claim => ({
  ...blankClaim(kind, kind),
  confidence: 'certain',
  citations: [{ evidence: 'E1', line: 1, text: 'hello' }],
  ...fields,
})

describe('a diagnosis', () => {
  it('contains a rule that fails and keeps the others', () => {
    const diagnosis = diagnose(factsOf([LOG]), [
      rule('broken', ['go-oom'], new TypeError('x is undefined')),
      rule('unsure', ['swap-thrash'], new NotEnoughEvidence('read only once')),
      rule('good', ['php-limit'], [claim('php-limit')]),
    ])
    expect(diagnosis.findings.map((finding) => finding.kind)).toEqual(['php-limit'])
    expect(diagnosis.skipped).toEqual([
      { rule: 'broken', reason: 'the rule itself failed: x is undefined' },
      { rule: 'unsure', reason: 'read only once' },
    ])
    expect(diagnosis.clear).toEqual([])
  })

  it('skips what has no reading and says which and why', () => {
    const host = diagnose(factsOf([LOG, { step: 'mem', command: '/proc/meminfo', stdout: 'nonsense' }]), [
      rule('r', ['kernel-memory'], [], { needs: [meminfoParser] }),
    ])
    expect(host.skipped[0]!.reason).toContain('no reading of meminfo (mem: meminfo: line 1')
    const text = diagnose(factsOf([PASTED]), [rule('r', ['kernel-memory'], [], { needs: [meminfoParser] })])
    expect(text.skipped).toEqual([{ rule: 'r', reason: 'no host was asked' }])
  })

  it('calls a kind clear only if every rule about it ran', () => {
    const rules = [
      rule('a', ['disk-full'], []),
      rule('b', ['disk-full'], [], { needs: [meminfoParser] }),
      rule('c', ['php-limit'], []),
    ]
    expect(diagnose(factsOf([LOG]), rules).clear).toEqual(['php-limit'])
    expect(diagnose(factsOf([{ ...LOG, stdout: '' }]), rules).clear).toEqual([])
  })

  it('does not call kernel kinds clear when the kernel log was blind, and lowers an unknown sender', () => {
    const blind: TestStep = {
      ...LOG,
      stdout: '-- No entries --\n',
      stderr: 'Hint: You are currently not seeing messages from other users',
    }
    const rules = [
      rule('k', ['global-oom'], []),
      rule('p', ['php-limit'], []),
      rule('u', ['killed-unknown-sender'], [claim('killed-unknown-sender', { confidence: 'likely' })]),
    ]
    const diagnosis = diagnose(factsOf([blind]), rules)
    expect(diagnosis.clear).toEqual(['php-limit'])
    expect(diagnosis.decisiveBlind).toBe(true)
    expect(diagnosis.findings[0]).toMatchObject({ confidence: 'possible' })
    expect(diagnosis.findings[0]!.doubts[0]).toContain('kernel log could not be read')
  })

  it('lowers a global kill when the unit reached its own limit as well, and prints the contradiction', () => {
    const local = {
      step: 'f',
      command: '/sys/fs/cgroup/system.slice/a.service/memory.events.local',
      stdout: 'oom 2\noom_kill 2\n',
    }
    const [finding] = diagnose(factsOf([LOG, local]), [
      rule('g', ['global-oom'], [claim('global-oom', { unit: 'a.service' })]),
    ]).findings
    expect(finding).toMatchObject({ confidence: 'likely' })
    expect(finding!.doubts[0]).toContain('memory.events.local')
  })

  it('parts history from the window and keeps what has no time', () => {
    const claims = [
      claim('php-limit', { at: '2026-11-20T00:00:00.000Z' }),
      claim('go-oom', { at: '2026-11-23T10:00:00.000Z' }),
      claim('rust-alloc'),
    ]
    const diagnosis = diagnose(factsOf([LOG]), [rule('r', ['php-limit', 'go-oom', 'rust-alloc'], claims)])
    expect(diagnosis.history.map((finding) => finding.kind)).toEqual(['php-limit'])
    expect(diagnosis.findings.map((finding) => finding.kind)).toEqual(['go-oom', 'rust-alloc'])
    // What happened before the window only is not there inside it.
    expect(diagnosis.clear).toEqual(['php-limit'])
  })

  it('puts root causes first, then the surest, then the newest', () => {
    const claims = [
      claim('crash-loop', { unit: 'a.service', at: '2026-11-23T10:05:00.000Z' }),
      claim('go-oom', { confidence: 'likely', at: '2026-11-23T12:00:00.000Z' }),
      claim('memcg-oom', { unit: 'a.service', at: '2026-11-23T10:00:00.000Z' }),
      claim('php-limit', { at: '2026-11-23T11:00:00.000Z' }),
    ]
    const { findings } = diagnose(factsOf([LOG]), [rule('r', ['memcg-oom'], claims)])
    expect(findings.map((finding) => finding.kind)).toEqual(['php-limit', 'memcg-oom', 'go-oom', 'crash-loop'])
    expect(findings.map((finding) => finding.role)).toEqual(['root-cause', 'root-cause', 'root-cause', 'symptom'])
  })

  it('gives the same bytes for the same evidence, whatever the order of claims', () => {
    const claims = [claim('go-oom'), claim('php-limit'), claim('go-oom', { unit: 'b.service' }), claim('rust-alloc')]
    const one = diagnose(factsOf([LOG]), [rule('r', ['go-oom'], claims)])
    const other = diagnose(factsOf([LOG]), [rule('r', ['go-oom'], claims.toReversed())])
    expect(JSON.stringify(other)).toBe(JSON.stringify(one))
  })

  it('folds more than twenty alike into one with their count, and leaves twenty alone', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        claim('php-limit', {
          at: new Date(Date.parse('2026-11-23T10:00:00Z') + index * 120_000).toISOString(),
          citations: [{ evidence: 'E1', line: index + 1, text: 'hello' }],
        }),
      )
    const of = (count: number) => diagnose(factsOf([LOG]), [rule('r', ['php-limit'], many(count))]).findings
    expect(of(20)).toHaveLength(20)
    const [folded, ...others] = of(50)
    expect(others).toEqual([])
    expect(folded).toMatchObject({ count: 50, at: '2026-11-23T11:38:00.000Z' })
    expect(folded!.summary).toContain('50 such events, the first at 2026-11-23T10:00:00.000Z')
    expect(folded!.citations.length).toBeLessThanOrEqual(24)
  })

  it('says nothing about an empty text', () => {
    const diagnosis = diagnose(factsOf([{ step: 'input', parser: 'log', stdout: '' }], { fromMs: null, toMs: null }))
    expect(diagnosis.findings).toEqual([])
    expect(diagnosis.clear).toEqual([])
    expect(diagnosis.skipped.length).toBeGreaterThan(10)
  })
})

describe('a diagnosis of the lab with all rules', () => {
  it('finds nothing on the healthy host', () => {
    const diagnosis = diagnose(factsOf(scenarioSteps('systemd-healthy')))
    expect([diagnosis.findings, diagnosis.history, diagnosis.blindSpots]).toEqual([[], [], []])
    expect(diagnosis.clear).toContain('memory-pressure')
    expect(diagnosis.decisiveBlind).toBe(false)
  })

  it('explains pressure by the throttled unit', () => {
    const { findings } = diagnose(factsOf(scenarioSteps('systemd-memory-high')))
    expect(findings.filter((finding) => finding.role === 'root-cause').map((finding) => finding.kind)).toEqual([
      'memory-high-throttle',
    ])
    expect(findings.some((finding) => finding.kind === 'memory-pressure')).toBe(true)
  })

  it('finds in the leaking worker the kill as the cause and the restarts as its symptom', () => {
    const { findings } = diagnose(factsOf(scenarioSteps('systemd-worker-memcg')))
    const causes = findings.filter((finding) => finding.role === 'root-cause')
    expect(new Set(causes.map((finding) => finding.kind))).toEqual(new Set(['memcg-oom']))
    expect(causes[0]).toMatchObject({
      confidence: 'certain',
      doubts: [],
      unit: 'queue_worker.service',
      limitBytes: 209_715_200,
      victims: [{ pid: 377, comm: 'MainThread' }],
    })
    expect(findings.find((finding) => finding.kind === 'crash-loop')).toMatchObject({ role: 'symptom' })
  })

  it('tells a host that ran out from a limit, and pressure from its cause', () => {
    const { findings } = diagnose(factsOf(scenarioSteps('systemd-host-global')))
    expect(findings[0]).toMatchObject({ kind: 'global-oom', role: 'root-cause', confidence: 'certain' })
    expect(findings.find((finding) => finding.kind === 'memory-pressure')).toMatchObject({ role: 'symptom' })
  })

  it('names the slice whose limit killed the unit', () => {
    const { findings } = diagnose(factsOf(scenarioSteps('systemd-slice-limit')))
    expect(findings[0]).toMatchObject({ kind: 'memcg-oom', cgroup: '/app.slice', unit: 'queue_worker.service' })
  })

  it('gives a pasted kernel log the same verdict without any host', () => {
    const stdout = scenarioSteps('systemd-worker-memcg').find((one) => one.step === 'kernel-log')!.stdout!
    const diagnosis = diagnose(factsOf([{ step: 'input', parser: 'log', stdout }], { fromMs: null, toMs: null }))
    expect(diagnosis.findings.map((finding) => [finding.kind, finding.role])).toEqual([
      ['memcg-oom', 'root-cause'],
      ['memcg-oom', 'root-cause'],
    ])
    expect(diagnosis.findings.map((finding) => finding.at)).toEqual([null, null])
    expect(diagnosis.skipped.find((one) => one.rule === 'memory-pressure')).toEqual({
      rule: 'memory-pressure',
      reason: 'no host was asked',
    })
    expect(diagnosis.clear).toContain('segfault')
    expect(diagnosis.clear).not.toContain('memory-pressure')
    expect(diagnosis.blindSpots).toEqual([])
  })

  it('does not call the host clear that forgot its past', () => {
    const diagnosis = diagnose(factsOf(scenarioSteps('systemd-volatile-journal')))
    expect(diagnosis.findings).toEqual([])
    expect(diagnosis.decisiveBlind).toBe(true)
    expect(diagnosis.clear).not.toContain('memcg-oom')
    expect(diagnosis.blindSpots.join()).toContain('do not exist')
  })

  it('gives the same bytes twice', () => {
    const once = () => JSON.stringify(diagnose(factsOf(scenarioSteps('systemd-slice-limit'), DAY)))
    expect(once()).toBe(once())
  })
})

it('stays quick on a log that a hostile program filled with kills, and folds them', () => {
  const line = (pid: number) =>
    `Nov 23 15:20:00 web01 kernel: Memory cgroup out of memory: Killed process ${pid} (node) total-vm:1kB, anon-rss:1kB, file-rss:1kB, shmem-rss:0kB, UID:33 pgtables:1kB oom_score_adj:0\n`
  const stdout = Array.from({ length: 8000 }, (_, index) => line(index + 1)).join('')
  const facts = factsOf([{ step: 'input', parser: 'log', stdout }], { fromMs: null, toMs: null })
  const before = performance.now()
  const { findings } = diagnose(facts)
  expect(performance.now() - before).toBeLessThan(5000)
  expect(findings).toMatchObject([{ kind: 'memcg-oom', count: 8000 }])
})
