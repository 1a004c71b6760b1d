import type { FactView } from '../parsers/facts.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import { systemctlShowParser } from '../parsers/systemctlShow.ts'

/** A kill by the kernel that something else than a counter tells of. */
export interface KernelKill {
  readonly atMs: number | null
  /** The victim's control group, null when it is not named. */
  readonly cgroup: string | null
  readonly units: readonly string[]
}

/** Every such kill in what was read, copies included: the kernel's reports, systemd's notices and results. */
export const kernelKills = (facts: FactView): readonly KernelKill[] => [
  ...facts.all(logParser).flatMap((log) => [
    ...eventsOf(log.facts, 'kernel-oom')
      .filter((event) => event.outcome === 'killed' || event.outcome === 'chosen')
      .map((event) => ({ atMs: event.time.atMs, cgroup: event.taskCgroup, units: [] })),
    ...eventsOf(log.facts, 'unit-oom-notice')
      .filter((event) => event.killer === 'kernel')
      .map((event) => ({ atMs: event.time.atMs, cgroup: null, units: event.unit === null ? [] : [event.unit] })),
  ]),
  ...facts
    .all(systemctlShowParser)
    .flatMap((shown) =>
      shown.facts.units
        .filter((state) => state.result === 'oom-kill')
        .map((state) => ({ atMs: state.mainExitAtMs, cgroup: null, units: [state.id ?? shown.subject ?? ''] })),
    ),
]
