import type { Diagnosis, Finding } from '../domain/finding.ts'
import type { Incident } from '../domain/incident.ts'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatHostTime,
  formatList,
  formatOffset,
  formatUtc,
} from './format.ts'
import type { PostmortemInput } from './postmortemInput.ts'
import { gapsOf } from './postmortemEvidence.ts'
import { evidenceOf, statement, type Statement, whenOf } from './statement.ts'

/** The finding an incident is named after, else the first root cause, else the first finding. */
export const primaryOf = (diagnosis: Diagnosis, incident: Incident): Finding | null =>
  diagnosis.findings.find(
    (finding) => finding.role === 'root-cause' && finding.kind === incident.kind && finding.unit === incident.unit,
  ) ??
  diagnosis.findings.find((finding) => finding.role === 'root-cause' && finding.kind === incident.kind) ??
  diagnosis.findings.find((finding) => finding.role === 'root-cause') ??
  diagnosis.findings[0] ??
  null

interface Row {
  readonly name: string
  readonly value: string
  readonly evidence: Statement['evidence']
}

/** The table at the head: which machine, which time, which evidence. */
export const factRows = (input: PostmortemInput, templatePath: string): readonly Row[] => {
  const { host, run, diagnosis } = input
  const machine = [
    host.system?.value ?? 'system not collected',
    host.memTotalBytes === null ? 'memory not collected' : `${formatBytes(host.memTotalBytes.value)} RAM`,
    swapText(input),
  ].join(', ')
  const machineMarks = [host.system, host.memTotalBytes, host.swapTotalBytes].flatMap((fact) => fact?.evidence ?? [])
  const units = new Set(diagnosis.findings.flatMap((finding) => (finding.unit === null ? [] : [finding.unit])))
  const gaps = gapsOf(input.evidence).reduce((sum, gap) => sum + gap.count, 0)
  return [
    { name: 'Incident', value: input.incident.id, evidence: [] },
    { name: 'Host', value: `${input.incident.host}, ${machine}`, evidence: machineMarks },
    { name: 'Units', value: formatList([...units], 'none named by a finding'), evidence: [] },
    { name: 'Window', value: windowText(input), evidence: [] },
    { name: 'Clock', value: clockText(input), evidence: host.clockSynchronised?.evidence ?? [] },
    {
      name: 'Evidence',
      value: [
        input.evidenceHash === null ? 'bundle not stored' : `bundle sha256:${input.evidenceHash.slice(0, 16)}`,
        formatCount(input.evidence.length, 'item'),
        formatCount(gaps, 'gap'),
        `template ${templatePath}`,
      ].join(', '),
      evidence: [],
    },
    { name: 'Run', value: `${run.id}, runbook ${run.runbook}, ${run.state}`, evidence: [] },
  ]
}

const swapText = ({ host }: PostmortemInput): string => {
  if (host.swapTotalBytes === null) return 'swap not collected'
  return host.swapTotalBytes.value === 0 ? 'no swap' : `${formatBytes(host.swapTotalBytes.value)} swap`
}

const windowText = ({ run, host }: PostmortemInput): string => {
  if (run.window.fromMs === null || run.window.toMs === null) return 'the whole of the text that was read'
  const offset = host.offsetMinutes?.value ?? null
  const utc = `${formatUtc(run.window.fromMs)} to ${formatUtc(run.window.toMs)} UTC`
  if (offset === null) return `${utc} (host time not collected)`
  return `${utc} (${formatHostTime(run.window.fromMs, offset)} to ${formatHostTime(run.window.toMs, offset)} host time, UTC${formatOffset(offset)})`
}

const clockText = ({ host }: PostmortemInput): string => {
  if (host.clockSynchronised === null) return 'not collected: whether the host clock was synchronised'
  return host.clockSynchronised.value
    ? 'synchronised when evidence was taken'
    : 'not synchronised when evidence was taken: times below may be off'
}

/** Three sentences: what, how long, what stopped it. */
export const summaryContext = (input: PostmortemInput): readonly Statement[] => {
  const primary = primaryOf(input.diagnosis, input.incident)
  const said: Statement[] = []
  if (primary === null) said.push(statement('None: no rule made a finding from the evidence of this run'))
  else {
    const when = whenOf(primary)
    const times = primary.count > 1 ? `, ${primary.count} times` : ''
    said.push(
      statement(
        `${when === null ? 'At a time the evidence does not state' : when}, on ${input.incident.host}: ${primary.summary.replace(/[.\s]+$/, '')} (${primary.kind}, ${primary.confidence}${times})`,
        evidenceOf(primary.citations),
      ),
    )
  }
  const down = input.measures.reduce((sum, measure) => sum + Math.max(0, measure.toMs - measure.fromMs), 0)
  said.push(
    input.measures.length === 0
      ? statement('Not collected: how long it lasted')
      : statement(
          `${formatCount(input.measures.length, 'span')} of ${formatDuration(down)} in all ${input.measures.length === 1 ? 'was' : 'were'} measured`,
          input.measures.flatMap((measure) => measure.evidence),
        ),
  )
  said.push(
    input.actions.length === 0
      ? statement('Not collected: what stopped it; Medic changed nothing')
      : statement(
          `Reported by the approval record: ${formatList(input.actions.map(({ what, atMs, approval }) => `${what}, ${formatUtc(atMs)} UTC [approval ${approval}]`))}; whether that stopped it is for people to say`,
        ),
  )
  return said
}

/** Who was hit, as far as a machine can say it; users are people's part. */
export const impactNotes = (input: PostmortemInput): readonly Statement[] => {
  const notes = input.diagnosis.findings.flatMap((finding) =>
    finding.victims.flatMap((victim) =>
      victim.unit === null ? [] : [{ unit: victim.unit, evidence: evidenceOf(finding.citations) }],
    ),
  )
  const units = new Map(notes.map((note) => [note.unit, note.evidence]))
  if (units.size === 0) return [statement('Not collected: which units lost a process; no finding names one')]
  return [...units].map(([unit, evidence]) => statement(`${unit} lost a process`, evidence))
}

/** First sign, and when somebody asked Medic to look. */
export const detectionContext = (input: PostmortemInput): readonly Statement[] => {
  const dated = input.diagnosis.findings
    .flatMap((finding) => (finding.at === null ? [] : [{ atMs: Date.parse(finding.at), finding }]))
    .filter(({ atMs }) => !Number.isNaN(atMs))
    .toSorted((a, b) => a.atMs - b.atMs)
  const first = dated[0]
  const said: Statement[] = []
  if (first === undefined)
    said.push(statement('Not collected: the first sign; no evidence of this run states its time'))
  else
    said.push(
      statement(
        `First sign: ${formatUtc(first.atMs)} UTC, ${first.finding.summary.replace(/[.\s]+$/, '')}`,
        evidenceOf(first.finding.citations),
      ),
    )
  const asked = input.run.startedAtMs
  const late =
    first === undefined || asked < first.atMs ? '' : `, ${formatDuration(asked - first.atMs)} after the first sign`
  said.push(statement(`Reported by the run record: Medic was asked to look at ${formatUtc(asked)} UTC${late}`))
  said.push(statement('Not collected: alerts and acknowledgements outside Medic'))
  return said
}
