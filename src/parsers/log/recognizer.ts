import type { LogEvent } from './events.ts'
import type { LogLine } from './lines/line.ts'

/**
 * Finds one family of events in a stream of lines, in one pass and in linear time.
 * `start` gives fresh state for one text; `accept` sees every line once, in order; `finish` gives what was found.
 */
export interface Recognizer {
  readonly id: string
  start(): Recognition
}

export interface Recognition {
  accept(line: LogLine): void
  finish(): readonly LogEvent[]
}
