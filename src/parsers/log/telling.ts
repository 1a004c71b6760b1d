import type { LogEvent } from './events.ts'
import type { CitedLine, LogLine, LogTime, Told } from './lines/line.ts'
import type { Recognizer } from './recognizer.ts'

/** An event keeps at most this many of its lines: enough for a person, arbitrary. */
const MAX_CITED = 8

/** Alike lines further apart than this are separate events; arbitrary, one incident's echo is over by then. */
const FOLD_MS = 60_000
const FOLD_LINES = 200

/** The part every event has, from the line it stands on. */
export const toldBy = (line: LogLine): Told => ({
  time: line.time,
  cited: [citedLine(line)],
  source: line.source,
  sourcePid: line.sourcePid,
  unit: line.unit ?? null,
  repeats: line.repeats ?? 1,
})

/** The line as an event cites it. */
export const citedLine = (line: LogLine): CitedLine => ({ line: line.number, text: line.raw })

/** The kernel's own lines are never a program's words. */
export const isKernelLine = (line: LogLine): boolean => line.source === 'kernel'

/** The audit system and Upstart write into the kernel's ring what they have to say of others. */
export const isKernelsOwn = (line: LogLine): boolean => isKernelLine(line) && !/^(?:init|audit): /.test(line.text)

/** A row of a table in a document explains a status or a word; no program prints bars on both sides of it. */
export const isTableRow = ({ raw }: LogLine): boolean =>
  raw.includes('|') && /(?:^|[>"\s])\|[^|]{1,200}\|.{0,400}\|(?:\s{0,4}$|\\[nr])/.test(raw)

/** A recognizer whose events stand on one line each. */
export const lineRecognizer = (id: string, read: (line: LogLine) => LogEvent | null): Recognizer => ({
  id,
  start: () => {
    const events: LogEvent[] = []
    return {
      accept: (line) => {
        const event = read(line)
        if (event !== null) events.push(event)
      },
      finish: () => events,
    }
  },
})

/**
 * A recognizer whose alike lines are folded: the echo of one event, or one thing said again and again.
 * `key` says what alike means; `fold` adds what a later line states to the first event.
 */
export const foldingRecognizer = <Event extends LogEvent & Told>(
  id: string,
  read: (line: LogLine) => Event | null,
  options: {
    readonly key: (event: Event) => string
    readonly fold?: (first: Event, later: Event) => Event
    /** Echo lines belong to the event before and add no repeat. */
    readonly isEcho?: (first: Event, later: Event) => boolean
    /** How far the echo reaches; times decide when both lines have one. */
    readonly within?: { readonly ms: number; readonly lines: number }
  },
): Recognizer => ({
  id,
  start: () => {
    const events: Event[] = []
    const openByKey = new Map<string, { index: number; lastLine: number; lastTime: LogTime }>()
    return {
      accept: (line) => {
        const event = read(line)
        if (event === null) return
        const key = `${event.source ?? ''} ${event.sourcePid ?? ''} ${options.key(event)}`
        const open = openByKey.get(key)
        const first = open === undefined ? undefined : events[open.index]
        if (
          open === undefined ||
          first === undefined ||
          !isNear(open, line, options.within ?? { ms: FOLD_MS, lines: FOLD_LINES })
        ) {
          openByKey.set(key, { index: events.length, lastLine: line.number, lastTime: line.time })
          events.push(event)
          return
        }
        const isEcho = options.isEcho?.(first, event) === true
        const folded = options.fold?.(first, event) ?? first
        events[open.index] = {
          ...folded,
          repeats: first.repeats + (isEcho ? 0 : event.repeats),
          cited: first.cited.length < MAX_CITED ? [...first.cited, ...event.cited] : first.cited,
        }
        open.lastLine = line.number
        open.lastTime = line.time
      },
      finish: () => events,
    }
  },
})

const isNear = (
  open: { lastLine: number; lastTime: LogTime },
  line: LogLine,
  within: { ms: number; lines: number },
): boolean => {
  if (open.lastTime.atMs !== null && line.time.atMs !== null) {
    return Math.abs(line.time.atMs - open.lastTime.atMs) <= within.ms
  }
  return line.number - open.lastLine <= within.lines
}

/** A decimal number of a match; null when the group is missing or the number is not exact in a double. */
export const numberOf = (digits: string | undefined): number | null => {
  if (digits === undefined || digits === '') return null
  const value = Number(digits)
  return Number.isFinite(value) && value <= Number.MAX_SAFE_INTEGER ? value : null
}
