import type { Finding } from '../domain/finding.ts'
import type { FactView } from '../parsers/facts.ts'
import type { KernelOomEvent } from '../parsers/log/kernel/kernelEvents.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'

/** The kernel's report that a finding cites, null when it rests on something else. */
export const killReportOf = (finding: Finding, facts: FactView): KernelOomEvent | null => {
  const cited = new Set(finding.citations.map((citation) => `${citation.evidence}:${citation.line}`))
  for (const item of facts.all(logParser))
    for (const event of eventsOf(item.facts, 'kernel-oom'))
      if (event.cited.some((line) => cited.has(`${item.evidence}:${line.line}`))) return event
  return null
}

/** What the group held that nobody could reclaim, at its own limit: anon and shmem of the report (oom.md 4.1). */
export const heldAtKillBytes = (report: KernelOomEvent | null): number | null => {
  if (report === null || report.scope !== 'memcg' || report.stats === null || report.mixed) return null
  const anon = report.stats['anon'] ?? report.stats['rss']
  return anon === undefined ? null : anon + (report.stats['shmem'] ?? 0)
}
