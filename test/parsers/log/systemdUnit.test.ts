import { describe, expect, it } from 'vitest'
import { systemdUnitRecognizer } from '../../../src/parsers/log/systemd/systemdUnit.ts'
import { recognize } from './recognize.ts'

const UNIT = 'queue_worker.service'

describe('what systemd says about a unit', () => {
  it.each([
    [
      `${UNIT}: A process of this unit has been killed by the OOM killer.`,
      { type: 'unit-oom-notice', killer: 'kernel', processes: null },
    ],
    [
      `${UNIT}: The kernel OOM killer killed some processes in this unit.`,
      { type: 'unit-oom-notice', killer: 'kernel' },
    ],
    [
      `${UNIT}: systemd-oomd killed 3 process(es) in this unit.`,
      { type: 'unit-oom-notice', killer: 'systemd-oomd', processes: 3 },
    ],
    [
      `${UNIT}: systemd-oomd killed some process(es) in this unit.`,
      { type: 'unit-oom-notice', killer: 'systemd-oomd', processes: null },
    ],
    [
      `${UNIT}: Main process exited, code=killed, status=9/KILL`,
      { type: 'unit-exit', process: 'main', code: 'killed', status: 9, signal: 'SIGKILL' },
    ],
    [
      `${UNIT}: main process exited, code=killed, status=9/KILL`,
      { type: 'unit-exit', process: 'main', code: 'killed', status: 9, signal: 'SIGKILL' },
    ],
    [
      `${UNIT}: control process exited, code=exited status=1`,
      { type: 'unit-exit', process: 'control', code: 'exited', status: 1, signal: null },
    ],
    [
      `${UNIT}: Main process exited, code=dumped, status=6/ABRT`,
      { type: 'unit-exit', code: 'dumped', status: 6, signal: 'SIGABRT' },
    ],
    [
      `${UNIT}: Main process exited, code=exited, status=203/EXEC`,
      { type: 'unit-exit', code: 'exited', status: 203, signal: null },
    ],
    [
      `${UNIT}: Child process 812 exited, code=killed, status=9/KILL`,
      { type: 'unit-exit', process: 'child', pid: 812 },
    ],
    [`${UNIT}: Failed with result 'oom-kill'.`, { type: 'unit-result', result: 'oom-kill' }],
    [`Unit ${UNIT} entered failed state.`, { type: 'unit-result', result: null }],
    [`${UNIT}: Unit entered failed state.`, { type: 'unit-result', result: null }],
    [`${UNIT}: Scheduled restart job, restart counter is at 12.`, { type: 'unit-restart', counter: 12 }],
    [`${UNIT} holdoff time over, scheduling restart.`, { type: 'unit-restart', counter: null }],
    [`${UNIT}: Service hold-off time over, scheduling restart.`, { type: 'unit-restart', counter: null }],
    [`${UNIT}: Start request repeated too quickly.`, { type: 'unit-start-limit' }],
    [`start request repeated too quickly for ${UNIT}`, { type: 'unit-start-limit' }],
    [`${UNIT}: State 'stop-sigterm' timed out. Killing.`, { type: 'unit-timeout', state: 'stop-sigterm' }],
    [`${UNIT} stop-sigterm timed out. Killing.`, { type: 'unit-timeout', state: 'stop-sigterm' }],
    [`${UNIT}: Stopping timed out. Terminating.`, { type: 'unit-timeout', state: 'stopping' }],
    [`${UNIT}: Start operation timed out. Terminating.`, { type: 'unit-timeout', state: 'start' }],
    [`${UNIT} start operation timed out. Terminating.`, { type: 'unit-timeout', state: 'start' }],
    [`${UNIT}: Service reached runtime time limit. Stopping.`, { type: 'unit-timeout', state: 'runtime' }],
    [
      `${UNIT}: Killing process 7 (a) (b) with signal SIGKILL.`,
      { type: 'unit-signal', pid: 7, comm: 'a) (b', signal: 'SIGKILL' },
    ],
    [`${UNIT}: Watchdog timeout (limit 3s)!`, { type: 'unit-watchdog', limit: '3s' }],
    [`${UNIT} watchdog timeout (limit 30s)!`, { type: 'unit-watchdog', limit: '30s' }],
    [`${UNIT}: Deactivated successfully.`, { type: 'unit-deactivated' }],
    [`${UNIT}: Succeeded.`, { type: 'unit-deactivated' }],
  ])('%s', (text, expected) => {
    expect(recognize(systemdUnitRecognizer, [text], { source: 'systemd', sourcePid: 1 })).toMatchObject([
      { unit: UNIT, ...expected },
    ])
  })

  it.each([
    'Started queue_worker.service - Email queue worker (NestJS).',
    'Starting systemd-oomd.service - Userspace Out-Of-Memory (OOM) Killer...',
    `${UNIT}: Consumed 4.497s CPU time.`,
    'the unit a.service: was killed by the OOM killer',
    '',
  ])('makes no event of: %s', (text) => {
    expect(recognize(systemdUnitRecognizer, [text], { source: 'systemd' })).toEqual([])
  })

  it('does not believe another program that speaks like systemd', () => {
    const text = `${UNIT}: Failed with result 'oom-kill'.`
    expect(recognize(systemdUnitRecognizer, [text], { source: 'node' })).toEqual([])
    expect(recognize(systemdUnitRecognizer, [text], { source: null })).toHaveLength(1)
  })

  it('counts one restart where systemd 240 prints two lines', () => {
    const events = recognize(systemdUnitRecognizer, [
      `${UNIT}: Service RestartSec=100ms expired, scheduling restart.`,
      `${UNIT}: Scheduled restart job, restart counter is at 4.`,
      `${UNIT}: Service RestartSec=100ms expired, scheduling restart.`,
      `${UNIT}: Scheduled restart job, restart counter is at 5.`,
    ])
    expect(events).toMatchObject([
      { type: 'unit-restart', counter: 4 },
      { type: 'unit-restart', counter: 5 },
    ])
  })

  it('knows a notice by its message id when its words are new', () => {
    expect(
      recognize(systemdUnitRecognizer, ['Some words of a later version.'], {
        source: 'systemd',
        unit: UNIT,
        messageId: 'fe6faa94e7774663a0da52717891d8ef',
      }),
    ).toMatchObject([{ type: 'unit-oom-notice', unit: UNIT, killer: 'kernel' }])
  })

  it('keeps templates, escapes and user units whole', () => {
    expect(
      recognize(systemdUnitRecognizer, [String.raw`mnt-a\x2db@x:y.service: Failed with result 'signal'.`]),
    ).toMatchObject([{ unit: String.raw`mnt-a\x2db@x:y.service`, result: 'signal' }])
  })
})
