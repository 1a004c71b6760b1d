import type { LogEvent } from '../events.ts'
import { NO_TIME } from '../lines/line.ts'
import type { LogLine } from '../lines/line.ts'
import type { Recognizer } from '../recognizer.ts'
import { citedLine, isKernelLine, toldBy } from '../telling.ts'

/**
 * A runtime's last words that name nobody, as .NET prints them before it aborts:
 *   Out of memory.
 *   Aborted (core dumped)
 * The bare sentence is anybody's; it counts with the abort behind it, or as a log's own line.
 */
export const bareOutOfMemoryRecognizer: Recognizer = {
  id: 'bare-out-of-memory',
  start: () => {
    const events: LogEvent[] = []
    let said: LogLine | null = null
    return {
      accept: (line) => {
        const { text } = line
        if (isKernelLine(line)) return
        if (text.startsWith('Out of memory') && /^Out of memory\.?\s{0,4}$/.test(text)) {
          // Without the full stop it is musl's word for errno 12, and a log has to say whose.
          if (line.time !== NO_TIME && (text.includes('.') || line.source !== null)) events.push(message(line, []))
          else if (text.includes('.')) said = line
          return
        }
        if (said === null) return
        if (line.number - said.number > ABORT_WITHIN_LINES) said = null
        else if (said !== null && ABORT.test(text)) {
          events.push(message(said, [line]))
          said = null
        }
      },
      finish: () => events,
    }
  },
}

const ABORT = /\bAborted(?: \(core dumped\))?(?:\s|$)|\bSIGABRT\b|\bcode[: ]{1,2}134\b/

const ABORT_WITHIN_LINES = 3

const message = (said: LogLine, more: readonly LogLine[]): LogEvent => ({
  type: 'app-message',
  ...toldBy(said),
  cited: [said, ...more].map((line) => citedLine(line)),
  app: said.source,
  what: 'self-check',
  statedAvailableBytes: null,
  limitBytes: null,
})
