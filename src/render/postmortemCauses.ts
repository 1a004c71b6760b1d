import type { Diagnosis, Finding } from '../domain/finding.ts'
import type { Incident } from '../domain/incident.ts'
import { changesBefore } from './changesBefore.ts'
import { formatList } from './format.ts'
import { primaryOf } from './postmortemStory.ts'
import { evidenceOf, limitOf, peopleOf, statement, type Statement, whenOf } from './statement.ts'

/** A condition without which it would have been milder; proposed, people accept or reject. */
export interface Factor {
  readonly id: string
  readonly text: string
  readonly evidence: Statement['evidence']
  readonly against: string
  readonly finding: Finding
}

export interface CausesContext {
  /** People name the trigger; these are candidates. */
  readonly changes: readonly Statement[]
  readonly noChanges: string
  readonly directCause: readonly Statement[]
  /** The same kind of event of the same unit, more than once. */
  readonly again: readonly Statement[]
  readonly factors: readonly Factor[]
  readonly consequences: readonly Statement[]
  readonly ruledOut: string
  readonly notKnown: readonly { readonly text: string }[]
}

/** Trigger, direct cause and contributing factors; several factors are normal. */
export const causesContext = (diagnosis: Diagnosis, incident: Incident): CausesContext => {
  const primary = primaryOf(diagnosis, incident)
  const others = diagnosis.findings.filter((finding) => finding !== primary)
  const isAgain = (finding: Finding): boolean => finding.kind === primary?.kind && finding.unit === primary.unit
  return {
    changes: changesBefore(diagnosis),
    noChanges:
      diagnosis.changes === null
        ? 'Not collected: what changed on the host before it.'
        : 'Not established: no change of the host inside the window was found.',
    directCause:
      primary === null
        ? [statement('None: no rule made a finding from the evidence of this run')]
        : [
            statement(`${primary.summary} (${primary.kind}, ${primary.confidence})`, evidenceOf(primary.citations)),
            ...limitOf(primary),
            ...peopleOf(primary),
            ...primary.doubts.map((doubt) => statement(`Doubt: ${doubt}`, evidenceOf(primary.citations))),
          ],
    again: others
      .filter((finding) => finding.role === 'root-cause' && isAgain(finding))
      .map((finding) => dated(finding)),
    factors: others
      .filter((finding) => finding.role === 'root-cause' && !isAgain(finding))
      .map((finding, index) => ({
        id: `F${index + 1}`,
        text: `${finding.summary.replace(/[.\s]+$/, '')} (${finding.kind}, ${finding.confidence})`,
        evidence: evidenceOf(finding.citations),
        against: finding.doubts.length === 0 ? 'nothing in the evidence' : finding.doubts.join('; '),
        finding,
      })),
    consequences: others.filter((finding) => finding.role === 'symptom').map((finding) => dated(finding)),
    ruledOut:
      diagnosis.clear.length === 0
        ? 'none: no rule could clear a kind.'
        : `${diagnosis.clear.join(', ')} (looked for, and the evidence was there to see it).`,
    notKnown: notKnown(diagnosis),
  }
}

const dated = (finding: Finding): Statement => {
  const when = whenOf(finding)
  return statement(
    `${when === null ? '' : `${when}: `}${finding.summary} (${finding.kind})`,
    evidenceOf(finding.citations),
  )
}

const notKnown = (diagnosis: Diagnosis): readonly { readonly text: string }[] => {
  const lines = [
    ...diagnosis.blindSpots.map((blind) => ({ text: `Not collected: ${blind.replace(/[.\s]+$/, '')}.` })),
    ...skippedByReason(diagnosis).map((text) => ({ text })),
  ]
  return lines.length === 0 ? [{ text: 'None: no blind spot was met and no rule was skipped.' }] : lines
}

/** Rules skipped for one reason are one line. */
export const skippedByReason = (diagnosis: Diagnosis): readonly string[] => {
  const byReason = new Map<string, string[]>()
  for (const { rule, reason } of diagnosis.skipped) byReason.set(reason, [...(byReason.get(reason) ?? []), rule])
  return [...byReason].map(([reason, rules]) => `Not checked: ${formatList(rules)} (${reason.replace(/[.\s]+$/, '')}).`)
}
