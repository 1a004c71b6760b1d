import type { Finding } from '../domain/finding.ts'
import { joinedCitations } from './mergeClaims.ts'
import { FOLD_ABOVE, MAX_CITATIONS } from './thresholds.ts'

/** More alike findings than anybody reads become one that carries their count. The newest speaks for them. */
export const foldFindings = (findings: readonly Finding[]): readonly Finding[] => {
  const groups = new Map<string, Finding[]>()
  for (const finding of findings) {
    const key = JSON.stringify([
      finding.kind,
      finding.role,
      finding.unit,
      finding.container,
      finding.victims[0]?.comm ?? null,
    ])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [finding])
    else group.push(finding)
  }
  return [...groups.values()].flatMap((group) => (group.length > FOLD_ABOVE ? [folded(group)] : group))
}

const folded = (group: readonly Finding[]): Finding => {
  const inTime = group.toSorted((a, b) => (a.at ?? '').localeCompare(b.at ?? '', 'en'))
  const newest = inTime.at(-1)
  const first = inTime.find((finding) => finding.at !== null) ?? inTime[0]
  if (newest === undefined || first === undefined) throw new Error('a group of findings is empty')
  const count = group.reduce((sum, finding) => sum + finding.count, 0)
  const since = first.at ?? first.atText
  return {
    ...newest,
    count,
    summary: `${newest.summary} (${count} such events${since === null ? '' : `, the first at ${since}`})`,
    // The newest and the first whole, then one line of each until the limit.
    citations: joinedCitations(
      [...newest.citations, ...first.citations],
      inTime.flatMap((finding) => finding.citations.slice(0, 1)),
    ).slice(0, MAX_CITATIONS),
  }
}
