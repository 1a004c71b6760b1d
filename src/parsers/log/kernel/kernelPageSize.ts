import type { KernelTask, KernelVictim } from './kernelEvents.ts'
import type { KernelMemInfo } from './kernelMemInfo.ts'
import type { TaskRow } from './kernelTasks.ts'

const PAGE_SIZES: ReadonlySet<number> = new Set([4096, 8192, 16_384, 65_536])

/**
 * Bytes of a page: total-vm in kB divided by the pages of the same pid, exact; else the smallest block of a free list.
 * rss is not used: it may change between the lines. Null when neither is there.
 */
export const pageSizeOf = (
  rows: readonly TaskRow[],
  victims: readonly KernelVictim[],
  memInfo: KernelMemInfo | null,
): number | null => {
  for (const victim of victims) {
    const pages = rows.find((row) => row.pid === victim.pid)?.columns['total_vm']
    if (pages === undefined || pages === 0 || victim.totalVmBytes === null) continue
    const size = victim.totalVmBytes / pages
    if (PAGE_SIZES.has(size)) return size
  }
  const sizes = memInfo?.zones.flatMap((zone) => zone.freeBlocks?.map((block) => block.sizeBytes) ?? []) ?? []
  const smallest = sizes.length === 0 ? 0 : sizes.reduce((least, size) => Math.min(least, size))
  return PAGE_SIZES.has(smallest) ? smallest : null
}

/** Rows with their sizes in bytes, as far as the page size is known. */
export const finishTasks = (rows: readonly TaskRow[], pageSizeBytes: number | null): KernelTask[] =>
  rows.map((row) => {
    const { columns } = row
    const bytes = (pages: number | undefined): number | null =>
      pages === undefined || pageSizeBytes === null ? null : pages * pageSizeBytes
    const tablePages = columns['nr_ptes'] === undefined ? undefined : columns['nr_ptes'] + (columns['nr_pmds'] ?? 0)
    return {
      pid: row.pid,
      tgid: columns['tgid'] ?? null,
      uid: columns['uid'] ?? null,
      comm: row.comm,
      totalVmPages: columns['total_vm'] ?? null,
      rssPages: columns['rss'] ?? null,
      swapPages: columns['swapents'] ?? null,
      rssBytes: bytes(columns['rss']),
      swapBytes: bytes(columns['swapents']),
      pgtablesBytes: columns['pgtables_bytes'] ?? bytes(tablePages),
      oomScoreAdj: columns['oom_score_adj'] ?? null,
    }
  })
