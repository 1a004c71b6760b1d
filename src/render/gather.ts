import type { EvidenceId } from '../domain/evidence.ts'
import type { Diagnosis, Finding } from '../domain/finding.ts'
import type { FactView, Sourced } from '../parsers/facts.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import type { KernelOomEvent } from '../parsers/log/kernelEvents.ts'
import { meminfoParser } from '../parsers/meminfo.ts'
import { osReleaseParser } from '../parsers/osRelease.ts'
import { psParser } from '../parsers/ps.ts'
import { swapsParser } from '../parsers/swaps.ts'
import { timedatectlParser } from '../parsers/timedatectl.ts'
import { unitTimeline, downtimes } from './unitTimeline.ts'
import type { HostFact, HostFacts } from './hostFacts.ts'
import { memoryPicture, NO_MEMORY_PICTURE, type MemoryPicture, type MemoryUser } from './memoryPicture.ts'
import type { PostmortemInput } from './postmortemInput.ts'
import { zoneOffsetMinutes } from './zone.ts'

/** What the facts of a run say for a postmortem beside the findings. */
export const gatherPostmortem = (
  diagnosis: Diagnosis,
  facts: FactView,
): Pick<PostmortemInput, 'host' | 'events' | 'measures' | 'memory'> => {
  const units = new Set(
    diagnosis.findings
      .flatMap((finding) => [finding.unit, ...finding.victims.map((victim) => victim.unit)])
      .filter((unit) => unit !== null),
  )
  return {
    host: hostFactsOf(facts),
    events: unitTimeline(facts, units),
    measures: downtimes(facts, units),
    memory: memoryOf(diagnosis, facts),
  }
}

const hostFactsOf = (facts: FactView): HostFacts => {
  const meminfo = facts.latest(meminfoParser, null)
  const swaps = facts.latest(swapsParser, null)
  const clock = facts.latest(timedatectlParser, null)
  const system = facts.latest(osReleaseParser, null)
  const zone = clock?.facts.timezone ?? null
  const offset = zone === null ? null : zoneOffsetMinutes(zone, clock?.takenAtMs ?? 0)
  return {
    system: fact(system, system?.facts.name ?? null),
    memTotalBytes: fact(meminfo, meminfo?.facts.totalBytes ?? null),
    swapTotalBytes:
      fact(meminfo, meminfo?.facts.swapTotalBytes ?? null) ??
      fact(swaps, swaps?.facts.areas.reduce((sum, area) => sum + area.sizeBytes, 0) ?? null),
    offsetMinutes: fact(clock, offset),
    clockSynchronised: fact(clock, clock?.facts.synchronized ?? null),
  }
}

const fact = <Value>(source: Sourced<unknown> | undefined, value: Value | null): HostFact<Value> | null =>
  source === undefined || value === null ? null : { value, evidence: [source.evidence] }

/** The kernel's own table at the kill, else the processes when the run looked. */
const memoryOf = (diagnosis: Diagnosis, facts: FactView): MemoryPicture => {
  const totalBytes = facts.latest(meminfoParser, null)?.facts.totalBytes ?? null
  for (const finding of diagnosis.findings) {
    const report = reportOf(finding, facts)
    if (report === null) continue
    const users = (report.event.tasks ?? []).flatMap((task): MemoryUser[] =>
      task.rssBytes === null ? [] : [{ comm: task.comm, rssBytes: task.rssBytes }],
    )
    const when = report.event.time.atText === null ? '' : ` (${report.event.time.atText})`
    const whose =
      report.event.scope === 'memcg'
        ? `of ${report.event.ownerCgroup ?? 'the group whose limit was met'}`
        : 'of the whole host'
    if (users.length > 0)
      return memoryPicture(
        `At the kill${when} the kernel listed these processes ${whose}`,
        users,
        [report.evidence],
        totalBytes,
      )
  }
  const ps = facts.latest(psParser, null)
  const users = (ps?.facts.processes ?? []).flatMap((process): MemoryUser[] =>
    process.rssBytes === null || process.rssBytes === 0 ? [] : [{ comm: process.comm, rssBytes: process.rssBytes }],
  )
  if (ps === undefined || users.length === 0) return NO_MEMORY_PICTURE
  return memoryPicture(
    'When this run looked, after the event, these processes held the most (shared pages counted in each)',
    users,
    [ps.evidence],
    totalBytes,
  )
}

const reportOf = (finding: Finding, facts: FactView): { event: KernelOomEvent; evidence: EvidenceId } | null => {
  const cited = new Set(finding.citations.map((citation) => `${citation.evidence}:${citation.line}`))
  for (const item of facts.all(logParser))
    for (const event of eventsOf(item.facts, 'kernel-oom'))
      if (event.tasks !== null && event.cited.some((line) => cited.has(`${item.evidence}:${line.line}`)))
        return { event, evidence: item.evidence }
  return null
}
