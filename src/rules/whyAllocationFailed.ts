import type { KernelMemInfo, KernelZone } from '../parsers/log/kernelMemInfo.ts'
import { amount } from './amount.ts'

/** What the reasoning needs of a report; a kernel-oom event has it all. */
export interface FailedAllocation {
  readonly scope: 'memcg' | 'global' | 'cpuset' | null
  readonly manual: boolean
  readonly order: number | null
  readonly gfpFlags: string | null
  readonly memory: { readonly usageBytes: number; readonly limitBytes: number | null } | null
  readonly memorySwap: { readonly usageBytes: number; readonly limitBytes: number | null } | null
  readonly kmem: { readonly usageBytes: number; readonly limitBytes: number | null } | null
  readonly memInfo: KernelMemInfo | null
  readonly memsAllowed: string | null
  readonly pageSizeBytes: number | null
}

/** Why the allocation failed, in words, from what the report states (reference: oom.md 2.9); null when it does not say. */
export const whyAllocationFailed = (report: FailedAllocation): string | null => {
  if (report.manual)
    return 'somebody asked the kernel to kill a process (sysrq f, order=-1); memory need not have been short'
  // A page order from 11 up is no request a healthy kernel makes.
  if (report.order !== null && report.order >= 11) return `a request of order ${report.order} is a bug, not a shortage`
  const reasons = report.scope === 'memcg' ? limitReasons(report) : hostReasons(report)
  return reasons.length === 0 ? null : reasons.join('; ')
}

const limitReasons = ({ memory, memorySwap, kmem }: FailedAllocation): string[] => {
  const reached = (usage: FailedAllocation['kmem']): boolean =>
    usage !== null && usage.limitBytes !== null && usage.usageBytes >= usage.limitBytes
  if (memory !== null && reached(memory)) {
    return [
      `the cgroup used all of its limit of ${amount(memory.limitBytes ?? 0)}; free memory of the host does not matter`,
    ]
  }
  if (memorySwap !== null && reached(memorySwap)) {
    return [`memory and swap together reached their limit of ${amount(memorySwap.limitBytes ?? 0)}`]
  }
  if (kmem !== null && reached(kmem)) return [`kernel memory reached its own limit of ${amount(kmem.limitBytes ?? 0)}`]
  if (memory === null || memory.limitBytes === null) return []
  return [
    `usage was ${amount(memory.usageBytes)} of ${amount(memory.limitBytes)}: a single charge larger than the gap, or a parent's limit`,
  ]
}

const hostReasons = (report: FailedAllocation): string[] => {
  const { memInfo } = report
  if (memInfo === null) return []
  const reasons = [zoneReason(report, memInfo), whereRamWent(memInfo, report.pageSizeBytes), swapReason(memInfo)]
  return reasons.filter((reason) => reason !== null)
}

interface ZoneState {
  readonly zone: KernelZone
  readonly isOut: boolean
  readonly hasBlock: boolean | null
}

const ZONE_ORDER = ['DMA', 'DMA32', 'Normal', 'HighMem', 'Movable']

/** The highest zone a request may use decides which reserve of the lower zones is closed to it. */
const classOf = (flags: string | null, zones: readonly KernelZone[]): number => {
  const wanted = flags === null ? null : /GFP_DMA32/.test(flags) ? 'DMA32' : /GFP_DMA\b/.test(flags) ? 'DMA' : null
  if (wanted !== null) return ZONE_ORDER.indexOf(wanted)
  const isHigh = flags !== null && /HIGHUSER|HIGHMEM/.test(flags)
  const highest = Math.max(...zones.map((zone) => ZONE_ORDER.indexOf(zone.name)), 0)
  // Kernel memory may not come from HighMem or Movable.
  return isHigh ? highest : Math.min(highest, ZONE_ORDER.indexOf('Normal'))
}

const zoneStates = (report: FailedAllocation, memInfo: KernelMemInfo): ZoneState[] => {
  const usable = memInfo.zones.filter((zone) => (zone.bytes['managed'] ?? 1) > 0)
  const zoneClass = classOf(report.gfpFlags, usable)
  const isMovable = report.gfpFlags !== null && /MOVABLE/.test(report.gfpFlags)
  const pageBytes = report.pageSizeBytes ?? 4096
  const order = Math.max(0, report.order ?? 0)
  return usable
    .filter((zone) => ZONE_ORDER.indexOf(zone.name) <= zoneClass)
    .flatMap((zone) => {
      const { free, min } = zone.bytes
      if (free === undefined || min === undefined) return []
      const reserve = (zone.lowmemReservePages[zoneClass] ?? 0) * pageBytes
      const cma = isMovable ? 0 : (zone.bytes['free_cma'] ?? 0)
      const open = free - reserve - cma - (zone.bytes['reserved_highatomic'] ?? 0)
      const hasBlock =
        zone.freeBlocks?.some(
          (block) => block.count > 0 && block.sizeBytes >= pageBytes * 2 ** order && !/^[HC]+$/.test(block.kinds),
        ) ?? null
      return [{ zone, isOut: open <= min, hasBlock }]
    })
}

const nameOf = (zone: KernelZone): string => (zone.node === null ? zone.name : `node ${zone.node} ${zone.name}`)

const numbersOf = (zone: KernelZone): string =>
  `${nameOf(zone)}: ${amount(zone.bytes['free'] ?? 0)} free, minimum ${amount(zone.bytes['min'] ?? 0)}`

