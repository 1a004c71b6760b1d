import type { Diagnosis, Finding } from '../domain/finding.ts'
import type { Remedy } from '../domain/remedy.ts'
import type { Factor } from './postmortemCauses.ts'
import { evidenceOf, statement, type Statement } from './statement.ts'

/** A reasoned "no": nothing to write, and either a failed check or an answer that says none is needed. */
export const isRefusal = (remedy: Remedy): boolean =>
  remedy.apply.length === 0 && (remedy.id.startsWith('no-limit') || remedy.checks.some((check) => !check.holds))

/** A proposed change of the host, as opposed to advice for people. */
export const isChange = (remedy: Remedy): boolean => remedy.apply.length > 0

/** The same remedy may stand under several findings; it is shown once, with the first. */
export const remediesOf = (findings: readonly Finding[]): readonly { finding: Finding; remedy: Remedy }[] => {
  const seen = new Set<string>()
  return findings.flatMap((finding) =>
    finding.remedies.flatMap((remedy) => {
      // Ten kills of one worker differ in their MiB only, and two contents of one file cannot both be written.
      const title = remedy.title.replace(/\b\d+(?= MiB\b| to \d+ MiB\b)/g, '')
      const key = JSON.stringify([remedy.id, title, remedy.files.map((file) => file.path)])
      if (seen.has(key)) return []
      seen.add(key)
      return [{ finding, remedy }]
    }),
  )
}

export interface Proposal {
  readonly refused: boolean
  readonly title: string
  readonly because: string
  readonly evidence: Statement['evidence']
  readonly files: Remedy['files']
  readonly notes: readonly Statement[]
}

/** What Medic would write or have a person write, and every check made before saying so. */
export const proposals = (diagnosis: Diagnosis): readonly Proposal[] =>
  remediesOf(diagnosis.findings)
    .filter(({ remedy }) => isChange(remedy) || isRefusal(remedy) || remedy.checks.length > 0)
    .map(({ finding, remedy }) => {
      const evidence = evidenceOf(finding.citations)
      return {
        refused: isRefusal(remedy),
        title: remedy.title,
        because: remedy.because,
        evidence,
        files: remedy.files,
        notes: [
          ...remedy.settings.map((setting) =>
            statement(`${setting.key}=${setting.value}: ${setting.because}`, evidence),
          ),
          ...remedy.checks.map((check) =>
            statement(
              `${check.holds ? 'Holds' : 'Does not hold'}: ${check.check}: ${check.detail}`,
              check.citations === undefined ? evidence : evidenceOf(check.citations),
            ),
          ),
          ...remedy.warnings.map((warning) => statement(`Note: ${warning}`, evidence)),
        ],
      }
    })

export interface ActionItem {
  readonly id: string
  readonly action: string
  readonly type: string
  readonly factor: string
  readonly doneWhen: string
}

/** Text, type, factor and end of each action; owner, date and tracker are people's. */
export const actionItems = (diagnosis: Diagnosis, factors: readonly Factor[]): readonly ActionItem[] =>
  remediesOf(diagnosis.findings)
    .filter(({ remedy }) => !isRefusal(remedy))
    .map(({ finding, remedy }, index) => ({
      id: `A${index + 1}`,
      action: remedy.title,
      type: isChange(remedy) ? 'mitigate' : 'prevent',
      factor: factors.find((factor) => factor.finding === finding)?.id ?? 'direct cause',
      doneWhen: doneWhen(remedy, finding),
    }))

const doneWhen = (remedy: Remedy, finding: Finding): string => {
  if (remedy.settings.length > 0)
    return `systemd and the host show ${remedy.settings.map((setting) => `${setting.key}=${setting.value}`).join(', ')}`
  const unit = finding.unit ?? 'this host'
  return `no ${finding.kind} of ${unit} for 72 h under the usual load`
}
