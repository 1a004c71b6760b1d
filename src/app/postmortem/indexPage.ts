import type { Incident } from '../../domain/incident.ts'
import type { PageStatus } from '../../domain/pageStatus.ts'
import { findRegions, wrapRegion } from '../../domain/region.ts'
import type { Hash } from '../../domain/region.ts'
import type { PageView } from '../../publishers/publisher.ts'
import { codeSpan, escapeCell } from '../../render/escape.ts'
import { formatDuration, formatUtc } from '../../render/format.ts'

/** One line of the index. */
export interface IndexRow {
  readonly incident: Incident
  readonly status: PageStatus
  readonly downtimeMs: number | null
  /** Incidents of the same kind on the same unit of the same host, this one included. */
  readonly repeats: number
}

const REGION = 'incidents'

const HEAD = [
  '| date (UTC) | incident | host | unit | kind | downtime | status | repeats |',
  '|---|---|---|---|---|---|---|---|',
]

/**
 * The page that lists all others, newest first. Pages that another Medic published to the same place keep their line as
 * long as the page is there; a page that people took away has none.
 */
export const indexPage = (rows: readonly IndexRow[], view: PageView, hash: Hash): string => {
  const own = new Map(rows.map((row) => [row.incident.id, row]))
  const lines = rows.flatMap((row) => {
    const target = view.incidentPage(row.incident.id)
    return target === null ? [] : [ownLine(row, target)]
  })
  for (const [id, line] of foreignLines(view.current)) {
    const target = view.incidentPage(id)
    if (target !== null && !own.has(id)) lines.push(line.replace(LINK, `[\`${id}\`](${target})`))
  }
  const sorted = lines.toSorted((one, other) => (one < other ? 1 : one > other ? -1 : 0))
  const body = sorted.length === 0 ? 'None yet.' : [...HEAD, ...sorted].join('\n')
  return `# Incidents\n\nKept by Medic, newest first. What is written outside the table stays.\n\n${wrapRegion(REGION, body, hash)}\n`
}

const LINK = /\[`(inc-[A-Za-z0-9_.@-]{1,200})`\]\([^()\s]*\)/

const ownLine = (row: IndexRow, target: string): string => {
  const { incident } = row
  const cells = [
    formatUtc(incident.occurredAtMs),
    `[\`${incident.id}\`](${target})`,
    codeSpan(incident.host, 'table'),
    incident.unit === null ? 'none' : codeSpan(incident.unit, 'table'),
    escapeCell(incident.kind),
    row.downtimeMs === null ? 'not measured' : formatDuration(row.downtimeMs),
    row.status.replace('-', ' '),
    String(row.repeats),
  ]
  return `| ${cells.join(' | ')} |`
}

/** Lines of the index as it stands, by incident. */
const foreignLines = (current: string | null): ReadonlyMap<string, string> => {
  const region = current === null ? undefined : findRegions(current).find(({ name }) => name === REGION)
  const found = new Map<string, string>()
  for (const line of region?.body.split(/\r?\n/) ?? []) {
    const id = /^\| \d{4}-/.test(line) ? LINK.exec(line)?.[1] : undefined
    if (id !== undefined) found.set(id, line)
  }
  return found
}
