import { describe, expect, it } from 'vitest'
import { blankClaim } from '../../src/domain/finding.ts'
import type { Claim } from '../../src/domain/finding.ts'
import type { Rule } from '../../src/rules/rule.ts'
import { findSuspects } from '../../src/rules/suspects.ts'
import { factsOf, scenarioSteps } from './sampleEvidence.ts'
import type { TestStep } from './sampleEvidence.ts'

const ruleOf = (...claims: Claim[]): Rule => ({
  id: 'r',
  kinds: [],
  needs: [],
  wants: [],
  explains: [],
  check: () => claims,
})
const current = (unit: string, bytes: number): TestStep => ({
  step: 'f',
  command: `/sys/fs/cgroup/system.slice/${unit}/memory.current`,
  stdout: `${bytes}\n`,
})
const RAM: TestStep = { step: 'm', command: '/proc/meminfo', stdout: 'MemTotal: 1000000 kB\n' }

describe('suspects', () => {
  it('begin with the unit a person named, then the killed, then the failed, then the big', () => {
    const kill: Claim = {
      ...blankClaim('memcg-oom', 'k'),
      cgroup: '/app.slice',
      victims: [{ pid: 1, comm: 'node', unit: 'killed.service', anonRssBytes: null }],
    }
    const facts = factsOf([
      RAM,
      current('big.service', 800_000_000),
      current('small.service', 1000),
      { step: 'failed', parser: 'systemctl-failed', stdout: 'failed.service loaded failed failed F\n' },
      {
        step: 'e',
        command: '/sys/fs/cgroup/system.slice/counted.service/memory.events',
        stdout: 'oom 1\noom_kill 2\n',
      },
    ])
    const suspects = findSuspects(facts, 'named.service', [ruleOf(kill)])
    expect(suspects.map((one) => one.unit)).toEqual([
      'named.service',
      'killed.service',
      'counted.service',
      'failed.service',
      'big.service',
    ])
    expect(suspects.map((one) => one.cgroup)).toEqual([
      null,
      null,
      '/system.slice/counted.service',
      null,
      '/system.slice/big.service',
    ])
    expect(suspects.every((one) => one.reason !== '')).toBe(true)
  })

  it('take the control group from systemd where it says so', () => {
    const [suspect] = findSuspects(factsOf(scenarioSteps('systemd-slice-limit')))
    expect(suspect).toMatchObject({ unit: 'queue_worker.service', cgroup: '/app.slice/queue_worker.service' })
  })

  it('are found by size in what systemd lists, without any cgroup file', () => {
    const shown: TestStep = {
      step: 'services',
      parser: 'systemctl-show',
      stdout:
        'Id=big.service\nControlGroup=/system.slice/big.service\nMemoryCurrent=500000000\n\nId=small.service\nControlGroup=/system.slice/small.service\nMemoryCurrent=[not set]\n',
    }
    expect(findSuspects(factsOf([RAM, shown]), null, [])).toMatchObject([
      { unit: 'big.service', cgroup: '/system.slice/big.service' },
    ])
  })

  it('are at most eight', () => {
    const claims = Array.from({ length: 30 }, (_, index) => ({
      ...blankClaim('unit-failed', 'f'),
      unit: `u${index}.service`,
    }))
    expect(findSuspects(factsOf([RAM]), null, [ruleOf(...claims)])).toHaveLength(8)
  })

  it.each(['$(reboot).service', '-x.service', '../a.service', 'a b.service', 'a', 'system.slice', 'init.scope', ''])(
    'are never named %j',
    (unit) => {
      expect(findSuspects(factsOf([RAM]), null, [ruleOf({ ...blankClaim('memcg-oom', 'k'), unit })])).toEqual([])
    },
  )

  it('are none on a healthy host, and survive a rule that fails', () => {
    const broken: Rule = {
      ...ruleOf(),
      check: () => {
        throw new Error('x')
      },
    }
    expect(findSuspects(factsOf(scenarioSteps('systemd-healthy')), null, [broken])).toEqual([])
    expect(findSuspects(factsOf(scenarioSteps('systemd-healthy')))).toEqual([])
  })
})
