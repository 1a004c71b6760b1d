import type { Citation, EvidenceId } from '../domain/evidence.ts'
import type { Finding, KernelReport } from '../domain/finding.ts'
import { formatBytes, formatList } from './format.ts'

/** One sentence of fact without its full stop, and the evidence it rests on. Plain text: escaped where it is shown. */
export interface Statement {
  readonly text: string
  readonly evidence: readonly EvidenceId[]
}

export const statement = (text: string, evidence: readonly EvidenceId[] = []): Statement => ({
  text: sentenceCase(text.trim().replace(/[.\s]+$/, '')),
  evidence,
})

/** Rules write summaries that can stand inside a sentence; only a plain word may be capitalised, never a name. */
const sentenceCase = (text: string): string =>
  /^(?:the|a|an|no|nothing|nobody|one|all|every)\b/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text

export const evidenceOf = (citations: readonly Citation[]): readonly EvidenceId[] => [
  ...new Set(citations.map((citation) => citation.evidence)),
]

/** Who died, who asked, who was biggest, who is to blame: four different processes in general. */
export const peopleOf = (finding: Finding): readonly Statement[] => {
  const marks = evidenceOf(finding.citations)
  const said: Statement[] = []
  const victims = finding.victims.filter(
    (victim) => victim.comm !== null || victim.unit !== null || victim.pid !== null,
  )
  if (victims.length > 0) {
    const names = victims.map((victim) =>
      [
        victim.comm ?? 'a process',
        victim.pid === null ? '' : ` (pid ${victim.pid})`,
        victim.unit === null ? '' : ` of ${victim.unit}`,
        victim.anonRssBytes === null ? '' : `, ${formatBytes(victim.anonRssBytes)} anonymous memory`,
      ].join(''),
    )
    said.push(statement(`Victim: ${formatList(names)}`, marks))
  }
  if (finding.invoker !== null) {
    const { pid } = finding.invoker
    const isVictim = pid !== null && victims.some((victim) => victim.pid === pid)
    const note = isVictim ? ', the victim itself' : '; that is the last to ask, not the cause'
    said.push(statement(`Whose request was refused: ${named(finding.invoker)}${note}`, marks))
  }
  if (finding.largestTask !== null) {
    const size = finding.largestTask.rssBytes === null ? '' : `, ${formatBytes(finding.largestTask.rssBytes)} resident`
    said.push(statement(`Biggest: ${named(finding.largestTask)}${size}`, marks))
  }
  if (finding.culprit !== null) {
    const who = [finding.culprit.comm, finding.culprit.unit].filter((name) => name !== null).join(' of ')
    const innocent =
      finding.culprit.isVictim || victims.length === 0 ? '' : '; the process that died is an innocent victim'
    said.push(
      statement(
        `Who used it: ${who === '' ? 'not known' : who}, because ${finding.culprit.why.replace(/\.$/, '')}${innocent}`,
        marks,
      ),
    )
  }
  return said
}

/** Which limit was hit, and why the request failed. */
export const limitOf = (finding: Finding): readonly Statement[] => {
  const marks = evidenceOf(finding.citations)
  const said: Statement[] = []
  if (finding.constraint !== null)
    said.push(statement(`The kernel's word for the shortage: ${finding.constraint}`, marks))
  if (finding.cgroup !== null || finding.limitBytes !== null) {
    const where = finding.cgroup === null ? '' : ` of ${finding.cgroup}`
    const limit =
      finding.kind === 'cannot-fork' && finding.limitBytes === null ? 'tasks' : formatBytes(finding.limitBytes)
    said.push(statement(`Limit that was met: ${limit}${where}`, marks))
  }
  const request = requestOf(finding.report)
  if (request !== null) said.push(statement(`The request that failed: ${request}`, marks))
  if (finding.why !== null) said.push(statement(`Why: ${finding.why}`, marks))
  return said
}

const requestOf = (report: KernelReport | null): string | null => {
  if (report === null || report.order === null || report.order < 0) return null
  const size =
    report.order === 0 ? 'single pages (order 0)' : `2^${report.order} pages in one piece (order ${report.order})`
  const flags = report.gfpFlags ?? report.gfpMask
  return flags === null ? size : `${size}, ${flags}`
}

const named = (task: { readonly pid: number | null; readonly comm: string }): string =>
  task.pid === null ? task.comm : `${task.comm} (pid ${task.pid})`

/** When a finding happened: an ISO time in UTC, else what the text says, else null. */
export const whenOf = (finding: Finding): string | null =>
  finding.at === null ? finding.atText : `${finding.at.slice(0, 19).replace('T', ' ')} UTC`

/** The findings that explain the rest, strongest first as the diagnosis ordered them. */
export const rootCausesOf = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter((finding) => finding.role === 'root-cause')
