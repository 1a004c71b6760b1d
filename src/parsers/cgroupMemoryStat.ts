import { parseCounters } from './counters.ts'
import type { Parser } from './parser.ts'

// memory.stat of a cgroup v2
//
// anon 117334016
// file 364544
// kernel 1167360
// inactive_file 364544
// slab_reclaimable 13816

/** What the memory of a cgroup is used for. `null`: this kernel does not print it. */
export interface CgroupMemoryStatFacts {
  readonly anonBytes: number | null
  readonly fileBytes: number | null
  /** All kernel memory; since kernel 5.18. */
  readonly kernelBytes: number | null
  readonly kernelStackBytes: number | null
  readonly pageTablesBytes: number | null
  readonly percpuBytes: number | null
  readonly sockBytes: number | null
  readonly vmallocBytes: number | null
  readonly shmemBytes: number | null
  readonly fileDirtyBytes: number | null
  readonly fileWritebackBytes: number | null
  readonly activeFileBytes: number | null
  readonly inactiveFileBytes: number | null
  readonly unevictableBytes: number | null
  readonly slabReclaimableBytes: number | null
  readonly slabUnreclaimableBytes: number | null
  readonly refaultAnonPages: number | null
  readonly refaultFilePages: number | null
}

export const cgroupMemoryStatParser: Parser<CgroupMemoryStatFacts> = {
  id: 'cgroup-memory-stat',
  parse: (output) => {
    const counters = parseCounters('cgroup-memory-stat', output)
    const value = (name: string): number | null => counters.get(name) ?? null
    return {
      // cgroup v1 calls the same things rss and cache; total_… are with descendants, as on v2.
      anonBytes: value('anon') ?? value('total_rss') ?? value('rss'),
      fileBytes: value('file') ?? value('total_cache') ?? value('cache'),
      kernelBytes: value('kernel'),
      kernelStackBytes: value('kernel_stack'),
      pageTablesBytes: value('pagetables'),
      percpuBytes: value('percpu'),
      sockBytes: value('sock'),
      vmallocBytes: value('vmalloc'),
      shmemBytes: value('shmem') ?? value('total_shmem'),
      fileDirtyBytes: value('file_dirty') ?? value('total_dirty'),
      fileWritebackBytes: value('file_writeback') ?? value('total_writeback'),
      activeFileBytes: value('total_active_file') ?? value('active_file'),
      inactiveFileBytes: value('total_inactive_file') ?? value('inactive_file'),
      unevictableBytes: value('total_unevictable') ?? value('unevictable'),
      slabReclaimableBytes: value('slab_reclaimable'),
      slabUnreclaimableBytes: value('slab_unreclaimable'),
      refaultAnonPages: value('workingset_refault_anon'),
      refaultFilePages: value('workingset_refault_file'),
    }
  },
}

/**
 * What the kernel cannot take back from a group, so what a limit is judged by (oom.md 4.1): anon, shmem, locked memory and
 * the kernel's own; kernels before 5.18 print only the parts of the last. Null without the first.
 */
export const heldBytesOf = (stat: CgroupMemoryStatFacts): number | null => {
  if (stat.anonBytes === null) return null
  const kernel =
    stat.kernelBytes === null
      ? (stat.kernelStackBytes ?? 0) +
        (stat.pageTablesBytes ?? 0) +
        (stat.percpuBytes ?? 0) +
        (stat.sockBytes ?? 0) +
        (stat.slabUnreclaimableBytes ?? 0)
      : Math.max(0, stat.kernelBytes - (stat.slabReclaimableBytes ?? 0))
  return stat.anonBytes + (stat.shmemBytes ?? 0) + (stat.unevictableBytes ?? 0) + kernel
}
