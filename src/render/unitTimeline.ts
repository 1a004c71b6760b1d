import type { EvidenceId } from '../domain/evidence.ts'
import type { FactView } from '../parsers/facts.ts'
import type { LogEvent } from '../parsers/log/events.ts'
import { logParser } from '../parsers/log/log.ts'
import type { Measure } from './postmortemInput.ts'
import type { TimelineEntry } from './timeline.ts'

/** A timeline longer than this is a log; arbitrary. */
const MOST = 60

interface Dated {
  readonly event: LogEvent
  readonly unit: string
  readonly atMs: number
  readonly evidence: EvidenceId
}

/** What systemd did with the units that the findings name, inside the window. */
export const unitTimeline = (facts: FactView, units: ReadonlySet<string>): readonly TimelineEntry[] => {
  const entries = datedEvents(facts, units).flatMap((dated): TimelineEntry[] => {
    const what = wordsOf(dated.event)
    return what === null
      ? []
      : [{ atMs: dated.atMs, what: `systemd: ${dated.unit} ${what}`, basis: 'observed', evidence: [dated.evidence] }]
  })
  const merged = new Map<string, TimelineEntry>()
  for (const entry of entries) {
    const key = `${Math.floor(entry.atMs / 1000)} ${entry.what}`
    const first = merged.get(key)
    merged.set(
      key,
      first === undefined ? entry : { ...first, evidence: [...new Set([...first.evidence, ...entry.evidence])] },
    )
  }
  const all = [...merged.values()]
  if (all.length <= MOST) return all
  const head = all.slice(0, MOST / 2)
  const tail = all.slice(-MOST / 2)
  const gap = all[MOST / 2]
  return gap === undefined
    ? all
    : [
        ...head,
        { ...gap, what: `(${all.length - MOST} more events of these units are left out here)`, basis: 'inferred' },
        ...tail,
      ]
}

const wordsOf = (event: LogEvent): string | null => {
  if (event.type === 'unit-exit')
    return event.code === 'exited'
      ? `ended with status ${event.status}`
      : `was ended by ${event.signal ?? `signal ${event.status}`}`
  if (event.type === 'unit-restart')
    return event.counter === null ? 'is started again' : `is started again (restart ${event.counter})`
  if (event.type === 'unit-start-limit') return 'is not started again: too many starts'
  if (event.type === 'unit-timeout') return `did not stop in time (${event.state})`
  if (event.type === 'unit-watchdog') return 'did not answer the watchdog'
  return null
}

/** An exit until the restart that follows it. Unit-down time is not user impact. */
export const downtimes = (facts: FactView, units: ReadonlySet<string>): readonly Measure[] => {
  const measures: Measure[] = []
  const downSince = new Map<string, Dated>()
  for (const dated of datedEvents(facts, units)) {
    if (dated.event.type === 'unit-exit' && dated.event.process === 'main' && !downSince.has(dated.unit))
      downSince.set(dated.unit, dated)
    const down = downSince.get(dated.unit)
    if (dated.event.type !== 'unit-restart' || down === undefined) continue
    downSince.delete(dated.unit)
    measures.push({
      what: `${dated.unit} down, until systemd began to start it again`,
      fromMs: down.atMs,
      toMs: dated.atMs,
      basis: 'inferred from unit states',
      evidence: [...new Set([down.evidence, dated.evidence])],
    })
  }
  if (measures.length <= MOST / 2) return measures
  return measures.slice(-MOST / 2)
}

/** In order of time, each line once even when two logs hold it. */
const datedEvents = (facts: FactView, units: ReadonlySet<string>): readonly Dated[] => {
  const { fromMs } = facts.window
  const seen = new Set<string>()
  return facts
    .all(logParser)
    .flatMap((item) =>
      item.facts.events.flatMap((event): Dated[] => {
        if (!('unit' in event) || typeof event.unit !== 'string' || !units.has(event.unit)) return []
        const { atMs } = event.time
        if (atMs === null || (fromMs !== null && atMs < fromMs)) return []
        return [{ event, unit: event.unit, atMs, evidence: item.evidence }]
      }),
    )
    .toSorted((a, b) => a.atMs - b.atMs)
    .filter((dated) => {
      const key = `${dated.atMs} ${dated.unit} ${dated.event.type}`
      if (seen.has(key)) return false
      seen.add(key)
      return true
    })
}
