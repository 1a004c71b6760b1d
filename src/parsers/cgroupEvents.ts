import { parseCounters } from './counters.ts'
import type { Parser } from './parser.ts'

// memory.events (with all descendants) and memory.events.local (this cgroup alone) of a cgroup v2;
// the evidence's path says which. Counters begin at 0 whenever the unit is started again.
//
// low 0
// high 0
// max 108
// oom 4
// oom_kill 4
// oom_group_kill 0

export interface CgroupEventsFacts {
  readonly highCount: number | null
  readonly maxCount: number | null
  /** In the local file: this cgroup's own limit was the reason. */
  readonly oomCount: number | null
  /** In the local file: processes of this cgroup were killed, for whichever limit. */
  readonly oomKillCount: number | null
  /** Since kernel 5.17. */
  readonly oomGroupKillCount: number | null
}

export const cgroupEventsParser: Parser<CgroupEventsFacts> = {
  id: 'cgroup-events',
  parse: (output) => {
    const counters = parseCounters('cgroup-events', output)
    return {
      highCount: counters.get('high') ?? null,
      maxCount: counters.get('max') ?? null,
      oomCount: counters.get('oom') ?? null,
      oomKillCount: counters.get('oom_kill') ?? null,
      oomGroupKillCount: counters.get('oom_group_kill') ?? null,
    }
  },
}
