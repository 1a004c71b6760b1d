import { parseCounters } from './counters.ts'
import type { Parser } from './parser.ts'

// /proc/vmstat (the file, not the command of the same name)
//
// pswpin 0
// pswpout 0
// allocstall_dma32 0
// oom_kill 3

/** Counters since boot. `null`: this kernel does not count it. */
export interface VmstatFacts {
  /** Every kill by the kernel, of the host or of a cgroup; since kernel 4.13. */
  readonly oomKillCount: number | null
  readonly swapInPages: number | null
  readonly swapOutPages: number | null
  /** Allocations that had to reclaim by themselves, all zones together. */
  readonly allocStallCount: number | null
  readonly refaultAnonPages: number | null
  readonly refaultFilePages: number | null
  readonly majorFaultCount: number | null
}

export const vmstatParser: Parser<VmstatFacts> = {
  id: 'vmstat',
  parse: (output) => {
    const counters = parseCounters('vmstat', output)
    const stalls = [...counters].filter(([name]) => name === 'allocstall' || name.startsWith('allocstall_'))
    return {
      oomKillCount: counters.get('oom_kill') ?? null,
      swapInPages: counters.get('pswpin') ?? null,
      swapOutPages: counters.get('pswpout') ?? null,
      allocStallCount: stalls.length === 0 ? null : stalls.reduce((sum, [, count]) => sum + count, 0),
      refaultAnonPages: counters.get('workingset_refault_anon') ?? null,
      refaultFilePages: counters.get('workingset_refault_file') ?? counters.get('workingset_refault') ?? null,
      majorFaultCount: counters.get('pgmajfault') ?? null,
    }
  },
}
