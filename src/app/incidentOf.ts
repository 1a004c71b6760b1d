import type { Diagnosis, Finding } from '../domain/finding.ts'
import type { Incident } from '../domain/incident.ts'
import { incidentId } from '../domain/incidentId.ts'
import type { Run } from '../domain/run.ts'

/**
 * The incident a diagnosis amounts to, or null when nothing was found. It is named after the first root cause and the
 * time that evidence gives it, so that the same event found twice is the same incident.
 */
export const incidentOf = (run: Run, diagnosis: Diagnosis): Incident | null => {
  const finding = diagnosis.findings.find((candidate) => candidate.role === 'root-cause') ?? diagnosis.findings[0]
  if (finding === undefined) return null
  const statedMs = finding.at === null ? Number.NaN : Date.parse(finding.at)
  const occurredAtMs = Number.isNaN(statedMs) ? run.startedAtMs : statedMs
  const unit = finding.unit ?? finding.culprit?.unit ?? null
  return {
    id: incidentId({ occurredAtMs, host: run.host, subject: unit ?? finding.kind }),
    runId: run.id,
    host: run.host,
    unit,
    kind: finding.kind,
    title: titleOf(run, finding, unit),
    occurredAtMs,
    recordedAtMs: run.endedAtMs ?? run.startedAtMs,
  }
}

const TITLES: Partial<Record<Finding['kind'], string>> = {
  'global-oom': 'killed because the host ran out of memory',
  'memcg-oom': 'killed at its memory limit',
  'container-oom': 'killed at the memory limit of its container',
  'cpuset-oom': 'killed for lack of memory on its nodes',
  'systemd-oomd': 'killed by systemd-oomd',
  earlyoom: 'stopped by earlyoom',
  'v8-heap': 'stopped at the V8 heap limit',
  'crash-loop': 'in a crash loop',
  'memory-high-throttle': 'throttled at MemoryHigh',
  'disk-full': 'disk full',
  'cannot-fork': 'cannot start processes',
  'limit-not-in-force': 'a written limit is not in force',
}

const titleOf = (run: Run, finding: Finding, unit: string | null): string => {
  const what = TITLES[finding.kind] ?? finding.kind
  return unit === null ? `${run.host}: ${what}` : `${unit} on ${run.host}: ${what}`
}
