import type { Evidence } from '../domain/evidence.ts'
import type { Diagnosis, Finding } from '../domain/finding.ts'
import type { Incident } from '../domain/incident.ts'
import { KINDS } from '../domain/kind.ts'
import type { Kind } from '../domain/kind.ts'
import { changesBefore } from './changesBefore.ts'
import { formatCount, formatDuration } from './format.ts'
import { skippedByReason } from './postmortemCauses.ts'
import { gapsOf } from './postmortemEvidence.ts'
import { isChange, isRefusal, remediesOf } from './postmortemResponse.ts'
import { PLAIN, ReportPage, type Painter } from './reportPage.ts'
import { remedyLines } from './reportRemedy.ts'
import { limitOf, peopleOf, type Statement, whenOf } from './statement.ts'

export interface ReportInput {
  /** Null for a text without a host. */
  readonly host: string | null
  readonly diagnosis: Diagnosis
  readonly evidence: readonly Evidence[]
  readonly incident: Incident | null
  readonly postmortemPath: string | null
  readonly durationMs: number | null
  /** Said at the end: store gone, run cut short. */
  readonly notes: readonly string[]
}

export interface ReportOptions {
  readonly width?: number
  readonly paint?: Painter
}

/** What a person reads at 3 a.m., verdict first. Lines hold no control characters but those of the painter. */
export const renderReport = (input: ReportInput, options: ReportOptions = {}): readonly string[] => {
  const page = new ReportPage(options.width ?? 100, options.paint ?? PLAIN)
  const { findings, history } = input.diagnosis
  const causes = findings.filter((finding) => finding.role === 'root-cause')
  const symptoms = findings.filter((finding) => finding.role === 'symptom')
  if (findings.length === 0) nothingFound(page, input)
  for (const [first, again] of alike(causes)) showFinding(page, first, again)
  if (symptoms.length > 0) {
    page.heading(causes.length > 0 ? 'What followed from it' : 'What was seen; its cause is not in the evidence')
    for (const finding of symptoms) showShort(page, finding)
  }
  showChanges(page, input)
  showRemedies(page, findings)
  if (history.length > 0) {
    page.heading('Before the window')
    for (const finding of history) showShort(page, finding)
  }
  showLimits(page, input)
  showEnd(page, input)
  return page.lines
}

const verdict = (finding: Finding): string => {
  const times = finding.count > 1 ? `, ${finding.count} times` : ''
  return `${finding.kind} (${finding.confidence}${times})`
}

/** Each first finding of a kind about one unit, with those after it: five kills of one worker are one story. */
const alike = (findings: readonly Finding[]): ReadonlyMap<Finding, readonly Finding[]> => {
  const groups = new Map<Finding, Finding[]>()
  for (const finding of findings) {
    const first = [...groups.keys()].find(
      (one) => one.kind === finding.kind && one.unit === finding.unit && one.unit !== null,
    )
    if (first === undefined) groups.set(finding, [])
    else groups.get(first)?.push(finding)
  }
  return groups
}

const showFinding = (page: ReportPage, finding: Finding, again: readonly Finding[]): void => {
  page.blank()
  const paint = finding.confidence === 'certain' ? page.paint.red : page.paint.yellow
  page.lines.push(page.paint.bold(paint(verdict(finding))))
  page.text(finding.summary, page.paint.bold)
  const when = whenOf(finding)
  page.field('when', when ?? 'not stated')
  if (finding.unit !== null) page.field('unit', finding.unit)
  if (finding.container !== null) page.field('container', finding.container)
  showProof(page, finding, PROOFS)
  fields(page, 'why', limitOf(finding))
  fields(page, 'who', peopleOf(finding))
  for (const doubt of finding.doubts) page.field('doubt', doubt)
  for (const one of again) {
    const [proof] = one.citations
    const where = proof === undefined ? '' : ` (${proof.evidence}:${proof.line})`
    page.field('again', `${whenOf(one) ?? 'at a time not stated'}, ${one.confidence}: ${one.summary}${where}`)
  }
}

const PROOFS = 4
/** Long enough for the kernel's longest decisive line. */
const PROOF_LENGTH = 400

/** Blanks stay as they are, so that the line can be searched for. */
const cut = (text: string): string => (text.length <= PROOF_LENGTH ? text : `${text.slice(0, PROOF_LENGTH - 1)}…`)

