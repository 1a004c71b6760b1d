import type { KnownBlock, RichTextBlockElement, TableBlock } from '@slack/types'
import type { Evidence } from '../../domain/evidence.ts'
import type { Diagnosis, Finding } from '../../domain/finding.ts'
import { KIND_TEXTS } from '../../domain/kindTexts.ts'
import type { Incident } from '../../domain/incident.ts'
import { changesBefore } from '../../render/changesBefore.ts'
import { formatBytes, formatCount, formatDuration } from '../../render/format.ts'
import { limitOf, peopleOf, whenOf } from '../../render/statement.ts'
import { ACTION } from '../actionIds.ts'
import type { Draft } from '../outbox/draft.ts'
import {
  actions,
  asPlain,
  button,
  code,
  context,
  cut,
  cutMrkdwn,
  escaped,
  fields,
  header,
  line,
  list,
  own,
  plain,
  rich,
  section,
  verbatim,
  when,
  withinBudget,
  words,
} from './text.ts'

export interface VerdictInput {
  /** Null for a text without a host. */
  readonly host: string | null
  /** Null when there is nothing to run again. */
  readonly requestId: string | null
  readonly diagnosis: Diagnosis
  readonly evidence: readonly Evidence[]
  readonly incident: Incident | null
  readonly runId: string | null
  readonly runbook: string | null
  readonly durationMs: number | null
  readonly processes: readonly { readonly name: string; readonly bytes: number; readonly note: string }[]
  /** Store gone, run cut short. */
  readonly notes: readonly string[]
}

/** The findings that explain the rest; symptoms alone when no cause was found. */
export const leadingFindings = (diagnosis: Diagnosis): readonly Finding[] => {
  const causes = diagnosis.findings.filter((finding) => finding.role === 'root-cause')
  return causes.length > 0 ? causes : diagnosis.findings
}

/** Five kills of one worker are one story. */
const isAlike = (one: Finding, other: Finding): boolean =>
  one.kind === other.kind && one.unit === other.unit && one.unit !== null

/** One line of our own words: kind, unit and certainty. */
export const verdictLine = (diagnosis: Diagnosis): string => {
  const [first, ...rest] = leadingFindings(diagnosis)
  if (first === undefined)
    return diagnosis.decisiveBlind ? 'nothing found, but a decisive source was blind' : 'nothing wrong found'
  const unit = first.unit === null ? '' : `, ${first.unit}`
  const others = rest.filter((finding) => !isAlike(first, finding))
  const times = rest.length - others.length + first.count
  const again = times > 1 ? `, ${times} times` : ''
  const more = others.length === 0 ? '' : `, and ${formatCount(others.length, 'more finding')}`
  return `${first.kind}${unit} (${first.confidence})${again}${more}`
}

