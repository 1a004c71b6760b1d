import { describe, expect, it } from 'vitest'
import { cannotForkRule } from '../../src/rules/cannotFork.ts'
import { findForkLimit } from '../../src/rules/forkLimit.ts'
import { factsOf } from './sampleEvidence.ts'
import type { TestStep } from './sampleEvidence.ts'

const CGROUPS = '/sys/fs/cgroup'
const file = (command: string, stdout: string): TestStep => ({ step: 'files', command, stdout: `${stdout}\n` })
const tasksOf = (cgroup: string, count: number): TestStep => file(`${CGROUPS}${cgroup}/pids.current`, String(count))
const refused: TestStep = {
  step: 'ps',
  command: 'ps aux',
  parser: null,
  outcome: { outcome: 'not-run', reason: 'cannot fork: /bin/sh: 1: Cannot fork' },
}

const FULL_HOST: readonly TestStep[] = [
  file('/proc/loadavg', '1.14 0.67 0.27 1/159 426'),
  file('/proc/sys/kernel/pid_max', '32768'),
  file('/proc/sys/kernel/threads-max', '159'),
  tasksOf('/system.slice/thumbnailer.service', 63),
  tasksOf('/system.slice/cron.service', 1),
  tasksOf('/user.slice/user-0.slice/session-3.scope', 4),
]

const SLICE = '/user.slice/user-1000.slice'
const FULL_LOGIN: readonly TestStep[] = [
  file('/proc/loadavg', '0.00 0.00 0.00 1/120 426'),
  file('/proc/sys/kernel/threads-max', '3635'),
  file('/proc/self/cgroup', `0::${SLICE}/session-7.scope`),
  file(`${CGROUPS}${SLICE}/session-7.scope/pids.max`, 'max'),
  tasksOf(`${SLICE}/session-7.scope`, 4),
  tasksOf(`${SLICE}/session-6.scope`, 12),
  tasksOf(SLICE, 18),
  file(`${CGROUPS}${SLICE}/pids.max`, '18'),
  file(`${CGROUPS}${SLICE}/pids.events`, 'max 9'),
]

const promises = (mode: string, committedKib: number): readonly TestStep[] => [
  file('/proc/sys/vm/overcommit_memory', mode),
  file('/proc/meminfo', `MemTotal: 480000 kB\nCommitLimit: 477280 kB\nCommitted_AS: ${committedKib} kB`),
]

describe('the limit that stands in the way of a new process', () => {
  it("is the host's own, with the group that has most of its tasks", () => {
    const [claim] = cannotForkRule.check(factsOf([refused, ...FULL_HOST]))
    expect(claim).toMatchObject({
      confidence: 'certain',
      unit: null,
      cgroup: null,
      culprit: { unit: 'thumbnailer.service', isVictim: false },
    })
    expect(claim!.summary).toContain('kernel.threads-max of 159 is reached with 159 tasks, 63 of them in')
    expect(claim!.citations.map((one) => one.text)).toEqual([
      'cannot fork: /bin/sh: 1: Cannot fork',
      '1.14 0.67 0.27 1/159 426',
      '159',
      '63',
    ])
  })

  it('blames nobody who has less than all others together', () => {
    const limit = findForkLimit(factsOf([...FULL_HOST, tasksOf('/system.slice/java.service', 61)]))
    expect(limit).toMatchObject({ culprit: null })
    expect(limit!.summary).toContain('63 of them in thumbnailer.service')
  })

  it("is that of the login's slice, told once, and before the host's", () => {
    const claims = cannotForkRule.check(factsOf([refused, ...FULL_LOGIN]))
    expect(claims).toHaveLength(1)
    expect(claims[0]).toMatchObject({ cgroup: SLICE, culprit: { unit: 'session-6.scope' } })
    expect(claims[0]!.summary).toMatch(/^user-1000\.slice cannot start processes: its TasksMax of 18 is reached/)
  })

  it('is that of strict overcommit, where it is strict and nothing more may be promised', () => {
    expect(findForkLimit(factsOf(promises('2', 475_584)))).toMatchObject({
      culprit: null,
      limitBytes: 477_280 * 1024,
      summary: '464 MiB of memory are promised and 466 MiB may be (vm.overcommit_memory=2)',
    })
    expect(findForkLimit(factsOf(promises('0', 475_584)))).toBeNull()
    expect(findForkLimit(factsOf(promises('2', 300_000)))).toBeNull()
  })

  it('is not named when every limit that was read leaves room', () => {
    const room = FULL_HOST.map((step) =>
      step.command?.endsWith('/threads-max') ? { ...step, stdout: '3635\n' } : step,
    )
    expect(findForkLimit(factsOf(room))).toBeNull()
    expect(cannotForkRule.check(factsOf([refused, ...room]))).toMatchObject([
      { why: 'cannot fork: /bin/sh: 1: Cannot fork' },
    ])
  })
})
