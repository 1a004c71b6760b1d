import { describe, expect, it } from 'vitest'
import { exitMeaning } from '../../src/rules/exitMeaning.ts'
import { failedUnitsRule, unitStateRule } from '../../src/rules/unitState.ts'
import { factsOf, sample, scenarioSteps } from './sampleEvidence.ts'
import type { TestStep } from './sampleEvidence.ts'

const show = (text: string): TestStep => ({ step: 'show', parser: 'systemctl-show', stdout: `Id=a.service\n${text}\n` })
const claimsOf = (...steps: TestStep[]) => unitStateRule.check(factsOf(steps))

describe('unit-state', () => {
  it('reads a kill from the result, and doubts whose limit it was', () => {
    const [claim] = claimsOf({
      step: 'show',
      parser: 'systemctl-show',
      stdout: sample('systemd-worker-memcg', 'systemctl-show-queue_worker.service.txt'),
    })
    expect(claim).toMatchObject({
      kind: 'memcg-oom',
      confidence: 'likely',
      unit: 'queue_worker.service',
      at: '2026-11-23T15:03:44.000Z',
    })
    expect(claim!.doubts).toHaveLength(1)
  })

  it('tells a host that ran out when no limit of the slice was reached', () => {
    const slice = { step: 'f', command: '/sys/fs/cgroup/system.slice/memory.events', stdout: 'oom 0\noom_kill 2\n' }
    expect(claimsOf(show('Result=oom-kill\nSlice=system.slice'), slice)).toMatchObject([{ kind: 'global-oom' }])
  })

  it.each([
    ['exit-code\nExecMainCode=1\nExecMainStatus=203', 'unit-failed', "systemd's own EXEC"],
    ['exit-code\nExecMainCode=1\nExecMainStatus=1', 'unit-failed', "the program's own"],
    ['signal\nExecMainCode=2\nExecMainStatus=9', 'unit-failed', 'SIGKILL'],
    ['core-dump\nExecMainCode=3\nExecMainStatus=6', 'unit-failed', 'SIGABRT and dumped core'],
    ['start-limit-hit', 'crash-loop', 'gave up'],
    ['watchdog', 'watchdog', 'watchdog'],
    ['timeout', 'timeout-kill', 'in time'],
  ])('reads Result=%j as %s', (result, kind, words) => {
    const [claim] = claimsOf(show(`Result=${result}`))
    expect(claim).toMatchObject({ kind, confidence: 'certain', unit: 'a.service' })
    expect(claim!.summary).toContain(words)
  })

  it('finds a crash loop when the restart counter rises between two looks, and not when it stands', () => {
    expect(claimsOf(show('NRestarts=4'), show('NRestarts=7'))).toMatchObject([{ kind: 'crash-loop' }])
    expect(claimsOf(show('NRestarts=7'), show('NRestarts=7'))).toEqual([])
    expect(claimsOf(show('NRestarts=99'))).toEqual([])
    expect(claimsOf(show('NRestarts=7'), show('NRestarts=0'))).toEqual([])
  })

  it('finds nothing in a unit that runs, whatever its history', () => {
    expect(unitStateRule.check(factsOf(scenarioSteps('systemd-healthy')))).toEqual([])
    expect(claimsOf(show('Result=success'))).toEqual([])
    expect(claimsOf(show('ActiveState=active'))).toEqual([])
  })
})

describe('failed-units', () => {
  const failed: TestStep = { step: 'failed', parser: 'systemctl-failed', stdout: 'b.service loaded failed failed B\n' }

  it('names units that nobody looked at more closely', () => {
    expect(failedUnitsRule.check(factsOf([failed]))).toMatchObject([{ unit: 'b.service', confidence: 'likely' }])
  })

  it('leaves a unit to the closer look', () => {
    const shown: TestStep = { step: 's', parser: 'systemctl-show', stdout: 'Id=b.service\nResult=exit-code\n' }
    expect(failedUnitsRule.check(factsOf([failed, shown]))).toEqual([])
  })
})

describe('exit statuses', () => {
  it.each([
    [217, 'USER'],
    [212, "systemd's own"],
    [137, 'no proof'],
    [2, "the program's own"],
  ])('%i is explained', (status, words) => {
    expect(exitMeaning(status)).toContain(words)
  })
})
