import type { LogEvent } from '../events.ts'
import type { LogLine } from '../lines/line.ts'
import { mentions } from '../needles.ts'
import type { Recognizer } from '../recognizer.ts'
import type { V8HeapEvent } from './runtimeEvents.ts'
import { citedLine, isKernelLine, toldBy } from '../telling.ts'
import { collectionsIn, type Collection } from './traceGc.ts'

/**
 * V8's last words:
 *   [341:0x11d33000]    16628 ms: Mark-Compact (reduce) 63.2 (65.4) -> 61.8 (64.4) MB, …
 *   FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory
 *    3: 0x100c10324 v8::internal::V8::FatalProcessOutOfMemory(v8::internal::Isolate*, …)      where the copy begins late
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
    /** The last death told by words: the frames of its stack follow. */
    let told: LogLine | null = null
    /** V8 prints its last collections only when it dies of memory: enough where the copy ends before its last words. */
    let block: Block | null = null
    const endBlock = (): void => {
      if (block?.last !== undefined) events.push(heapEvent(block.last.line, NO_WORDS, block.last))
      block = null
    }
    return {
      accept: (line) => {
        const { text } = line
        if (isKernelLine(line)) return
        const collection = collectionsIn(text).at(-1)
        if (collection !== undefined) lastBySource.set(sourceKey(line), { line, collection })
        if (text.includes('<--- Last few GCs --->')) {
          endBlock()
          block = { head: line, last: undefined }
        }
        if (block !== null && collection !== undefined && isNear(block.head, line)) block.last = { line, collection }
        const death = deathIn(text) ?? (isFollowed(told, line) ? null : frameIn(text))
        if (death === null) return
        told = line
        if (block !== null && isNear(block.head, line)) block = null
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
      finish: () => {
        endBlock()
        return events
      },
    }
  },
}

const sourceKey = (line: LogLine): string => `${line.source ?? ''} ${line.sourcePid ?? ''}`

/** An uncaught worker error prints its message, its code and the inspected object: one event. */
const isEcho = (first: LogLine, line: LogLine): boolean =>
  sourceKey(first) === sourceKey(line) && line.number - first.number <= 30

interface Block {
  readonly head: LogLine
  last: { line: LogLine; collection: Collection } | undefined
}

/** A stack of JavaScript stands between the collections and the last words. Arbitrary. */
const BLOCK_LINES = 150

const isNear = (head: LogLine, line: LogLine): boolean =>
  sourceKey(head) === sourceKey(line) && line.number - head.number <= BLOCK_LINES

interface Death {
  readonly where: string | null
  readonly worker: boolean
}

/**
 * What may stand before the fatal text: nothing, a `#` frame, an application manager's own prefix, or a sentence that
 * says it was seen. Behind it a mark that closes it, or the stack of a copy that lost its line breaks.
 */
const FATAL =
  /^(.{0,400}?)(?:FATAL ERROR|(?:Fatal|OOM) error in V8): (?:([^<>]{1,120}?) )?Allocation failed - (?:JavaScript heap|process) out of memory(?:\s{0,20}$|[`"'*_#.,;:!?)\]\\]|\s{1,8}(?:\d{1,2}: (?:0x|node::|v8::)|<br|at |\(|in \d|after |when |while |on ))/
const CHROME = /\bV8 (?:javascript|process) OOM:? \((.{1,120}?)\)/
const FRAMED =
  /^(?:.{0,60}[|\]>:]\s{0,4})?#?\s{0,4}Fatal (?:process|JavaScript|javascript) (?:out of memory:|OOM in) (\S.{0,120}?)\s{0,20}$/
const WORKER = 'Worker terminated due to reaching memory limit: JS heap out of memory'

/** Words of which one stands in every last word of V8 and in every frame. */
const mayTell = mentions(
  'Allocation failed - ',
  'OOM',
  'Fatal process o',
  'Fatal JavaScript o',
  'FatalProcessOutOfMemory',
  'ERR_WORKER_OUT_OF_MEMORY',
  WORKER,
)

const deathIn = (text: string): Death | null => {
  if (!mayTell(text)) return null
  if (text.includes('Allocation failed - ')) {
    const fatal = FATAL.exec(text)
    if (fatal !== null && isPrefix(fatal[1] ?? '')) return { where: fatal[2] ?? null, worker: false }
  }
  if (text.includes('OOM')) {
    const chrome = CHROME.exec(text)
    if (chrome !== null) return { where: chrome[1] ?? null, worker: false }
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

/** `If you see "FATAL ERROR: …` advises; `I got`, `fails with` and `error:` tell what happened. */
const isPrefix = (before: string): boolean => before.trim() === '' || (BEFORE.test(before) && !IN_ADVICE.test(before))

const BEFORE =
  /(?:[|\]>:#]|(?:^|[:>*_]\s{0,2})["'`*_“‘]{1,3}|\b(?:got|gets?|getting|gives?|with|error|message)(?: (?:this|the|an?)(?: error)?)?:?\s{1,2}["'`*_“‘]{0,3})\s{0,8}$/
const IN_ADVICE =
  /\b(?:[Ii]f|[Ww]hen(?:ever)? (?:you|it|an?|the user)|such as|like|similar to|should|avoid|prevent|fix(?:es|ed)?|prints|sees?|means)\b/

/** The frames through which V8 gives up; only as lines of a stack, not in anybody's source or change log. */
const NO_WORDS: Death = { where: null, worker: false }

const FRAME =
  /^\s{0,8}(?:#?\d{1,3}:? {1,8}(?:\S{1,80}[ \t]{1,60})?(?:0x[0-9a-fA-F]{4,16}|[0-9A-F]{8,16}) (?:in )?|\d{1,2}: )(?:node::OOMErrorHandler\(|v8::Utils::ReportOOMFailure\(|v8::internal::(?:V8|Heap)::FatalProcessOutOfMemory\()/

const frameIn = (text: string): Death | null => (mayTell(text) && FRAME.test(text) ? NO_WORDS : null)

/** A stack has seldom more lines than this above the frame in question. Arbitrary. */
const STACK_LINES = 40

const isFollowed = (told: LogLine | null, line: LogLine): boolean =>
  told !== null && sourceKey(told) === sourceKey(line) && line.number - told.number <= STACK_LINES

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
