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
        if (!line.text.includes('MemoryError')) return
        const match = CLOSING.exec(line.text) ?? RETOLD.exec(line.text)
        if (match === null) return
        const opening = tracebacks.get(sourceKey(line))
        const near = opening !== undefined && line.number - opening.number <= MAX_TRACEBACK_LINES ? opening : null
        tracebacks.delete(sourceKey(line))
        events.push({
          type: 'python-memoryerror',
          ...toldBy(line),
          cited: near === null ? [citedLine(line)] : [citedLine(near), citedLine(line)],
          detail: match[1] ?? null,
          hasTraceback: near !== null,
        })
      },
      finish: () => events,
    }
  },
}

const sourceKey = (line: LogLine): string => `${line.source ?? ''} ${line.sourcePid ?? ''}`

const CLOSING = /^(?:[A-Za-z_][\w]{0,60}\.){0,8}_?(?:Array|Arrow)?MemoryError(?:: (.{1,400}))?\s{0,8}$/

/** A worker that tells of what its task raised: `Task fit[7f] raised unexpected: MemoryError()`. */
const RETOLD = /: MemoryError\((['"].{0,400}['"]|)\)\s{0,8}$/

/** Python prints at most 1000 frames before it folds them; two lines each. */
const MAX_TRACEBACK_LINES = 2000