/** What happened and how that is known: a message of its own, because edits notify nobody. */
export const verdictMessage = (input: VerdictInput): Draft => {
  const findings = leadingFindings(input.diagnosis)
  const [first] = findings
  const body = first === undefined ? nothingFound(input) : found(input, first, findings.slice(1))
  const foot = footOf(input)
  const buttons =
    input.requestId === null
      ? []
      : [
          actions(
            button(ACTION.again, 'Run again', input.requestId),
            button(ACTION.raw, 'Raw evidence', input.requestId),
          ),
        ]
  const portable = withinBudget([...body.blocks, ...body.more, foot, ...buttons])
  const table = tableOf(input)
  return {
    kind: 'verdict',
    text: body.text,
    plain: asPlain([body.text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'), ...body.lines]),
    rich: table === null ? null : withinBudget([...body.blocks, table, ...body.more, foot, ...buttons]),
    portable,
  }
}

interface Body {
  readonly text: string
  readonly lines: readonly string[]
  readonly blocks: readonly KnownBlock[]
  readonly more: readonly KnownBlock[]
}

const MARK = { certain: '🔴', likely: '🟠', possible: '🟡' } as const

const found = (input: VerdictInput, first: Finding, others: readonly Finding[]): Body => {
  const where = input.host === null ? 'in this text' : `on ${input.host}`
  const kind = KIND_TEXTS[first.kind].title
  const title = input.incident?.title ?? `${kind} ${where}`
  const reasons = [...limitOf(first), ...peopleOf(first)].slice(0, 7)
  const proofs = proofLines(first, 4)
  const victim = first.victims[0]
  // Cut before they are escaped, so that the mark that ends the code, which keeps them inert, is never cut off.
  const unitCode = (unit: string): string => code(cut(unit, 160))
  const victimWords =
    victim === undefined
      ? first.unit === null
        ? 'not stated'
        : unitCode(first.unit)
      : `${victim.comm === null ? 'a process' : code(cut(victim.comm, 40))}${victim.pid === null ? '' : ` (pid ${victim.pid})`}${victim.unit === null ? '' : ` of ${unitCode(victim.unit)}`}`
  const elements: RichTextBlockElement[] = [line(words(first.summary, { bold: true }))]
  if (reasons.length > 0) {
    elements.push(
      list(
        reasons.map((reason) =>
          line(
            words(
              `${reason.text}${reason.evidence.length === 0 ? '' : ` [${reason.evidence.slice(0, 3).join(', ')}]`}`,
              {},
              600,
            ),
          ),
        ),
        'ordered',
      ),
    )
  }
  for (const doubt of first.doubts.slice(0, 3)) elements.push(line(words(`Doubt: ${doubt}`, { italic: true }, 400)))
  const more: KnownBlock[] = []
  if (others.length > 0) {
    more.push(
      rich(
        line(words('Also found', { bold: true })),
        list(others.slice(0, 5).map((finding) => line(words(`${shortOf(finding)}${markOf(finding)}`, {}, 400)))),
      ),
    )
  }
  const changes = changesBefore(input.diagnosis).slice(0, CHANGES)
  if (changes.length > 0) {
    more.push(
      rich(
        line(words('Changed before it', { bold: true }), words(' (not a cause by itself)')),
        list(changes.map(({ text, evidence }) => line(words(`${text} [${evidence.join(', ')}]`, {}, 300)))),
      ),
    )
  }
  const atMs = first.at === null ? Number.NaN : Date.parse(first.at)
  return {
    text: cutMrkdwn(
      `${MARK[first.confidence]} ${input.host ?? 'log'}: ${first.kind} (${first.confidence})${first.unit === null ? '' : `, ${escaped(first.unit)}`}`,
      300,
    ),
    lines: [
      title,
      shortOf(first),
      ...reasons.map((reason) => `- ${reason.text}`),
      ...proofs,
      ...others.slice(0, 5).map(shortOf),
    ],
    blocks: [
      header(`${MARK[first.confidence]} ${title}`),
      fields([
        own(`*Cause*\n${code(first.kind)} ${kind}`, 500),
        own(`*Confidence*\n${first.confidence}${first.count > 1 ? `, ${first.count} times` : ''}`),
        own(`*Victim*\n${victimWords}`, 2_000),
        Number.isNaN(atMs) ? plain(`Time\n${whenOf(first) ?? 'not stated'}`, 200) : own(`*Time*\n${when(atMs)}`),
      ]),
      rich(...elements),
      ...(proofs.length === 0 ? [] : [rich(line(words('Proof', { bold: true })), verbatim(proofs.join('\n')))]),
    ],
    more,
  }
}

const nothingFound = (input: VerdictInput): Body => {
  const { diagnosis } = input
  const where = input.host === null ? 'in this text' : `on ${input.host}`
  const title = diagnosis.decisiveBlind
    ? `⚠️ Nothing was found ${where}, but this proves nothing`
    : `✅ Nothing wrong was found ${where}`
  const why = diagnosis.decisiveBlind ? 'A decisive source could not be seen. ' : ''
  const checked =
    diagnosis.clear.length === 0 ? 'No kind could be ruled out.' : `Checked and clear: ${diagnosis.clear.join(', ')}.`
  return {
    text: cut(title, 300),
    lines: [`${why}${checked}`],
    blocks: [header(title), section(plain(`${why}${checked}`))],
    more: [],
  }
}

const shortOf = (finding: Finding): string => {
  const at = whenOf(finding)
  return `${finding.kind} (${finding.confidence}): ${finding.summary}${at === null ? '' : `, ${at}`}`
}

const markOf = (finding: Finding): string => {
  const [first] = finding.citations
  return first === undefined ? '' : ` [${first.evidence}:${first.line}]`
}

/** The nearest in time; the report names more. */
const CHANGES = 3

/** Long enough for the kernel's decisive part, short enough for four of them. */
const PROOF_LENGTH = 500

const proofLines = (finding: Finding, most: number): readonly string[] => {
  const lines = finding.citations
    .slice(0, most)
    .map(
      (citation) =>
        `${citation.evidence}:${citation.line}  ${cut(citation.text.slice(0, 4000).replaceAll('\n', ' '), PROOF_LENGTH)}`,
    )
  const rest = finding.citations.length - most
  return rest > 0 ? [...lines, formatCount(rest, 'more line')] : lines
}

/** At most ten processes (slack.md section 5). Only the rich form has a table. */
const tableOf = (input: VerdictInput): TableBlock | null => {
  if (input.processes.length === 0) return null
  const cell = (text: string) => ({ type: 'raw_text' as const, text: plain(text, 120).text })
  return {
    type: 'table',
    column_settings: [{ is_wrapped: true }, { align: 'right' }, { is_wrapped: true }],
    rows: [
      [cell('Memory user'), cell('Held'), cell('Note')],
      ...input.processes.slice(0, 10).map((each) => [cell(each.name), cell(formatBytes(each.bytes)), cell(each.note)]),
    ],
  }
}

const footOf = (input: VerdictInput): KnownBlock => {
  const parts = [
    input.incident === null ? null : `incident ${code(input.incident.id)}`,
    input.runId === null ? null : `run ${code(input.runId)}`,
    `${formatCount(input.evidence.length, 'piece')} of evidence`,
    input.durationMs === null ? null : formatDuration(input.durationMs),
    input.runbook === null ? null : `runbook ${code(input.runbook)}`,
  ].filter((part) => part !== null)
  return context(own(parts.join(' · ')), ...input.notes.slice(0, 5).map((note) => plain(`⚠ ${note}`, 400)))
}
