import type { LogEvent } from '../events.ts'
import { isoToMs } from '../lines/head.ts'
import type { LogLine, LogTime } from '../lines/line.ts'
import { exitFrom, SIGNALS } from './systemdExit.ts'
import { citedLine, numberOf, toldBy } from '../telling.ts'
import type { UnitExitEvent, UnitOomNoticeEvent } from './unitEvents.ts'
import { unnamedNotice } from './unnamedNotice.ts'

/**
 * `systemctl status`, pasted: the unit stands in the first line of its block, or in the path of its file.
 *   × app.service - App
 *        Loaded: loaded (/etc/systemd/system/app.service; enabled; preset: enabled)
 *        Active: failed (Result: oom-kill) since Tue 2025-03-04 10:11:10 UTC; 5min ago
 *       Process: 991 ExecStart=/srv/app/run (code=killed, signal=KILL)
 *      Main PID: 991 (code=killed, signal=KILL)
 */
const STATUS_HEAD = /^[●×○↻*x] (\S{1,255}\.(?:service|scope|slice))(?: - |$)/
const LOADED = /^\s{0,12}Loaded: loaded \(\/\S{0,1000}?\/([^\s/;]{1,255}\.(?:service|scope|slice))[;)]/
const STATUS_RESULT =
  /^\s{0,12}Active: (?:failed|activating \(auto-restart\)) \(Result: ([a-z-]{3,20})\)(?: since \S{2,9} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) ([A-Z]{3,5}))?/
const KILLED =
  /^\s{0,12}(Main PID|Process): (\d{1,10}) (?:Exec\w{1,20}=.{0,2000} )?\(code=(killed|dumped), signal=([A-Z0-9]{2,10})\)/

/** Reads such a block, line by line; what a block without a name tells of the killer is known at the end. */
export const statusBlock = (): {
  accept: (line: LogLine) => LogEvent | null
  finish: () => readonly LogEvent[]
} => {
  const unnamed: UnitOomNoticeEvent[] = []
  let shown: string | null = null
  let shownAt: LogTime | null = null
  let headLine = -HEAD_LINES
  /** The process whose end was told without a unit: its own line and the main one's are the same end. */
  let told: number | null = null
  return {
    accept: (line) => {
      const { text } = line
      const head = STATUS_HEAD.exec(text)?.[1]
      if (head !== undefined) {
        shown = head
        headLine = line.number
        shownAt = null
        told = null
        return null
      }
      if (text.includes('Loaded: ') && line.number - headLine > HEAD_LINES) shown = LOADED.exec(text)?.[1] ?? null
      if (text.includes('Active: ')) {
        const result = shown === null ? null : resultOf(line, shown)
        if (shown === null && STATUS_RESULT.exec(text)?.[1] === 'oom-kill') unnamed.push(unnamedNotice(line))
        // The block tells of one moment: the one its result names.
        if (result !== null) shownAt = result.time
        return result
      }
      const match = text.includes('(code=') ? KILLED.exec(text) : null
      if (match === null) return null
      if (shown !== null && match[1] === 'Main PID') return exitOf(line, match, shown, shownAt)
      const pid = numberOf(match[2])
      if (shown !== null || match[4] !== 'KILL' || told === pid) return null
      told = pid
      const notice = unnamed.at(-1)
      if (notice !== undefined && line.number - (notice.cited[0]?.line ?? 0) <= BLOCK_LINES) {
        unnamed[unnamed.length - 1] = { ...notice, pid, cited: [...notice.cited, citedLine(line)] }
        return null
      }
      return { type: 'process-killed', ...toldBy(line), reporter: 'systemd', pid, container: null, seenAs: 'signal' }
    },
    finish: () => unnamed,
  }
}

/** A block's head stands right above its file. */
const HEAD_LINES = 3

/** The process stands this close below the result. */
const BLOCK_LINES = 8

const resultOf = (line: LogLine, unit: string): LogEvent | null => {
  const match = STATUS_RESULT.exec(line.text)
  if (match?.[1] === undefined || match[1] === 'exit-code') return null
  const atText = match[2] === undefined ? null : `${match[2]} ${match[3] ?? ''}`.trim()
  const told = toldBy(line)
  const time = atText === null ? told.time : { atMs: isoToMs(atText), atText, bootSeconds: null }
  if (/^start-limit(?:-hit)?$/.test(match[1])) return { type: 'unit-start-limit', ...told, time, unit }
  return { type: 'unit-result', ...told, time, unit, result: match[1] }
}

/** `   Main PID: 1201 (code=killed, signal=KILL)`: the pid is nowhere else when the journal below is cut. */
const exitOf = (line: LogLine, match: RegExpExecArray, unit: string, at: LogTime | null): LogEvent | null => {
  const status = Object.entries(SIGNALS).find(([, name]) => name === `SIG${match[4] ?? ''}`)?.[0]
  if (status === undefined) return null
  const told = toldBy(line)
  return {
    type: 'unit-exit',
    ...told,
    time: at ?? told.time,
    unit,
    ...exitFrom('main', match[2], match[3], status, match[4]),
  }
}

/** The journal's newest lines stand below the block, ten of them or as many as were asked for. Arbitrary. */
const JOURNAL_LINES = 80

/**
 * The block and the journal's lines below it tell of the same end. The journal's stay, and get the process that only
 * the block names.
 */
export const joinStatus = (shown: readonly LogEvent[], journal: readonly LogEvent[]): readonly LogEvent[] => {
  const joined = [...journal]
  const kept = shown.filter((event) => {
    const at = joined.findLastIndex((later) => isSameEnd(event, later))
    const later = joined[at]
    if (later === undefined) return true
    if (event.type === 'unit-exit' && later.type === 'unit-exit' && later.pid === null) {
      joined[at] = { ...later, pid: event.pid, cited: [...event.cited, ...later.cited] }
    }
    if (event.type === 'unit-exit' && event.signal === 'SIGKILL') nameVictim(joined, event)
    return false
  })
  return [...kept, ...joined]
}

/** The notice of the kernel's killer says neither; the main process that ended by its signal is the one. */
const nameVictim = (joined: LogEvent[], exit: UnitExitEvent): void => {
  const at = joined.findLastIndex((event) => event.type === 'unit-oom-notice' && event.unit === exit.unit)
  const notice = joined[at]
  if (notice?.type === 'unit-oom-notice' && notice.killer === 'kernel') joined[at] = { ...notice, pid: exit.pid }
}

const isSameEnd = (shown: LogEvent, later: LogEvent): boolean => {
  const apart = (later.cited[0]?.line ?? 0) - (shown.cited[0]?.line ?? 0)
  if (apart <= 0 || apart > JOURNAL_LINES) return false
  if (shown.type === 'unit-exit' && later.type === 'unit-exit') {
    return later.unit === shown.unit && later.process === 'main' && later.status === shown.status
  }
  return (
    shown.type === 'unit-result' &&
    later.type === 'unit-result' &&
    later.unit === shown.unit &&
    (later.result === null || later.result === shown.result)
  )
}
