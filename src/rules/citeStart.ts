import type { Citation, EvidenceId } from '../domain/evidence.ts'
import type { FactView } from '../parsers/facts.ts'

/** The first line of an evidence that begins with these characters, as a list of one; empty when there is none. */
export const citeStart = (facts: FactView, id: EvidenceId, start: string): readonly Citation[] => {
  const lines = facts.evidence.find((item) => item.id === id)?.result.stdout.split('\n') ?? []
  const at = lines.findIndex((line) => line.startsWith(start))
  return at === -1 ? [] : [facts.cite(id, at + 1)]
}
