import type { Diagnosis } from '../domain/finding.ts'
import type { HostChange } from '../domain/hostChange.ts'
import { formatCount, formatDuration, formatUtc } from './format.ts'
import { statement } from './statement.ts'
import type { Statement } from './statement.ts'

/** The nearest ones; people look for the rest in the evidence. Our choice. */
const MOST = 5

/** What changed before the first cause happened, nearest first. It may have nothing to do with it. */
export const changesBefore = (diagnosis: Diagnosis): readonly Statement[] => {
  const firstMs = firstCauseMs(diagnosis)
  const before = (diagnosis.changes ?? []).filter(
    ({ at }) => at === null || firstMs === null || Date.parse(at) <= firstMs,
  )
  const shown = before.slice(0, MOST)
  const rest = before.slice(MOST)
  return [
    ...shown.map((change) => statement(`${distance(change, firstMs)}${change.what}`, [change.citation.evidence])),
    ...(rest.length === 0
      ? []
      : [
          statement(`${formatCount(rest.length, 'earlier change')} inside the window`, [
            ...new Set(rest.map(({ citation }) => citation.evidence)),
          ]),
        ]),
  ]
}

const firstCauseMs = ({ findings }: Diagnosis): number | null => {
  const times = findings.flatMap(({ role, at }) => (role === 'root-cause' && at !== null ? [Date.parse(at)] : []))
  return times.length === 0 ? null : Math.min(...times)
}

const distance = ({ at }: HostChange, firstMs: number | null): string => {
  if (at === null) return 'at a time without a zone: '
  const atMs = Date.parse(at)
  return firstMs === null ? `${formatUtc(atMs)} UTC: ` : `${formatDuration(firstMs - atMs)} before: `
}
