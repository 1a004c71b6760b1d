import type { Diagnosis } from '../domain/finding.ts'
import type { Hash } from '../domain/region.ts'
import { formatDuration, formatHostTime, formatOffset, formatUtc } from './format.ts'
import { causesContext } from './postmortemCauses.ts'
import { evidenceContext } from './postmortemEvidence.ts'
import type { ActionTaken, PostmortemInput } from './postmortemInput.ts'
import { actionItems, proposals } from './postmortemResponse.ts'
import { detectionContext, factRows, impactNotes, summaryContext } from './postmortemStory.ts'
import type { Template } from './template.ts'
import type { TimelineEntry } from './timeline.ts'
import { timelineOfFindings } from './timeline.ts'

/** The draft as Markdown. It gathers, orders and computes; it never concludes. */
export const renderPostmortem = (input: PostmortemInput, template: Template, hash: Hash): string => {
  const context = contextOf(input, hash, template.path)
  const once = template.render({ ...context, todoCount: 0 }, hash)
  return template.render({ ...context, todoCount: countTodos(once) }, hash)
}

/** Open questions of a page; review is refused while one is left. Data can never spell one. */
export const countTodos = (markdown: string): number => markdown.split('**TODO(human):**').length - 1

const contextOf = (input: PostmortemInput, hash: Hash, templatePath: string): object => {
  const { incident, diagnosis, host } = input
  const offset = host.offsetMinutes?.value ?? null
  const timeline = [...timelineOfFindings(diagnosis), ...input.events, ...input.actions.map(rowOf)].toSorted(
    (a, b) => a.atMs - b.atMs || (a.what < b.what ? -1 : a.what > b.what ? 1 : 0),
  )
  const causes = causesContext(diagnosis, incident)
  return {
    id: incident.id,
    title: incident.title,
    generatedAtMs: input.generatedAtMs,
    factRows: factRows(input, templatePath),
    summary: summaryContext(input),
    measures: input.measures.map((measure) => ({
      ...measure,
      from: formatUtc(measure.fromMs),
      to: formatUtc(measure.toMs),
      length: formatDuration(measure.toMs - measure.fromMs),
    })),
    impactNotes: impactNotes(input),
    detection: detectionContext(input),
    hostOffset: formatOffset(offset),
    timeline: dedupe(timeline).map((entry) => ({
      ...entry,
      utc: formatUtc(entry.atMs),
      hostTime: formatHostTime(entry.atMs, offset),
    })),
    timelineNotes: undated(diagnosis),
    ...causes,
    memory: input.memory,
    actions: input.actions.map((action) => ({
      ...action,
      utc: formatUtc(action.atMs),
      result: action.result ?? 'not on record',
    })),
    proposals: proposals(diagnosis),
    learned: { well: quickRestarts(input), harder: [...diagnosis.blindSpots], lucky: [] },
    actionItems: actionItems(diagnosis, causes.factors),
    earlier: (input.earlier ?? []).map((item) => ({
      when: formatUtc(item.occurredAtMs),
      id: item.id,
      title: item.title,
    })),
    earlierNone:
      input.earlier === null ? 'Not collected: no history is kept in this place.' : 'None in the history Medic keeps.',
    ...evidenceContext(input.evidence, diagnosis, hash),
  }
}

const rowOf = ({ atMs, what, approval }: ActionTaken): TimelineEntry => ({
  atMs,
  what: `A change was approved: ${what} [approval ${approval}]`,
  basis: 'reported',
  evidence: [],
})

/** A restart slower than this is nothing to be glad of; arbitrary. */
const QUICK_MS = 30_000

const quickRestarts = ({ measures }: PostmortemInput): readonly string[] => {
  const longest = Math.max(0, ...measures.map((measure) => measure.toMs - measure.fromMs))
  return measures.length === 0 || longest > QUICK_MS
    ? []
    : [`every measured span ended within ${formatDuration(longest)}`]
}

/** A kernel line and systemd's notice about one death are two rows; the same row twice is one. */
const dedupe = (entries: readonly TimelineEntry[]): readonly TimelineEntry[] =>
  entries.filter(
    (entry, index) => index === 0 || entry.atMs !== entries[index - 1]?.atMs || entry.what !== entries[index - 1]?.what,
  )

const undated = (diagnosis: Diagnosis) =>
  [...diagnosis.findings, ...diagnosis.history]
    .filter((finding) => finding.at === null && finding.atText !== null)
    .map((finding) => ({
      text: `Without zone or year, so not placed above: "${finding.atText ?? ''}", ${finding.summary.replace(/[.\s]+$/, '')}`,
      evidence: finding.citations.map((citation) => citation.evidence),
    }))
