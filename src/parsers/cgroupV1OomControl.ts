import { parseCounters } from './counters.ts'
import type { Parser } from './parser.ts'

// memory.oom_control of a cgroup v1
//
// oom_kill_disable 0
// under_oom 0
// oom_kill 1

export interface CgroupV1OomControlFacts {
  /** With the killer disabled, tasks at the limit are frozen, not killed. */
  readonly killDisabled: boolean
  readonly underOom: boolean
  /** Since kernel 4.13. */
  readonly oomKillCount: number | null
}

export const cgroupV1OomControlParser: Parser<CgroupV1OomControlFacts> = {
  id: 'cgroup-v1-oom-control',
  parse: (output) => {
    const counters = parseCounters('cgroup-v1-oom-control', output)
    return {
      killDisabled: counters.get('oom_kill_disable') === 1,
      underOom: counters.get('under_oom') === 1,
      oomKillCount: counters.get('oom_kill') ?? null,
    }
  },
}
