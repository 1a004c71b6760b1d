import type { Citation } from '../domain/evidence.ts'
import type { FactView } from '../parsers/facts.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'

/** More of the same warning proves no more; our choice. */
const MAX_WARNINGS = 6

/** What systemd said in the journal about the files of one unit. */
export const citeWarnings = (facts: FactView, unit: string): readonly Citation[] =>
  facts
    .all(logParser)
    .flatMap((log) =>
      eventsOf(log.facts, 'unit-config-warning')
        .filter((event) => event.unit === unit)
        .flatMap((event) => event.cited.slice(0, 1))
        .map((cited) => ({ evidence: log.evidence, line: cited.line, text: cited.text })),
    )
    .slice(0, MAX_WARNINGS)