const zoneReason = (report: FailedAllocation, memInfo: KernelMemInfo): string | null => {
  const states = zoneStates(report, memInfo)
  if (states.length === 0) return null
  const order = report.order ?? 0
  const open = states.filter((state) => !state.isOut)
  const largest = states.toSorted((a, b) => (b.zone.bytes['managed'] ?? 0) - (a.zone.bytes['managed'] ?? 0))[0]
  if (open.length === 0) {
    const numbers = largest === undefined ? '' : ` (${numbersOf(largest.zone)})`
    return `every memory zone was at or below its minimum${numbers}: truly out of memory`
  }
  const full = states.find((state) => state.isOut)
  const isLow =
    full !== undefined && memInfo.zones.some((zone) => zone.name === 'HighMem') && full.zone.name === 'Normal'
  if (isLow) return `low memory was exhausted (${numbersOf(full.zone)}) while HighMem was free: a 32-bit kernel's limit`
  if (order >= 1 && open.every((state) => state.hasBlock === false)) {
    const block = amount((report.pageSizeBytes ?? 4096) * 2 ** order)
    return `memory was free but in pieces: no free block of ${block} (order ${order}) was left: fragmentation`
  }
  const nodes = new Set(states.map((state) => state.zone.node))
  if (report.scope === 'cpuset' || (full !== undefined && nodes.size > 1)) {
    const allowed = report.memsAllowed === null ? '' : ` ${report.memsAllowed}`
    return `the memory nodes it may use${allowed} were full while others had free memory`
  }
  return null
}

interface Shares {
  /** RAM without what the kernel reserved at boot. */
  readonly usableBytes: number
  readonly parts: readonly { readonly name: string; readonly bytes: number }[]
}

/** Where the RAM was, part by part; `unaccounted` is the rest. Null without the totals. */
export const ramShares = (memInfo: KernelMemInfo, pageSizeBytes: number | null): Shares | null => {
  const { pages, ramPages } = memInfo
  const free = pages['free']
  if (ramPages === null || pageSizeBytes === null || free === undefined || memInfo.nodes.length === 0) return null
  const inPages = (name: string): number => (pages[name] ?? 0) * pageSizeBytes
  const usableBytes = (ramPages - (memInfo.reservedPages ?? 0)) * pageSizeBytes
  const shmem = inPages('shmem')
  const onLists = ['active_anon', 'inactive_anon', 'isolated_anon'].reduce((sum, name) => sum + inPages(name), 0)
  const stack = memInfo.nodes.reduce((sum, node) => sum + (node.bytes['kernel_stack'] ?? 0), 0)
  const huge = new Map(
    memInfo.hugepages.map((entry) => [`${entry.node} ${entry.sizeBytes}`, entry.total * entry.sizeBytes]),
  )
  const files = ['active_file', 'inactive_file', 'isolated_file'].reduce((sum, name) => sum + inPages(name), 0)
  const parts = [
    // The lists of anonymous pages hold shared memory and tmpfs too.
    { name: 'anon', bytes: Math.max(0, onLists - shmem) },
    { name: 'shmem', bytes: shmem },
    { name: 'file', bytes: files },
    { name: 'unevictable', bytes: inPages('unevictable') },
    { name: 'slab reclaimable', bytes: inPages('slab_reclaimable') },
    { name: 'slab unreclaimable', bytes: inPages('slab_unreclaimable') },
    { name: 'page tables', bytes: inPages('pagetables') },
    { name: 'kernel stacks', bytes: stack },
    { name: 'huge pages', bytes: [...huge.values()].reduce((sum, bytes) => sum + bytes, 0) },
    { name: 'free', bytes: inPages('free') + inPages('free_pcp') },
  ]
  const known = parts.reduce((sum, part) => sum + part.bytes, 0)
  return { usableBytes, parts: [...parts, { name: 'unaccounted', bytes: Math.max(0, usableBytes - known) }] }
}

/** Parts below this share of RAM are not worth a word; our choice. */
const MENTIONED_SHARE = 0.03

const whereRamWent = (memInfo: KernelMemInfo, pageSizeBytes: number | null): string | null => {
  const shares = ramShares(memInfo, pageSizeBytes)
  if (shares === null || shares.usableBytes <= 0) return null
  const words = shares.parts
    .filter((part) => part.bytes / shares.usableBytes >= MENTIONED_SHARE)
    .toSorted((a, b) => b.bytes - a.bytes)
    .map((part) => `${part.name} ${((part.bytes / shares.usableBytes) * 100).toFixed(0)} %`)
  return words.length === 0 ? null : `of ${amount(shares.usableBytes)} RAM: ${words.join(', ')}`
}

const swapReason = ({ totalSwapBytes, freeSwapBytes, pages }: KernelMemInfo): string | null => {
  if (totalSwapBytes === null) return null
  if (totalSwapBytes === 0) return 'there is no swap'
  if (freeSwapBytes === null) return null
  // Less than a hundredth free is exhausted for any purpose; our choice.
  if (freeSwapBytes < totalSwapBytes / 100) return `swap was exhausted (${amount(totalSwapBytes)})`
  const locked = (pages['unevictable'] ?? 0) > 0 ? ' (some memory was locked)' : ''
  return `swap still had ${amount(freeSwapBytes)} of ${amount(totalSwapBytes)} free${locked}`
}
