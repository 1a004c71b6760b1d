import type { Evidence } from '../domain/evidence.ts'
import type { Diagnosis, Finding } from '../domain/finding.ts'
import type { Hash } from '../domain/region.ts'
import { formatDuration, formatUtc } from './format.ts'

/** How a step ended, in words a reader needs no table for. */
export const outcomeText = (evidence: Evidence): string => {
  const { result } = evidence
  const cut = result.droppedBytes === 0 ? '' : `, ${result.droppedBytes} bytes cut`
  if (result.outcome === 'exited') return `exit ${result.exitCode}${cut}`
  if (result.outcome === 'killed') return `ended by ${result.signal}${cut}`
  if (result.outcome === 'timed-out') return `cut after ${formatDuration(result.durationMs)}${cut}`
  if (result.outcome === 'unknown') return `end not known: ${result.reason}${cut}`
  return `not run: ${result.reason}`
}

export interface Gap {
  readonly text: string
  /** Pieces of evidence it is about. */
  readonly count: number
}

/** A host that cannot fork, or a lost connection, leaves dozens of gaps for one reason: more than this are one line. */
const ALIKE_SHOWN = 6

/** Evidence that is missing or not whole. An exit status is no gap by itself: `grep` finds nothing with 1. */
export const gapsOf = (evidence: readonly Evidence[]): readonly Gap[] => {
  const gaps = evidence.flatMap((item) =>
    whatLacks(item).map((what) => ({ name: `${item.id} (${nameOf(item)})`, what })),
  )
  return [...Map.groupBy(gaps, ({ what }) => what)].flatMap(([what, alike]): Gap[] => {
    const names = alike.map(({ name }) => name)
    if (names.length <= ALIKE_SHOWN) return names.map((name) => ({ text: `${name}: ${what}.`, count: 1 }))
    const shown = names.slice(0, ALIKE_SHOWN).join(', ')
    return [{ text: `${shown} and ${names.length - ALIKE_SHOWN} more: ${what}.`, count: names.length }]
  })
}

const whatLacks = (item: Evidence): readonly string[] => {
  const { result, reading } = item
  const lacks: string[] = []
  if (result.outcome !== 'exited') lacks.push(outcomeText(item))
  else if (result.droppedBytes > 0) lacks.push(`not whole, ${result.droppedBytes} bytes cut`)
  if (reading.status === 'unparsed')
    lacks.push(`could not be read as ${reading.parser}: ${reading.reason.replace(/[.\s]+$/, '')}`)
  return lacks
}

const nameOf = (item: Evidence): string => (item.subject === null ? item.step : `${item.step}, ${item.subject}`)

const COMMAND_SHOWN = 120

/** Index and decisive lines. */
export const evidenceContext = (evidence: readonly Evidence[], diagnosis: Diagnosis, hash: Hash) => ({
  evidence: evidence.map((item) => ({
    id: item.id,
    what: nameOf(item),
    command: shorten(item.command.trim(), COMMAND_SHOWN),
    taken: formatUtc(item.result.startedAtMs),
    bytes: String(new TextEncoder().encode(item.result.stdout).length),
    digest: hash(item.result.stdout).slice(0, 12),
    redacted: item.redactions === 0 ? 'no' : String(item.redactions),
    outcome: outcomeText(item),
  })),
  gaps: gapsOf(evidence),
  excerpts: [...diagnosis.findings, ...diagnosis.history]
    .filter((finding) => finding.citations.length > 0)
    .map((finding) => ({ title: `${finding.kind}, ${finding.confidence}`, body: excerptOf(finding) })),
})

const LINES_SHOWN = 12

/** `E3:12  text`, one line each, so that everybody can look it up. */
export const excerptOf = (finding: Finding): string => {
  const lines = finding.citations
    .slice(0, LINES_SHOWN)
    .map((citation) => `${citation.evidence}:${citation.line}  ${citation.text.replace(/[\r\n]+/g, ' ')}`)
  const rest = finding.citations.length - lines.length
  return rest > 0 ? `${lines.join('\n')}\n(${rest} more lines)` : lines.join('\n')
}

const shorten = (text: string, length: number): string => {
  const line = text.replace(/\s+/g, ' ')
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`
}
