import { describe, expect, it } from 'vitest'
import { findBlindSpots } from '../../src/rules/blindSpots.ts'
import { factsOf, scenarioSteps } from './sampleEvidence.ts'
import type { TestStep } from './sampleEvidence.ts'

const KERNEL: TestStep = {
  step: 'kernel-log',
  command: 'journalctl -k -b',
  parser: 'log',
  stdout: 'Nov 23 15:00:00 web01 kernel: hello\n',
}
const PSI: TestStep = {
  step: 'psi',
  command: '/proc/pressure/memory',
  stdout: 'some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
}
const blindness = (...steps: TestStep[]) => findBlindSpots(factsOf([PSI, ...steps]))

describe('blind spots', () => {
  it('are none where everything was seen', () => {
    expect(blindness(KERNEL)).toEqual({ blindSpots: [], isKernelLogBlind: false, isDecisive: false })
  })

  it.each<[string, Partial<TestStep>]>([
    [
      'no entries for a plain user',
      {
        stdout: '-- No entries --\n',
        stderr: 'Hint: You are currently not seeing messages from other users and the system.',
      },
    ],
    ['no entries since boot', { stdout: '-- No entries --\n' }],
    [
      'dmesg refused',
      { command: 'dmesg', stdout: '', stderr: 'dmesg: read kernel buffer failed: Operation not permitted' },
    ],
    ['a step that never ran', { stdout: '', outcome: { outcome: 'not-run', reason: 'cancelled' } }],
    ['a step without output in time', { stdout: '', outcome: { outcome: 'timed-out' } }],
  ])('a kernel log that shows nothing is decisive: %s', (_, step) => {
    const found = blindness({ ...KERNEL, ...step })
    expect(found).toMatchObject({ isKernelLogBlind: true, isDecisive: true })
    expect(found.blindSpots).toHaveLength(1)
    expect(found.blindSpots[0]).toMatch(/^kernel log: could not be read/)
  })

  it('one good copy of the kernel log is enough', () => {
    const denied: TestStep = {
      step: 'dmesg',
      command: 'dmesg',
      parser: 'log',
      stderr: 'dmesg: read kernel buffer failed: Operation not permitted',
    }
    expect(blindness(denied, KERNEL).blindSpots).toEqual([])
  })

  it('no entries in a short window are an answer, where this user sees the journal', () => {
    const quiet: TestStep = { ...KERNEL, command: 'journalctl -k --since "-2h"', stdout: '-- No entries --\n' }
    expect(blindness(quiet).isKernelLogBlind).toBe(false)
  })

  it('counters that count nothing since boot stand in for the log', () => {
    const none: TestStep = { ...KERNEL, stdout: '' }
    expect(blindness(none, { step: 'v', command: '/proc/vmstat', stdout: 'oom_kill 0\n' }).isDecisive).toBe(false)
    expect(blindness(none, { step: 'v', command: '/proc/vmstat', stdout: 'oom_kill 12\n' }).isDecisive).toBe(true)
  })

  it('a journal of one unit is no kernel log', () => {
    const unit: TestStep = { step: 'unit-log', command: 'journalctl -u a.service -n 500', parser: 'log', stdout: 'x\n' }
    expect(blindness(unit)).toEqual({
      blindSpots: ['kernel log: no step read it'],
      isKernelLogBlind: true,
      isDecisive: false,
    })
  })

  it('are told for gaps: cut output, time-outs, lost lines, missing pressure', () => {
    const found = findBlindSpots(
      factsOf([
        { ...KERNEL, droppedBytes: 4096 },
        { ...KERNEL, step: 'dmesg', stdout: '[ 1.0] oom_kill_process: 12 callbacks suppressed\n' },
        { step: 'log', command: 'journalctl -b', parser: 'log', stdout: 'half\n', outcome: { outcome: 'timed-out' } },
        { step: 'mem', command: '/proc/meminfo', stdout: 'nonsense' },
      ]),
    )
    expect(found.blindSpots).toEqual([
      'kernel-log: 4096 bytes of its output were over the limit and are missing',
      'dmesg: the log says 1 times that lines were suppressed or lost, so events may be missing',
      'log: timed out, what it printed until then was kept',
      expect.stringContaining('mem: not understood'),
      expect.stringContaining('psi=1'),
    ])
    expect(found.isDecisive).toBe(false)
  })

  it('are not made of files that a stopped unit does not have', () => {
    const gone: TestStep = {
      step: 'unit-files',
      subject: 'a.service',
      command: '/sys/fs/cgroup/system.slice/a.service/memory.max',
      outcome: { outcome: 'not-run', reason: 'missing: no such file' },
    }
    const stopped: TestStep = {
      ...gone,
      outcome: { outcome: 'not-run', reason: 'a.service has no control group: it is not running' },
    }
    expect(blindness(KERNEL, gone, stopped).blindSpots).toEqual([])
  })

  it('the past before a reboot is decisive when the journal was volatile, in the real capture', () => {
    const found = findBlindSpots(factsOf(scenarioSteps('systemd-volatile-journal')))
    expect(found).toMatchObject({ isKernelLogBlind: false, isDecisive: true })
    expect(found.blindSpots[0]).toContain('do not exist')
  })

  it('a plain user’s view is blind, in the real capture', () => {
    expect(findBlindSpots(factsOf(scenarioSteps('systemd-non-root')))).toMatchObject({ isKernelLogBlind: true })
  })

  it('a pasted text has none of a host’s', () => {
    const facts = factsOf([{ step: 'input', parser: 'log', stdout: 'hello\n' }])
    expect(findBlindSpots(facts)).toEqual({ blindSpots: [], isKernelLogBlind: false, isDecisive: false })
  })
})
