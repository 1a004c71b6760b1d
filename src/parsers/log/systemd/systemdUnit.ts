import type { LogEvent } from '../events.ts'
import type { LogLine } from '../lines/line.ts'
import type { Recognizer } from '../recognizer.ts'
import { reapedChildren } from './systemdChildren.ts'
import { exitFrom, type Exit } from './systemdExit.ts'
import { runBlock } from './systemdRun.ts'
import { joinStatus, statusBlock } from './systemdStatus.ts'
import { numberOf, toldBy } from '../telling.ts'
import type { UnitEvent, UnitRestartEvent } from './unitEvents.ts'

/**
 * What systemd says about a unit, versions 219 to 257:
 *   queue_worker.service: Main process exited, code=killed, status=9/KILL
 *   queue_worker.service: Failed with result 'oom-kill'.
 * Version 219 puts the unit inside the sentence (`Unit foo.service entered failed state.`).
 */
export const systemdUnitRecognizer: Recognizer = {
  id: 'systemd-unit',
  start: () => {
    const events: LogEvent[] = []
    /** What a copied status says, apart from its journal. */
    const blocks: LogEvent[] = []
    const pendingRestart = new Map<string, number>()
    const status = statusBlock()
    const children = reapedChildren()
    const run = runBlock()
    return {
      accept: (line) => {
        const shown = line.source === null ? status.accept(line) : null
        if (shown !== null) blocks.push(shown)
        const ran = line.source === null ? run.accept(line) : null
        if (ran !== null) events.push(ran)
        if (!isSystemdLine(line)) return
        if (children.accept(line)) return
        if (line.messageId == null && !mayNameUnit(line.text)) return
        const event = unitEventOf(line) ?? noticeById(line)
        if (event === null) return
        if (event.type === 'unit-exit') {
          events.push(children.named(event))
          return
        }
        if (event.type === 'unit-restart' && foldRestart(event, events, pendingRestart)) return
        if (event.type === 'unit-restart' && event.counter === null) pendingRestart.set(event.unit, events.length)
        events.push(event)
      },
      finish: () => [...joinStatus([...blocks, ...status.finish()], events), ...children.finish()],
    }
  },
}

/** Text that claims to be systemd's but was written by another program is not systemd's. */
export const isSystemdLine = (line: LogLine): boolean => line.source === null || line.source === 'systemd'

/** Message ids stay when the words change (reference: journal texts). */
const OOM_NOTICE_IDS: Readonly<Record<string, 'kernel' | 'systemd-oomd'>> = {
  fe6faa94e7774663a0da52717891d8ef: 'kernel',
  d989611b15e44c9dbf31e3c81256e4ed: 'systemd-oomd',
}

const noticeById = (line: LogLine): UnitEvent | null => {
  const killer = OOM_NOTICE_IDS[line.messageId ?? '']
  if (killer === undefined || line.unit == null) return null
  return { type: 'unit-oom-notice', ...toldBy(line), unit: line.unit, killer, processes: null }
}

const UNIT_TYPES = '(?:service|scope|slice|socket|mount|swap|timer|target|path|automount|device)'
const UNIT = String.raw`[^\s]{1,255}?\.${UNIT_TYPES}`
const HEADED = new RegExp(String.raw`^(${UNIT}): `)

const mayNameUnit = (text: string): boolean =>
  text.includes('.s') || text.includes('.mount') || text.includes('.t') || text.includes('.path') || text.includes('.a')

/** 237 to 245 print `Service RestartSec=… expired, scheduling restart.` and then the counter: one restart. */
const foldRestart = (event: UnitRestartEvent, events: LogEvent[], pending: Map<string, number>): boolean => {
  const index = pending.get(event.unit)
  if (event.counter === null || index === undefined) return false
  pending.delete(event.unit)
  const before = events[index]
  if (before?.type !== 'unit-restart') return false
  events[index] = { ...event, time: before.time, cited: [...before.cited, ...event.cited] }
  return true
}

const unitEventOf = (line: LogLine): UnitEvent | null => {
  const headed = HEADED.exec(line.text)
  if (headed?.[1] !== undefined) return headedEventOf(line, headed[1], line.text.slice(headed[0].length))
  return oldEventOf(line)
}

const EXITED =
  /^(main|control|child|mount|swap|remount|unmount) process(?: (\d{1,10}))? exited, code=(exited|killed|dumped),? status=(\d{1,3})(?:\/(\S{1,20}))?/i
const CHILD = /^Child (?:process )?(\d{1,10}) .{0,80}?code=(exited|killed|dumped),? status=(\d{1,3})(?:\/(\S{1,20}))?/
const RESULT = /^Failed with result '([a-z-]{1,30})'/
const COUNTER = /^Scheduled restart job, restart counter is at (\d{1,10})/
const OOMD = /^systemd-oomd killed (\d{1,10}|some) process\(es\) in this unit/
const STATE = /^State '([a-z-]{1,40})' timed out\./
const PHRASE =
  /^(start|stop|reload|stopping|starting|activation|mounting|unmounting|remounting|activating|deactivating)(?: operation)? timed out\./i
