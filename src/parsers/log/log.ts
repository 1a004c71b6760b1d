import type { Parser } from '../parser.ts'
import type { EventOf, LogEvent } from './events.ts'
import type { LogTime } from './line.ts'

/** What any log text says: kernel log, journal, application log, or a pasted mess of all of them. */
export interface LogFacts {
  readonly events: readonly LogEvent[]
  readonly lineCount: number
  /** Earliest and latest printed time, for the span that was really covered. */
  readonly firstTime: LogTime | null
  readonly lastTime: LogTime | null
}

export const logParser: Parser<LogFacts> = {
  id: 'log',
  parse: () => ({ events: [], lineCount: 0, firstTime: null, lastTime: null }),
}

export const eventsOf = <Type extends LogEvent['type']>(facts: LogFacts, type: Type): readonly EventOf<Type>[] =>
  facts.events.filter((event): event is EventOf<Type> => event.type === type)
