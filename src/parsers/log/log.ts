import type { Parser } from '../parser.ts'
import type { EventOf, LogEvent } from './events.ts'
import type { LogLine, LogTime } from './lines/line.ts'
import { forEachLine, isQuotedPrintable } from './lines/lines.ts'
import { fromOldest } from './lines/newestFirst.ts'
import { joinedLineReader } from './lines/reader.ts'
import { recognizers } from './registry.ts'
import { unfoldRepeats } from './lines/repeats.ts'
import { restsOnSource } from './sourceCode.ts'

/** What any log text says: kernel log, journal, application log, or a pasted mess of all of them. */
export interface LogFacts {
  readonly events: readonly LogEvent[]
  readonly lineCount: number
  /** Earliest and latest printed time, for the span that was really covered. */
  readonly firstTime: LogTime | null
  readonly lastTime: LogTime | null
}

/**
 * Reads a log in one pass: every recognizer sees every line once.
 * `[ 9.53] Memory cgroup out of memory: Killed process 144 (hog) …` → one kernel-oom event.
 */
export const logParser: Parser<LogFacts> = {
  id: 'log',
  parse: (output) => {
    const isEncoded = isQuotedPrintable(output)
    const reading = createLogReading(isEncoded)
    const turned = isEncoded ? null : fromOldest(output)
    if (turned === null) {
      forEachLine(output, reading.accept)
      return reading.finish()
    }
    for (const { line } of turned) reading.accept(line)
    return withNumbers(
      reading.finish(),
      turned.map(({ number }) => number),
    )
  },
}

/** Lines are counted as given, also where they were read from the last one on. */
const withNumbers = (facts: LogFacts, numbers: readonly number[]): LogFacts => ({
  ...facts,
  events: facts.events.map((event) => ({
    ...event,
    cited: event.cited.map((cited) => ({ ...cited, line: numbers[cited.line - 1] ?? cited.line })),
  })),
})

/** Reads one log whose lines come one by one; finds what `logParser` finds in the whole text. */
export interface LogReading {
  /** The next line, without its line feed. */
  readonly accept: (line: string) => void
  finish(): LogFacts
}

/** A reading of one log; `softBreaks` is what `isQuotedPrintable` says of the whole text. */
export const createLogReading = (softBreaks: boolean): LogReading => {
  const recognitions = recognizers.map((recognizer) => recognizer.start())
  let firstTime: LogTime | null = null
  let lastTime: LogTime | null = null
  let before: LogLine | null = null
  const lines = joinedLineReader(softBreaks, (printed) => {
    const line = unfoldRepeats(printed, before)
    before = line
    const { time } = line
    if (time.atText !== null) {
      if (firstTime === null || isBefore(time, firstTime)) firstTime = time
      if (lastTime === null || !isBefore(time, lastTime)) lastTime = time
    }
    for (const recognition of recognitions) recognition.accept(line)
  })
  return {
    accept: lines.accept,
    finish: () => {
      const lineCount = lines.finish()
      const events = recognitions
        .flatMap((recognition) => recognition.finish().map(letGo))
        .filter((event) => !restsOnSource(event))
      return { events: events.toSorted(byFirstLine), lineCount, firstTime: letGo(firstTime), lastTime: letGo(lastTime) }
    },
  }
}

/** A cited line is a slice that would keep the whole text in memory; the copy lets go of it. One by one: few bytes each. */
const letGo = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value

const byFirstLine = (left: LogEvent, right: LogEvent): number =>
  (left.cited[0]?.line ?? 0) - (right.cited[0]?.line ?? 0)

/** Only times on one clock can be compared; otherwise the order of the lines stands. */
const isBefore = (left: LogTime, right: LogTime): boolean => {
  if (left.atMs !== null && right.atMs !== null) return left.atMs < right.atMs
  if (left.atMs !== null || right.atMs !== null) return false
  if (left.bootSeconds !== null && right.bootSeconds !== null) return left.bootSeconds < right.bootSeconds
  return false
}

/** The events of one type, in the order of the text. */
export const eventsOf = <Type extends LogEvent['type']>(facts: LogFacts, type: Type): readonly EventOf<Type>[] =>
  facts.events.filter((event): event is EventOf<Type> => event.type === type)