const SIGNALLED = /^Killing process (\d{1,10}) \((.{0,64})\) with signal (SIG[A-Z0-9+]{2,12})/
const WATCHDOG = /^Watchdog timeout(?: \(limit ([^)]{1,30})\))?!/i

const OOM_NOTICES = [
  'A process of this unit has been killed by the OOM killer.',
  'The kernel OOM killer killed some processes in this unit.',
]

const headedEventOf = (line: LogLine, unit: string, said: string): UnitEvent | null => {
  const told = toldBy(line)
  if (OOM_NOTICES.some((notice) => said.startsWith(notice))) {
    return { type: 'unit-oom-notice', ...told, unit, killer: 'kernel', processes: null }
  }
  const oomd = OOMD.exec(said)
  if (oomd !== null) {
    return { type: 'unit-oom-notice', ...told, unit, killer: 'systemd-oomd', processes: countOf(oomd[1]) }
  }
  const exit = exitOf(said)
  if (exit !== null) return { type: 'unit-exit', ...told, unit, ...exit }
  const result = RESULT.exec(said)
  if (result?.[1] !== undefined) return { type: 'unit-result', ...told, unit, result: result[1] }
  if (said.startsWith('Unit entered failed state')) return { type: 'unit-result', ...told, unit, result: null }
  const counter = COUNTER.exec(said)
  if (counter !== null) return { type: 'unit-restart', ...told, unit, counter: numberOf(counter[1]) }
  if (said.includes('scheduling restart')) return { type: 'unit-restart', ...told, unit, counter: null }
  if (/^Start request repeated too quickly/i.test(said)) return { type: 'unit-start-limit', ...told, unit }
  const state = STATE.exec(said)?.[1] ?? PHRASE.exec(said)?.[1]?.toLowerCase()
  if (state !== undefined) return { type: 'unit-timeout', ...told, unit, state }
  if (said.startsWith('Service reached runtime time limit'))
    return { type: 'unit-timeout', ...told, unit, state: 'runtime' }
  const signalled = SIGNALLED.exec(said)
  if (signalled?.[3] !== undefined) {
    return {
      type: 'unit-signal',
      ...told,
      unit,
      pid: Number(signalled[1]),
      comm: signalled[2] === 'n/a' ? null : (signalled[2] ?? null),
      signal: signalled[3],
    }
  }
  const watchdog = WATCHDOG.exec(said)
  if (watchdog !== null) return { type: 'unit-watchdog', ...told, unit, limit: watchdog[1] ?? null }
  if (said.startsWith('Deactivated successfully') || said === 'Succeeded.')
    return { type: 'unit-deactivated', ...told, unit }
  return null
}

const countOf = (word: string | undefined): number | null => (word === 'some' ? null : numberOf(word))

const exitOf = (said: string): Exit | null => {
  const exited = EXITED.exec(said)
  if (exited !== null) {
    const who = exited[1]?.toLowerCase()
    return exitFrom(who === 'main' || who === 'child' ? who : 'control', exited[2], exited[3], exited[4], exited[5])
  }
  const child = CHILD.exec(said)
  return child === null ? null : exitFrom('child', child[1], child[2], child[3], child[4])
}

const OLD_FAILED = new RegExp(String.raw`^Unit (${UNIT}) entered failed state`)
const OLD_LIMIT = new RegExp(String.raw`^start request repeated too quickly for (${UNIT})(?:\s|,|$)`)
const OLD_SENTENCE = new RegExp(String.raw`^(${UNIT}) (\S.{0,200})$`)

/** Version 219 and older: the unit stands inside the sentence. */
const oldEventOf = (line: LogLine): UnitEvent | null => {
  const told = toldBy(line)
  const failed = OLD_FAILED.exec(line.text)
  if (failed?.[1] !== undefined) return { type: 'unit-result', ...told, unit: failed[1], result: null }
  const limit = OLD_LIMIT.exec(line.text)
  if (limit?.[1] !== undefined) return { type: 'unit-start-limit', ...told, unit: limit[1] }
  const sentence = OLD_SENTENCE.exec(line.text)
  const unit = sentence?.[1]
  const said = sentence?.[2]
  if (unit === undefined || said === undefined) return null
  if (said.endsWith('scheduling restart.')) return { type: 'unit-restart', ...told, unit, counter: null }
  const watchdog = WATCHDOG.exec(said)
  if (watchdog !== null) return { type: 'unit-watchdog', ...told, unit, limit: watchdog[1] ?? null }
  const timedOut = /^((?:stop|start|final|stopping|reload)[a-z-]{0,20})(?: operation)? timed out\./.exec(said)
  return timedOut?.[1] === undefined ? null : { type: 'unit-timeout', ...told, unit, state: timedOut[1] }
}
