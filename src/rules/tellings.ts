import type { Citation } from '../domain/evidence.ts'
import { blankClaim, type Claim } from '../domain/finding.ts'
import type { Kind } from '../domain/kind.ts'
import type { FactView, Sourced } from '../parsers/facts.ts'
import type { LogEvent } from '../parsers/log/events.ts'
import type { LogTime, Told } from '../parsers/log/lines/line.ts'
import { eventsOf, type LogFacts, logParser } from '../parsers/log/log.ts'
import type { ProgramEvent } from '../parsers/log/programEvents.ts'

/** One event of a program, with every copy of it that was seen. */
export interface Telling<Event> {
  readonly event: Event
  /** The unit the text is about as a whole (the journal of one unit), null for a log of the host. */
  readonly subject: string | null
  readonly evidence: Sourced<LogFacts>
  readonly citations: readonly Citation[]
  readonly count: number
}

interface Options<Event> {
  /** Two copies of one event have the same key. */
  readonly key: (event: Event) => string
  /** Copies by one teller in one text are separate events. */
  readonly teller?: (event: Event) => string
  readonly withinMs?: number
}

/** Copies of one line in two logs carry nearly the same stamp; a minute covers slow writers. */
const COPY_MS = 60_000
/** More lines than this help nobody. */
const MAX_CITATIONS = 12

type Timed = { readonly time: LogTime }
type ProgramEventOf<Type extends ProgramEvent['type']> = Extract<ProgramEvent, { readonly type: Type }>

/**
 * Events of one type over all logs, each once: a text and teller lists its own events, and a copy elsewhere
 * (the same journal read twice, the web server's quote of FPM's line) is matched one to one in order of time.
 */
export const tellingsOf = <Type extends ProgramEvent['type']>(
  facts: FactView,
  type: Type,
  options: Options<ProgramEventOf<Type> & Told>,
): readonly Telling<ProgramEventOf<Type> & Told>[] => {
  type Event = ProgramEventOf<Type> & Told
  const groups: Group<Event>[] = []
  const byKey = new Map<string, Group<Event>[]>()
  for (const evidence of facts.all(logParser)) {
    const cursors = new Map<string, number>()
    for (const event of eventsOf(evidence.facts, type) as readonly LogEvent[] as readonly Event[]) {
      const key = options.key(event)
      const teller = `${evidence.evidence} ${options.teller?.(event) ?? ''}`
      const known = byKey.get(key) ?? []
      if (known.length === 0) byKey.set(key, known)
      const cursorKey = `${teller} ${key}`
      const { found, cursor } = matchFrom(
        known,
        cursors.get(cursorKey) ?? 0,
        event,
        teller,
        options.withinMs ?? COPY_MS,
      )
      cursors.set(cursorKey, cursor)
      if (found === -1) {
        const group = {
          event,
          evidence,
          tellers: new Set([teller]),
          citations: citationsOf(evidence, event),
          count: event.repeats,
        }
        known.push(group)
        groups.push(group)
        continue
      }
      addCopy(known[found], evidence, event, teller)
    }
  }
  return groups.map(({ event, evidence, citations, count }) => ({
    event,
    evidence,
    citations,
    count,
    subject: evidence.subject,
  }))
}

interface Group<Event> {
  readonly event: Event
  evidence: Sourced<LogFacts>
  readonly tellers: Set<string>
  readonly citations: Citation[]
  count: number
}

/**
 * The next group from the cursor on that this teller has not told and whose time fits; -1 for none.
 * The cursor passes groups that no later event of this teller can match, which keeps a long log linear.
 */
const matchFrom = <Event extends Timed>(
  known: readonly Group<Event>[],
  from: number,
  event: Event,
  teller: string,
  withinMs: number,
): { readonly found: number; readonly cursor: number } => {
  const atMs = event.time.atMs
  let cursor = from
  for (let index = from; index < known.length; index += 1) {
    const group = known[index]
    if (group === undefined) break
    const groupMs = group.event.time.atMs
    const isPast = group.tellers.has(teller) || (atMs !== null && groupMs !== null && groupMs < atMs - withinMs)
    if (isPast) {
      if (index === cursor) cursor += 1
      continue
    }
    if (atMs === null || groupMs === null || groupMs <= atMs + withinMs) return { found: index, cursor }
    return { found: -1, cursor }
  }
  return { found: -1, cursor }
}

const addCopy = <Event extends Told>(
  group: Group<Event> | undefined,
  evidence: Sourced<LogFacts>,
  event: Event,
  teller: string,
): void => {
  if (group === undefined) return
  group.tellers.add(teller)
  group.count = Math.max(group.count, event.repeats)
  // The text that is about one unit says more than the host's.
  if (group.evidence.subject === null && evidence.subject !== null) group.evidence = evidence
  for (const citation of citationsOf(evidence, event)) {
    if (group.citations.length < MAX_CITATIONS) group.citations.push(citation)
  }
}

/** The lines an event rests on, as citations of the evidence it stands in. */
export const citationsOf = (evidence: Sourced<LogFacts>, event: Pick<LogEvent, 'cited'>): Citation[] =>
  event.cited.map((cited) => ({ evidence: evidence.evidence, line: cited.line, text: cited.text }))

/** A claim with what every telling states: time, lines, count, and the unit its text is about. */
export const claimOf = (
  kind: Kind,
  telling: Telling<Told>,
  stated: Partial<Claim> & { readonly summary: string },
): Claim => ({
  ...blankClaim(kind, stated.summary),
  confidence: 'certain',
  ...timeOf(telling.event.time),
  unit: telling.event.unit ?? telling.subject,
  count: telling.count,
  citations: telling.citations,
  ...stated,
})

/** `at` and `atText` of a claim from a line's stamp. */
export const timeOf = (time: LogTime): Pick<Claim, 'at' | 'atText'> => ({
  at: time.atMs === null ? null : new Date(time.atMs).toISOString(),
  atText: time.atText,
})
