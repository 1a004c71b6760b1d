import type { LogEvent } from '../events.ts'
import type { LogLine } from '../lines/line.ts'
import type { Recognizer } from '../recognizer.ts'
import { citedLine, isKernelLine, toldBy } from '../telling.ts'

/**
 * The line that closes a traceback: `MemoryError`, `MemoryError: …`, or numpy's
 *   numpy.core._exceptions._ArrayMemoryError: Unable to allocate 7.28 TiB for an array with shape …
 * `torch.OutOfMemoryError: CUDA …` is GPU memory and another class.
 */
export const pythonRecognizer: Recognizer = {
  id: 'python',
  start: () => {
    const events: LogEvent[] = []
    const tracebacks = new Map<string, LogLine>()
    return {
      accept: (line) => {
        if (isKernelLine(line)) return
        if (
          line.text.startsWith('Traceback (most recent call last):') ||
          line.text.endsWith('(most recent call last):')
        ) {
          tracebacks.set(sourceKey(line), line)
          return
        }
        if (!NEEDLE.test(line.text) || ABOUT_GPU.test(line.text)) return
        const match = CLOSING.exec(line.text) ?? RETOLD.exec(line.text) ?? IN_OTHER_WORDS.exec(line.text)
        if (match === null) return
        const opening = tracebacks.get(sourceKey(line))
        const near = opening !== undefined && line.number - opening.number <= MAX_TRACEBACK_LINES ? opening : null
        tracebacks.delete(sourceKey(line))
        events.push({
          type: 'python-memoryerror',
          ...toldBy(line),
          cited: near === null ? [citedLine(line)] : [citedLine(near), citedLine(line)],
          detail: match.slice(1).find((part) => part !== undefined) ?? null,
          hasTraceback: near !== null,
        })
      },
      finish: () => events,
    }
  },
}

const sourceKey = (line: LogLine): string => `${line.source ?? ''} ${line.sourcePid ?? ''}`

const NEEDLE = /MemoryError|Unable to allocate|bad allocation|C error: out of memory/

/** The library that drives the card raises the same class. */
const ABOUT_GPU = /\b(?:CUDA|RMM|cuda\w{1,40}|MEM_OBJECT_ALLOCATION_FAILURE)\b/

/** pytest sets an E in front, a notebook the place of the traceback behind, a mark or a person's sentence around it. */
const IN_OTHER_WORDS =
  /^(?:[*_"'`>]{1,3} {0,2}|E {3,11}|[A-Za-z][\w ,.']{0,60}: |.{0,120}\b(?:got|get|gets|getting|gave|gives|error|raised|raises|with|threw|throws)(?: an?| this| the| me)?:? ["'`*]{0,3})(?:[A-Za-z_]\w{0,60}\.){0,8}_?(?:Array|Arrow)?(?:Memory)?Error: (Unable to allocate [\d.]{1,12} [KMGTP]?i?B?(?:ytes)?\b.{0,400})|^E {3,11}(?:[A-Za-z_]\w{0,60}\.){0,8}_?(?:Array|Arrow)?MemoryError(?:: (.{1,400}))?\s{0,8}$|^MemoryError {10,60}Traceback \(most recent call last\)|\bXGBoostError: (?:.{0,200}: )?(bad allocation|std::bad_alloc)\b|\b(?:C)?ParserError: Error tokenizing data\. (C error: out of memory)\b/

const CLOSING = /^(?:[A-Za-z_][\w]{0,60}\.){0,8}_?(?:Array|Arrow)?MemoryError(?:: (.{1,400}))?\s{0,8}$/

/** A worker that tells of what its task raised: `Task fit[7f] raised unexpected: MemoryError()`. */
const RETOLD = /: MemoryError\((['"].{0,400}['"]|)\)\s{0,8}$/

/** Python prints at most 1000 frames before it folds them; two lines each. */
const MAX_TRACEBACK_LINES = 2000
