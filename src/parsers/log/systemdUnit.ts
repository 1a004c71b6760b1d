import type { LogEvent } from './events.ts'
import { isoToMs } from './head.ts'
import type { LogLine, LogTime } from './line.ts'
import type { Recognizer } from './recognizer.ts'
import { numberOf, toldBy } from './telling.ts'
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
    const pendingRestart = new Map<string, number>()
    let shown: string | null = null
    let shownAt: LogTime | null = null
    return {
      accept: (line) => {
        if (line.source === null) {
          const head = STATUS_HEAD.exec(line.text)?.[1]
          if (head !== undefined) {
            shown = head
            shownAt = null
          }
          const state = shown === null ? null : statusEventOf(line, shown)
          // The block tells of one moment: the one its result names.
          if (state?.type === 'unit-result') shownAt = state.time
          if (state !== null) events.push({ ...state, time: shownAt ?? state.time })
        }
        if (!isSystemdLine(line) || (line.messageId == null && !mayNameUnit(line.text))) return
        const event = unitEventOf(line) ?? noticeById(line)
        if (event === null) return
        if (event.type === 'unit-restart' && foldRestart(event, events, pendingRestart)) return
        if (event.type === 'unit-restart' && event.counter === null) pendingRestart.set(event.unit, events.length)
        events.push(event)
      },
      finish: () => events,
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

/**
 * `systemctl status`, pasted: the unit stands in the first line of its block.
 *   × app.service - App
 *        Active: failed (Result: oom-kill) since Tue 2025-03-04 10:11:10 UTC; 5min ago
 */
const STATUS_HEAD = /^[●×○↻*] (\S{1,255}\.(?:service|scope|slice)) - /
const STATUS_RESULT =
  /^\s{0,12}Active: (?:failed|activating \(auto-restart\)) \(Result: ([a-z-]{3,20})\)(?: since \S{2,9} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) ([A-Z]{3,5}))?/

const statusEventOf = (line: LogLine, unit: string): UnitEvent | null => {
  if (line.text.includes('Main PID: ')) return statusExitOf(line, unit)
  if (!line.text.includes('Active: ')) return null
  const match = STATUS_RESULT.exec(line.text)
  if (match?.[1] === undefined || match[1] === 'exit-code') return null
  const atText = match[2] === undefined ? null : `${match[2]} ${match[3] ?? ''}`.trim()
  const told = toldBy(line)
  const time = atText === null ? told.time : { atMs: isoToMs(atText), atText, bootSeconds: null }
  if (/^start-limit(?:-hit)?$/.test(match[1])) return { type: 'unit-start-limit', ...told, time, unit }
  return { type: 'unit-result', ...told, time, unit, result: match[1] }
}

/** `   Main PID: 1201 (code=killed, signal=KILL)`: the pid is nowhere else when the journal below is cut. */
const STATUS_KILLED = /^\s{0,12}Main PID: (\d{1,10}) \(code=(killed|dumped), signal=([A-Z0-9]{2,10})\)/

const statusExitOf = (line: LogLine, unit: string): UnitEvent | null => {
  const match = STATUS_KILLED.exec(line.text)
  const status = Object.entries(SIGNALS).find(([, name]) => name === `SIG${match?.[3] ?? ''}`)?.[0]
  if (match === null || status === undefined) return null
  return { type: 'unit-exit', ...toldBy(line), unit, ...exitFrom('main', match[1], match[2], status, match[3]) }
}

const SIGNALS: Readonly<Record<number, string>> = { 6: 'SIGABRT', 9: 'SIGKILL', 11: 'SIGSEGV', 15: 'SIGTERM' }

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

type Exit = {
  readonly process: 'main' | 'control' | 'child'
  readonly pid: number | null
  readonly code: 'exited' | 'killed' | 'dumped'
  readonly status: number
  readonly signal: string | null
}

const exitOf = (said: string): Exit | null => {
  const exited = EXITED.exec(said)
  if (exited !== null) {
    const who = exited[1]?.toLowerCase()
    return exitFrom(who === 'main' || who === 'child' ? who : 'control', exited[2], exited[3], exited[4], exited[5])
  }
  const child = CHILD.exec(said)
  return child === null ? null : exitFrom('child', child[1], child[2], child[3], child[4])
}

const exitFrom = (
  process: Exit['process'],
  pid: string | undefined,
  code: string | undefined,
  status: string | undefined,
  ...name: (string | undefined)[]
): Exit => ({
  process,
  pid: numberOf(pid),
  code: code === 'killed' || code === 'dumped' ? code : 'exited',
  status: Number(status),
  signal: code === 'exited' ? null : signalName(Number(status), name[0]),
})

/** Newer systemd cuts nothing off the name, older ones print `KILL`; the number decides when there is no name. */
const signalName = (number: number, name: string | undefined): string | null => {
  if (name !== undefined && /^[A-Z][A-Z0-9+]{1,10}$/.test(name)) return name.startsWith('SIG') ? name : `SIG${name}`
  return SIGNALS[number] ?? null
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
