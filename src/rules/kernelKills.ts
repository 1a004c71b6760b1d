import type { FactView } from '../parsers/facts.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'

/** A kill the kernel's own log tells of. */
export interface KernelKill {
  readonly atMs: number | null
  /** The victim's control group, null when the report does not name it. */
  readonly cgroup: string | null
  readonly units: readonly string[]
}

/** Every kill in every log that was read, copies included. */
export const kernelKills = (facts: FactView): readonly KernelKill[] =>
  facts
    .all(logParser)
    .flatMap((log) =>
      eventsOf(log.facts, 'kernel-oom').map((event) => ({ atMs: event.time.atMs, cgroup: null, units: [] })),
    )
