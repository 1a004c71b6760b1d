import { describe, expect, it } from 'vitest'
import { counterKillsRule } from '../../src/rules/counterKills.ts'
import { factsOf, scenarioSteps } from './sampleEvidence.ts'
import type { TestStep } from './sampleEvidence.ts'

const file = (command: string, stdout: string): TestStep => ({ step: 'files', command, stdout })
const uptime = (seconds: number): TestStep => file('/proc/uptime', `${seconds.toFixed(2)} 1.00\n`)
const kernelLog = (stdout: string): TestStep => ({
  step: 'kernel-log',
  command: 'journalctl -k -b',
  parser: 'log',
  stdout,
})
const QUIET = 'Nov 23 15:00:00 web01 kernel: Linux version 6.1\n'
const KILL =
  'Nov 23 15:20:00 web01 kernel: Memory cgroup out of memory: Killed process 306 (MainThread) total-vm:1593824kB, anon-rss:190796kB, file-rss:42168kB, shmem-rss:0kB, UID:33 pgtables:980kB oom_score_adj:0\n'
const A = '/sys/fs/cgroup/system.slice/a.service'
const MONTH_S = 30 * 24 * 3600

const claimsOf = (...steps: TestStep[]) => counterKillsRule.check(factsOf(steps))

describe('counter-kills must fire', () => {
  it('on a unit’s counter without a line, and tells its own limit from its parent’s and the host’s', () => {
    const own = file(`${A}/memory.events.local`, 'max 9\noom 2\noom_kill 2\n')
    const [claim] = claimsOf(uptime(600), kernelLog(QUIET), own)
    expect(claim).toMatchObject({ kind: 'memcg-oom', confidence: 'likely', unit: 'a.service', count: 2, at: null })
    expect(claim!.doubts[0]).toContain('log line missing')
    expect(claim!.citations[0]).toMatchObject({ line: 3, text: 'oom_kill 2' })

    const victim = file(`${A}/memory.events.local`, 'max 0\noom 0\noom_kill 2\n')
    const byParent = file('/sys/fs/cgroup/system.slice/memory.events', 'oom 1\noom_kill 2\n')
    const byHost = file('/sys/fs/cgroup/system.slice/memory.events', 'oom 0\noom_kill 2\n')
    expect(claimsOf(uptime(600), kernelLog(QUIET), victim, byParent)).toMatchObject([
      { kind: 'memcg-oom', doubts: [expect.any(String)] },
    ])
    expect(claimsOf(uptime(600), kernelLog(QUIET), victim, byHost)).toMatchObject([
      { kind: 'global-oom', unit: 'a.service' },
    ])
  })

  it('on a slice’s counter when the unit was started anew since', () => {
    const claims = claimsOf(
      uptime(600),
      kernelLog(QUIET),
      file(`${A}/memory.events.local`, 'oom 0\noom_kill 0\n'),
      file('/sys/fs/cgroup/system.slice/memory.events', 'oom 4\noom_kill 4\n'),
    )
    expect(claims).toMatchObject([{ kind: 'memcg-oom', unit: null, count: 4 }])
  })

  it('on the host’s counter when nothing narrower is known: only possible', () => {
    expect(claimsOf(uptime(600), kernelLog(QUIET), file('/proc/vmstat', 'oom_kill 3\n'))).toMatchObject([
      { kind: 'global-oom', confidence: 'possible', count: 3 },
    ])
  })

  it('on a counter that rises while Medic looks, however long ago the boot was', () => {
    const claims = claimsOf(
      uptime(MONTH_S),
      kernelLog(QUIET),
      file('/sys/fs/cgroup/system.slice/memory.events', 'oom 4\noom_kill 4\n'),
      file('/sys/fs/cgroup/system.slice/memory.events', 'oom 5\noom_kill 5\n'),
    )
    expect(claims).toMatchObject([{ count: 1 }])
    expect(claims[0]!.summary).toContain('while Medic was looking')
  })

  it('on a unit that was started inside the window on a host that was not', () => {
    const shown: TestStep = {
      step: 'show',
      parser: 'systemctl-show',
      stdout: 'Id=a.service\nResult=success\nActiveEnterTimestamp=Mon 2026-11-23 15:00:00 UTC\n',
    }
    const own = file(`${A}/memory.events.local`, 'oom 1\noom_kill 1\n')
    expect(claimsOf(uptime(MONTH_S), kernelLog(QUIET), own, shown)).toMatchObject([{ unit: 'a.service' }])
  })

  it('on a plain user’s view, in the real capture, and says that the log could not be read', () => {
    const claims = counterKillsRule.check(factsOf(scenarioSteps('systemd-non-root')))
    expect(claims).toMatchObject([{ kind: 'memcg-oom', confidence: 'likely' }])
    expect(claims[0]!.doubts[0]).toContain('could not be read')
  })

  it('on cgroup v1', () => {
    const v1 = file(
      '/sys/fs/cgroup/memory/system.slice/a.service/memory.oom_control',
      'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n',
    )
    expect(claimsOf(uptime(600), kernelLog(QUIET), v1)).toMatchObject([{ kind: 'memcg-oom', unit: 'a.service' }])
  })
})

describe('counter-kills must not fire', () => {
  it('when the log tells of the kill', () => {
    expect(claimsOf(uptime(600), kernelLog(KILL), file('/proc/vmstat', 'oom_kill 1\n'))).toEqual([])
    expect(counterKillsRule.check(factsOf(scenarioSteps('systemd-worker-memcg')))).toEqual([])
    expect(counterKillsRule.check(factsOf(scenarioSteps('systemd-host-global')))).toEqual([])
  })

  it('on counters that began before the window and stand still', () => {
    const slice = file('/sys/fs/cgroup/system.slice/memory.events', 'oom 4\noom_kill 4\n')
    expect(claimsOf(uptime(MONTH_S), kernelLog(QUIET), slice, slice, file('/proc/vmstat', 'oom_kill 9\n'))).toEqual([])
  })

  it('on reclaim at the limit: max without a kill', () => {
    expect(claimsOf(uptime(600), file(`${A}/memory.events.local`, 'max 35\noom 1\noom_kill 0\n'))).toEqual([])
    expect(counterKillsRule.check(factsOf(scenarioSteps('systemd-healthy')))).toEqual([])
  })

  it('when it cannot know: no host, no counter', () => {
    expect(() => claimsOf({ step: 'input', parser: 'log', stdout: KILL })).toThrow('no host was asked')
    expect(() => claimsOf(kernelLog(QUIET))).toThrow('no counter')
  })

  it('without a window to put the boot into', () => {
    const facts = factsOf([uptime(600), file('/proc/vmstat', 'oom_kill 3\n')], { fromMs: null, toMs: null })
    expect(counterKillsRule.check(facts)).toEqual([])
  })
})
