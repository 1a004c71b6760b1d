import type { LogEvent } from '../events.ts'
import type { LogLine } from '../lines/line.ts'
import type { Recognizer } from '../recognizer.ts'
import type { V8HeapEvent } from './runtimeEvents.ts'
import { citedLine, isKernelLine, toldBy } from '../telling.ts'
import { collectionsIn, type Collection } from './traceGc.ts'

/**
 * V8's last words:
 *   [341:0x11d33000]    16628 ms: Mark-Compact (reduce) 63.2 (65.4) -> 61.8 (64.4) MB, …
 *   FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory
 * Newer: `# Fatal process out of memory: <where>`. A worker thread: ERR_WORKER_OUT_OF_MEMORY.
 * Not: `RangeError: Array buffer allocation failed` and its kin, one request that was too big.
 */
export const v8Recognizer: Recognizer = {
  id: 'v8',
  start: () => {
    const events: LogEvent[] = []
    /** The last collection per writer: the line that gives the pid and the heap's numbers. */
    const lastBySource = new Map<string, { line: LogLine; collection: Collection }>()
    let workerEcho: { index: number; line: LogLine } | null = null
    return {
      accept: (line) => {
        const { text } = line
        if (isKernelLine(line)) return
        const collection = collectionsIn(text).at(-1)
        if (collection !== undefined) lastBySource.set(sourceKey(line), { line, collection })
        const death = deathIn(text)
        if (death === null) return
        if (death.worker && workerEcho !== null && isEcho(workerEcho.line, line)) {
          const first = events[workerEcho.index]
          if (first?.type === 'v8-heap' && first.cited.length < 4) {
            events[workerEcho.index] = { ...first, cited: [...first.cited, citedLine(line)] }
          }
          return
        }
        if (death.worker) workerEcho = { index: events.length, line }
        events.push(heapEvent(line, death, lastBySource.get(sourceKey(line))))
        lastBySource.delete(sourceKey(line))
      },
      finish: () => events,
    }
  },
}

const sourceKey = (line: LogLine): string => `${line.source ?? ''} ${line.sourcePid ?? ''}`

/** An uncaught worker error prints its message, its code and the inspected object: one event. */
const isEcho = (first: LogLine, line: LogLine): boolean =>
  sourceKey(first) === sourceKey(line) && line.number - first.number <= 30

interface Death {
  readonly where: string | null
  readonly worker: boolean
}

/** What may stand before the fatal text: nothing, a `#` frame, or an application manager's own prefix. */
const FATAL =
  /^(.{0,80}?)FATAL ERROR: (?:(.{1,120}?) )?Allocation failed - (?:JavaScript heap|process) out of memory\s{0,20}$/
const FRAMED =
  /^(?:.{0,60}[|\]>:]\s{0,4})?#?\s{0,4}Fatal (?:process|JavaScript|javascript) (?:out of memory:|OOM in) (\S.{0,120}?)\s{0,20}$/
const WORKER = 'Worker terminated due to reaching memory limit: JS heap out of memory'

const deathIn = (text: string): Death | null => {
  if (text.includes('FATAL ERROR: ')) {
    const fatal = FATAL.exec(text)
    if (fatal !== null && isPrefix(fatal[1] ?? '')) return { where: fatal[2] ?? null, worker: false }
  }
  if (text.includes('Fatal process o') || text.includes('Fatal JavaScript o') || / OOM in /.test(text)) {
    const framed = FRAMED.exec(text)
    if (framed !== null) return { where: framed[1] ?? null, worker: false }
  }
  if (text.includes(WORKER)) return { where: null, worker: true }
  return /^\s{0,40}(?:Error \[ERR_WORKER_OUT_OF_MEMORY\]|code: 'ERR_WORKER_OUT_OF_MEMORY')/.test(text)
    ? { where: null, worker: true }
    : null
}

const isPrefix = (before: string): boolean => before.trim() === '' || /[|\]>:#]\s{0,8}$/.test(before)

/** The block of last collections stands right above; numbers from further away belong to another life. */
const NEAR_LINES = 60
const MIB = 1024 * 1024

const heapEvent = (
  line: LogLine,
  death: Death,
  last: { line: LogLine; collection: Collection } | undefined,
): V8HeapEvent => {
  const near = last !== undefined && line.number - last.line.number <= NEAR_LINES ? last : undefined
  return {
    type: 'v8-heap',
    ...toldBy(line),
    cited: near === undefined ? [citedLine(line)] : [citedLine(near.line), citedLine(line)],
    where: death.where,
    pid: near?.collection.pid ?? null,
    worker: death.worker,
    usedBytes: near === undefined ? null : Math.round(near.collection.usedMib * MIB),
    committedBytes: near === undefined ? null : Math.round(near.collection.committedMib * MIB),
    mu: near?.collection.mu ?? null,
  }
}