const showProof = (page: ReportPage, finding: Finding, most: number): void => {
  for (const citation of finding.citations.slice(0, most))
    page.field('proof', `${citation.evidence}:${citation.line} ${cut(citation.text)}`)
  const rest = finding.citations.length - most
  if (rest > 0) page.field('proof', formatCount(rest, 'more line'))
}

const fields = (page: ReportPage, label: string, statements: readonly Statement[]): void => {
  for (const { text } of statements) page.field(label, text.replace(/^Why: /, ''))
}

const showShort = (page: ReportPage, finding: Finding): void => {
  const when = whenOf(finding)
  page.text(`${verdict(finding)}: ${finding.summary}${when === null ? '' : `, ${when}`}`)
  showProof(page, finding, 1)
}

const showChanges = (page: ReportPage, { diagnosis }: ReportInput): void => {
  const changes = changesBefore(diagnosis)
  if (changes.length === 0 || diagnosis.findings.length === 0) return
  page.heading('What changed on the host before it (not a cause by itself)')
  for (const { text, evidence } of changes) page.bullet(`${text} (${evidence.join(', ')})`)
}

const showRemedies = (page: ReportPage, findings: readonly Finding[]): void => {
  const remedies = remediesOf(findings).map(({ remedy }) => remedy)
  const changes = remedies.filter(isChange)
  const advices = remedies.filter((remedy) => !isChange(remedy) && !isRefusal(remedy))
  const refusals = remedies.filter(isRefusal)
  if (changes.length > 0) {
    page.heading('Proposed change (nothing was changed)')
    for (const remedy of changes) remedyLines(page, remedy)
  }
  if (advices.length > 0) {
    page.heading('What to do')
    for (const remedy of advices) remedyLines(page, remedy)
  }
  if (refusals.length > 0) {
    page.heading('Not proposed, and why')
    for (const remedy of refusals) remedyLines(page, remedy)
  }
}

const nothingFound = (page: ReportPage, { diagnosis, host, evidence }: ReportInput): void => {
  const where = host !== null ? `on ${host}` : evidence.length > 1 ? 'in these texts' : 'in this text'
  if (diagnosis.decisiveBlind) {
    page.text(`Nothing was found ${where}, but a decisive source could not be seen: this proves nothing.`, (line) =>
      page.paint.bold(page.paint.yellow(line)),
    )
    return
  }
  page.text(`Nothing wrong was found ${where}.`, (line) => page.paint.bold(page.paint.green(line)))
}

/** Found, clear, skipped and could not see are four things. */
const showLimits = (page: ReportPage, { diagnosis, evidence }: ReportInput): void => {
  const gaps = gapsOf(evidence)
  if (diagnosis.blindSpots.length > 0 || gaps.length > 0) {
    page.heading('Could not be seen')
    for (const blind of diagnosis.blindSpots) page.bullet(blind)
    for (const gap of gaps) page.bullet(gap.text.replace(/\.$/, ''))
  }
  page.heading('Checked and clear')
  page.text(diagnosis.clear.length === 0 ? 'none: no kind could be ruled out' : diagnosis.clear.join(', '))
  if (diagnosis.skipped.length > 0) {
    page.heading('Not checked')
    for (const line of skippedByReason(diagnosis)) page.bullet(line.replace(/^Not checked: /, '').replace(/\.$/, ''))
    const open = openKinds(diagnosis)
    if (open.length > 0) page.text(`Without these nobody can rule out: ${open.join(', ')}`)
  }
}

/** Neither found nor clear: somebody who misses a kind in both lists should not have to guess. */
const openKinds = ({ findings, history, clear }: Diagnosis): readonly Kind[] =>
  KINDS.filter((kind) => !clear.includes(kind) && ![...findings, ...history].some((finding) => finding.kind === kind))

const showEnd = (page: ReportPage, input: ReportInput): void => {
  page.blank()
  const took = input.durationMs === null ? '' : ` in ${formatDuration(input.durationMs)}`
  page.text(`${formatCount(input.evidence.length, 'piece')} of evidence${took}.`, page.paint.dim)
  // Whoever gave several texts knows them by their names.
  if (input.host === null && input.evidence.length > 1) {
    for (const { id, command } of input.evidence) page.bullet(`${id}: ${command}`)
  }
  if (input.incident !== null) page.text(`incident: ${input.incident.id}`)
  if (input.postmortemPath !== null) page.text(`postmortem: ${input.postmortemPath}`)
  for (const note of input.notes) page.text(`note: ${note}`, page.paint.yellow)
}
