import type { KernelMemInfo } from './kernelMemInfo.ts'
import type { CitedLine, LogTime } from '../lines/line.ts'

/** Events the kernel prints. Sizes in bytes; null is "not stated". */
export type KernelEvent =
  | KernelOomEvent
  | PageAllocFailureEvent
  | AllocationStallEvent
  | SegfaultEvent
  | ForkRejectedEvent
  | KernelSuppressedEvent

/** What every event of the kernel has. */
export interface KernelTold {
  readonly time: LogTime
  readonly cited: readonly CitedLine[]
  /** The kernel's words stood inside another program's line. */
  readonly quoted: boolean
}

export interface KernelVictim {
  /** Null where the kernel names the process only (`VM: killing process`, up to 2.6). */
  readonly pid: number | null
  /** Null when the line is torn inside the name. */
  readonly comm: string | null
  readonly uid: number | null
  readonly totalVmBytes: number | null
  readonly anonRssBytes: number | null
  readonly fileRssBytes: number | null
  readonly shmemRssBytes: number | null
  readonly pgtablesBytes: number | null
  readonly oomScoreAdj: number | null
}

/** One row of the task table. Sizes are null when the page size is unknown. */
export interface KernelTask {
  readonly pid: number
  readonly tgid: number | null
  readonly uid: number | null
  readonly comm: string
  readonly totalVmPages: number | null
  readonly rssPages: number | null
  readonly swapPages: number | null
  readonly rssBytes: number | null
  readonly swapBytes: number | null
  readonly pgtablesBytes: number | null
  readonly oomScoreAdj: number | null
}

/** `memory: usage 81920kB, limit 81920kB, failcnt 74`; no limit is null. */
export interface CgroupUsage {
  readonly usageBytes: number
  readonly limitBytes: number | null
  readonly failcnt: number | null
}

export interface KernelOomEvent extends KernelTold {
  readonly type: 'kernel-oom'
  /**
   * `killed`: a victim's line is there. `chosen`: the report names who is to die, the victim's line is missing.
   * `no-victim` and `panic`: nobody could be killed. `spared`: the chosen one was exiting already. `unresolved`: the report ends before.
   */
  readonly outcome: 'killed' | 'chosen' | 'no-victim' | 'panic' | 'spared' | 'unresolved'
  /** Null when no line says whether a limit or the host was out of memory. */
  readonly scope: 'memcg' | 'process' | 'global' | 'cpuset' | null
  /** `CONSTRAINT_MEMCG` …, only as printed. */
  readonly constraint: string | null
  /** Somebody asked for it (sysrq f): memory need not be short. */
  readonly manual: boolean
  readonly order: number | null
  readonly gfpMask: string | null
  /** `GFP_HIGHUSER_MOVABLE|__GFP_COMP`, when printed by name. */
  readonly gfpFlags: string | null
  readonly invoker: { readonly pid: number | null; readonly comm: string; readonly oomScoreAdj: number | null } | null
  readonly victims: readonly KernelVictim[]
  /** `task=`/`pid=` of the oom-kill line, or the `Kill process` line of old kernels: who was selected. */
  readonly chosen: { readonly pid: number; readonly comm: string | null; readonly uid: number | null } | null
  /** The cgroup whose limit was reached (`oom_memcg`, or the second path of `Task in`). */
  readonly ownerCgroup: string | null
  readonly taskCgroup: string | null
  /** A cgroup at or below the owner, when only its statistics are left of a torn report. */
  readonly statsCgroup: string | null
  /** Nobody is named as the owner, and what is left of a torn path, or the cpuset's name, leads into a container. */
  readonly inContainer: boolean
  /** The group that is killed as a whole (memory.oom.group). */
  readonly groupCgroup: string | null
  readonly nodemask: string | null
  /** Name of the cpuset cgroup: never a unit. */
  readonly cpuset: string | null
  readonly memsAllowed: string | null
  readonly memory: CgroupUsage | null
  readonly swap: CgroupUsage | null
  /** Version 1: memory and swap together. */
  readonly memorySwap: CgroupUsage | null
  readonly kmem: CgroupUsage | null
  /** memory.stat of the owner, in bytes (event counters as they are). */
  readonly stats: Readonly<Record<string, number>> | null
  readonly memInfo: KernelMemInfo | null
  readonly unreclaimableSlabs: readonly {
    readonly name: string
    readonly usedBytes: number
    readonly totalBytes: number
  }[]
  /** Null when the report has no table. */
  readonly tasks: readonly KernelTask[] | null
  readonly pageSizeBytes: number | null
  /** Processes the reaper has emptied. */
  readonly reapedPids: readonly number[]
  /** Lines of several reports were mixed and could not be told apart: no numbers were taken from them. */
  readonly mixed: boolean
  /** What is missing of the report, in words. */
  readonly missing: readonly string[]
}

export interface PageAllocFailureEvent extends KernelTold {
  readonly type: 'page-alloc-failure'
  readonly what: 'page' | 'vmalloc' | 'vmap' | 'slub' | 'cma' | 'percpu'
  readonly comm: string | null
  readonly pid: number | null
  readonly order: number | null
  readonly gfpMask: string | null
  readonly gfpFlags: string | null
  readonly sizeBytes: number | null
  /** The slab cache that could not grow. */
  readonly cacheName: string | null
  /** The control group whose objects the cache holds. */
  readonly cacheGroup: string | null
  readonly memInfo: KernelMemInfo | null
  /** How often the same failure was printed; 1 means once. */
  readonly repeats: number
}

/** Somebody waited long for pages, and got them in the end or went on waiting. */
export interface AllocationStallEvent extends KernelTold {
  readonly type: 'allocation-stall'
  readonly comm: string
  readonly longestMs: number
  readonly order: number
  /** How many such lines there are. */
  readonly repeats: number
}

export interface SegfaultEvent extends KernelTold {
  readonly type: 'segfault'
  readonly what: 'segfault' | 'general-protection' | 'trap'
  readonly comm: string
  /** Null where the processor's own handler prints the name alone. */
  readonly pid: number | null
  /** Address in hex as printed, null when the line has none. */
  readonly address: string | null
  readonly object: string | null
  readonly trap: string | null
}

export interface ForkRejectedEvent extends KernelTold {
  readonly type: 'fork-rejected'
  /** The cgroup whose pids limit was reached. */
  readonly cgroup: string
}

/** The kernel says that it left out lines: what it did not print cannot be seen. */
export interface KernelSuppressedEvent extends KernelTold {
  readonly type: 'kernel-suppressed'
  readonly what: string
  readonly callbacks: number
}
