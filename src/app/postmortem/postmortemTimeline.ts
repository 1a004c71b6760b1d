import type { EvidenceId } from '../../domain/evidence.ts'
import type { Incident } from '../../domain/incident.ts'
import type { FactView } from '../../parsers/facts.ts'
import type { LogEvent } from '../../parsers/log/events.ts'
import { logParser } from '../../parsers/log/log.ts'
import type { Measure } from '../../render/postmortemInput.ts'
import type { TimelineEntry } from '../../render/timeline.ts'

/** A page is read by people: the end of a long story is worth more than its beginning. */
const MOST_ROWS = 60

/** What systemd said about the incident's unit, beside the findings. */
export const timelineOf = (facts: FactView, incident: Incident): readonly TimelineEntry[] =>
  unitEvents(facts, incident)
    .flatMap(({ event, atMs, evidence }) => {
      const what = wordsOf(event)
      return what === null ? [] : [{ atMs, what, basis: 'observed' as const, evidence: [evidence] }]
    })
    .slice(-MOST_ROWS)

/**
 * How long the unit was down at least: from the end of its process to the moment systemd scheduled the next start. The
 * start itself takes longer, and unit-down time is never users' impact.
 */
export const unitDowntimes = (facts: FactView, incident: Incident): readonly Measure[] => {
  const measures: Measure[] = []
  let down: { atMs: number; evidence: EvidenceId } | null = null
  for (const { event, atMs, evidence } of unitEvents(facts, incident)) {
    if (event.type === 'unit-exit' && event.process === 'main') down ??= { atMs, evidence }
    else if (event.type === 'unit-result') down ??= { atMs, evidence }
    else if (event.type === 'unit-restart' && down !== null) {
      measures.push({
        what: `${incident.unit ?? 'unit'} down, until its restart was scheduled`,
        fromMs: down.atMs,
        toMs: atMs,
        basis: 'inferred from unit messages',
        evidence: down.evidence === evidence ? [evidence] : [down.evidence, evidence],
      })
      down = null
    }
  }
  return measures.slice(-MOST_ROWS)
}

interface Placed {
  readonly event: LogEvent
  readonly atMs: number
  readonly evidence: EvidenceId
}

/** Dated events of the unit inside the window, in order; the same line in two logs counts once. */
const unitEvents = (facts: FactView, incident: Incident): readonly Placed[] => {
  const seen = new Set<string>()
  const placed: Placed[] = []
  const fromMs = facts.window.fromMs ?? Number.NEGATIVE_INFINITY
  for (const log of facts.all(logParser)) {
    for (const event of log.facts.events) {
      const atMs = event.time.atMs
      if (atMs === null || atMs < fromMs || !('unit' in event) || event.unit !== incident.unit) continue
      const key = `${event.type} ${atMs} ${event.cited[0]?.text ?? ''}`
      if (seen.has(key)) continue
      seen.add(key)
      placed.push({ event, atMs, evidence: log.evidence })
    }
  }
  return placed.toSorted((one, other) => one.atMs - other.atMs)
}

const wordsOf = (event: LogEvent): string | null => {
  switch (event.type) {
    case 'unit-exit': {
      const how = event.signal === null ? `status ${event.status}` : `signal ${event.signal}`
      return `systemd: the ${event.process} process of ${event.unit} ended, ${event.code}, ${how}`
    }
    case 'unit-result':
      return event.result === null ? null : `systemd: ${event.unit} ended with result ${event.result}`
    case 'unit-restart':
      return `systemd scheduled a restart of ${event.unit}${event.counter === null ? '' : `, number ${event.counter}`}`
    case 'unit-start-limit':
      return `systemd gave up restarting ${event.unit}: start limit reached`
    case 'unit-timeout':
      return `systemd: ${event.unit} timed out in state ${event.state}`
    case 'unit-watchdog':
      return `systemd: watchdog of ${event.unit} not answered`
    default:
      return null
  }
}
