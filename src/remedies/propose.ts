import type { Diagnosis, Finding } from '../domain/finding.ts'
import type { Remedy } from '../domain/remedy.ts'
import type { FactView } from '../parsers/facts.ts'
import { refusal } from './dropIn.ts'
import { firstAdvice } from './firstAdvice.ts'
import { REMEDY_MAKERS } from './registry.ts'
import type { RemedyMaker } from './remedy.ts'

/**
 * The same diagnosis with remedies on its findings; history gets none. Alike findings carry alike remedies: whoever
 * shows them folds them. Pure: the same diagnosis and facts give the same bytes.
 */
export const proposeRemedies = (
  diagnosis: Diagnosis,
  facts: FactView,
  makers: readonly RemedyMaker[] = REMEDY_MAKERS,
): Diagnosis => ({
  ...diagnosis,
  findings: diagnosis.findings.map((finding) => ({
    ...finding,
    remedies: remediesFor(finding, facts, makers),
  })),
})

/** These go beside an answer and are none by themselves. */
const BESIDE = new Set(['no-limit', 'restart-pacing', 'oom-policy', 'swap', 'process-manager', 'start-again'])

const remediesFor = (finding: Finding, facts: FactView, makers: readonly RemedyMaker[]): readonly Remedy[] => {
  const seen = new Set<string>()
  const made = makers
    .filter((maker) => maker.answers.includes(finding.kind))
    .flatMap((maker) => madeBy(maker, finding, facts))
  const hasAnswer = made.some((remedy) => !BESIDE.has(remedy.id) && remedy.checks.every((check) => check.holds))
  // What only followed goes away with its cause.
  const all = hasAnswer || finding.role === 'symptom' ? made : [...made, firstAdvice(finding)]
  return all.filter((remedy) => {
    const key =
      remedy.files.length > 0 ? remedy.files.map((file) => file.path).join(' ') : `${remedy.id} ${remedy.title}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** One broken maker must not take the diagnosis with it. */
const madeBy = (maker: RemedyMaker, finding: Finding, facts: FactView): readonly Remedy[] => {
  try {
    return maker.propose(finding, facts)
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return [
      refusal({
        id: maker.id,
        title: `Report a bug: no proposal could be made`,
        because: `The part that proposes ${maker.id} failed: ${detail}.`,
        checks: [{ check: 'a proposal could be computed', holds: false, detail }],
      }),
    ]
  }
}
