import type { Evidence, EvidenceId } from '../../domain/evidence.ts'
import type { Diagnosis } from '../../domain/finding.ts'
import { formatUtc } from '../../render/format.ts'
import type { Asset } from '../../publishers/publisher.ts'

/** Lines shown around a cited one; arbitrary. */
const CONTEXT_LINES = 10

/** A passage is for reading; the whole evidence stays in the store. Both arbitrary. */
const MOST_LINES = 400
const LONGEST_LINE = 2_000

export interface Excerpt {
  readonly evidence: EvidenceId
  readonly asset: Asset
}

/**
 * The passages that findings cite, one file for a piece of evidence, under names that stay: another publication writes
 * over the same files.
 */
export const excerptsOf = (
  incidentId: string,
  evidence: readonly Evidence[],
  diagnosis: Diagnosis,
  clean: (text: string) => { readonly text: string },
): readonly Excerpt[] => {
  const cited = citedLines(diagnosis)
  return evidence.flatMap((item) => {
    const lines = cited.get(item.id)
    if (lines === undefined) return []
    const name = `${item.id}-${item.step.replaceAll(/[^A-Za-z0-9_-]+/g, '-').slice(0, 60)}.txt`
    const text = clean(passage(item, lines)).text
    return [{ evidence: item.id, asset: { path: `assets/${incidentId}/${name}`, bytes: Buffer.from(text) } }]
  })
}

const citedLines = (diagnosis: Diagnosis): ReadonlyMap<EvidenceId, readonly number[]> => {
  const cited = new Map<EvidenceId, number[]>()
  for (const finding of [...diagnosis.findings, ...diagnosis.history]) {
    const checks = finding.remedies.flatMap((remedy) => remedy.checks)
    for (const { evidence, line } of [...finding.citations, ...checks.flatMap((check) => check.citations ?? [])]) {
      const lines = cited.get(evidence) ?? []
      lines.push(line)
      cited.set(evidence, lines)
    }
  }
  return cited
}

const passage = (item: Evidence, cited: readonly number[]): string => {
  const all = item.result.stdout.split('\n')
  const near = new Set<number>()
  for (const line of cited) {
    for (let number = line - CONTEXT_LINES; number <= line + CONTEXT_LINES; number += 1) {
      if (number >= 1 && number <= all.length && near.size < MOST_LINES) near.add(number)
    }
  }
  const marked = new Set(cited)
  const width = String(all.length).length
  const shown: string[] = [
    `${item.id} ${item.step}${item.subject === null ? '' : `, ${item.subject}`}`,
    `taken ${formatUtc(item.result.startedAtMs)} UTC; cited lines are marked by >, of ${all.length} lines`,
    '',
  ]
  let last = 0
  for (const number of [...near].toSorted((one, other) => one - other)) {
    if (number !== last + 1) shown.push('…')
    const line = (all[number - 1] ?? '').slice(0, LONGEST_LINE)
    shown.push(`${marked.has(number) ? '>' : ' '} ${String(number).padStart(width)}  ${line}`)
    last = number
  }
  if (last < all.length) shown.push('…')
  return `${shown.join('\n')}\n`
}
