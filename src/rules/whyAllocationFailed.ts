import type { KernelMemInfo, KernelZone } from '../parsers/log/kernel/kernelMemInfo.ts'
import { amount } from './amount.ts'
import { zoneStates } from './kernelZones.ts'
import type { ZoneState } from './kernelZones.ts'

/** What the reasoning needs of a report; a kernel-oom event has it all. */
export interface FailedAllocation {
  readonly scope: 'memcg' | 'process' | 'global' | 'cpuset' | null
  readonly manual: boolean
  readonly order: number | null
  readonly gfpMask: string | null
  readonly gfpFlags: string | null
  readonly memory: { readonly usageBytes: number; readonly limitBytes: number | null } | null
  readonly memorySwap: { readonly usageBytes: number; readonly limitBytes: number | null } | null
  readonly kmem: { readonly usageBytes: number; readonly limitBytes: number | null } | null
  readonly memInfo: KernelMemInfo | null
  readonly memsAllowed: string | null
  readonly nodemask: string | null
  readonly unreclaimableSlabs: readonly { readonly name: string; readonly totalBytes: number }[]
  readonly pageSizeBytes: number | null
}

/** Why the allocation failed, in words, from what the report states (reference: oom.md 2.9); null when it does not say. */
export const whyAllocationFailed = (report: FailedAllocation): string | null => {
  if (report.manual)
    return `somebody asked the kernel to kill a process (sysrq f${report.order === -1 ? ', order=-1' : ''}); memory need not have been short`
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
  if (memInfo === null) return [slabReason(report)].filter((reason) => reason !== null)
  const reasons = [
    zoneReason(report, memInfo),
    whereRamWent(memInfo, report.pageSizeBytes),
    slabReason(report),
    swapReason(memInfo),
  ]
  return reasons.filter((reason) => reason !== null)
}

const nameOf = (zone: KernelZone): string => (zone.node === null ? zone.name : `node ${zone.node} ${zone.name}`)

/** What is kept for requests that can use no higher zone is named when the numbers would not be understood without it. */
const numbersOf = ({ zone, reservedBytes }: ZoneState): string => {
  const free = zone.bytes['free'] ?? 0
  const kept =
    free > (zone.bytes['min'] ?? 0) && reservedBytes > 0 ? ` (${amount(reservedBytes)} of them reserved)` : ''
  return `${nameOf(zone)}: ${amount(free)} free${kept}, minimum ${amount(zone.bytes['min'] ?? 0)}`
}

const sizeOf = ({ bytes }: KernelZone): number => bytes['managed'] ?? bytes['present'] ?? 0

const zoneReason = (report: FailedAllocation, memInfo: KernelMemInfo): string | null => {
  const { allowed, closed, wanted } = zoneStates(report, memInfo)
  const largest = allowed.toSorted((a, b) => sizeOf(b.zone) - sizeOf(a.zone))[0]
  if (largest === undefined) return null
  const numbers = numbersOf(largest)
  const order = report.order ?? 0
  const open = allowed.filter((state) => !state.isOut)
  if (order >= 1 && open.length > 0 && open.every((state) => state.hasBlock === false)) {
    const block = amount((report.pageSizeBytes ?? 4096) * 2 ** order)
    return `memory was free but in pieces: no free block of ${block} (order ${order}) was left: fragmentation`
  }
  if (allowed.every((state) => state.isNearlyOut)) {
    const room = closed.toSorted((a, b) => sizeOf(b) - sizeOf(a))[0]
    if (room?.name === 'HighMem')
      return `low memory was exhausted (${numbers}) while HighMem had ${amount(room.bytes['free'] ?? 0)} free: a 32-bit kernel's limit`
    if (room !== undefined)
      return `memory of zone ${wanted} or below was exhausted (${numbers}), and such a request may not use ${nameOf(room)}, where ${amount(room.bytes['free'] ?? 0)} were free`
    const elsewhere = freeElsewhere(report, memInfo)
    const nodes = report.memsAllowed === null ? '' : ` (${report.memsAllowed})`
    if (elsewhere !== null)
      return `every zone of the memory nodes it may use${nodes} was at or below its minimum (${numbers}), while ${amount(elsewhere)} were free on others`
    if (report.scope === 'cpuset')
      return `every zone of the memory nodes it may use${nodes} was at or below its minimum (${numbers})`
    return allowed.every((state) => state.isOut)
      ? `every memory zone was at or below its minimum (${numbers}): truly out of memory`
      : `every memory zone was down to its minimum (${numbers}): truly out of memory`
  }
  // A word for a node alone: the reserve closes the low zones of any host.
  const fullNodes = new Set(allowed.map((state) => state.zone.node))
  for (const { zone, isOut } of allowed) if (!isOut) fullNodes.delete(zone.node)
  if (report.scope !== 'cpuset' || fullNodes.size === 0) return null
  return `memory nodes it may use (${[...fullNodes].join(', ')}) were full while others had free memory`
}

/** A report of a bound request lists only the nodes it may use, but sums up all of them. */
const freeElsewhere = (report: FailedAllocation, memInfo: KernelMemInfo): number | null => {
  const pages = memInfo.pages['free']
  if (pages === undefined || report.pageSizeBytes === null || memInfo.zones.some(({ node }) => node === null))
    return null
  // Where node 0 is allowed the line of a zone may only be lost.
  if (report.scope !== 'cpuset' && !/^[1-9]/.test(report.memsAllowed ?? '')) return null
  const listed = memInfo.zones.reduce((sum, { bytes }) => sum + (bytes['free'] ?? 0), 0)
  const others = pages * report.pageSizeBytes - listed
  return others > listed && others > LITTLE_BYTES ? others : null
}

/** Less than this is what comes and goes while a report is printed. Our choice. */
const LITTLE_BYTES = 256 * 1024 * 1024

/** A cache of the kernel's own objects that is worth a word; our choice. */
const LARGE_SLAB_BYTES = 256 * 1024 * 1024
const LARGE_SLAB_SHARE = 0.1

const slabReason = ({ unreclaimableSlabs, memInfo, pageSizeBytes }: FailedAllocation): string | null => {
  const largest = unreclaimableSlabs.toSorted((a, b) => b.totalBytes - a.totalBytes)[0]
  const ramBytes = (memInfo?.ramPages ?? 0) * (pageSizeBytes ?? 0)
  if (largest === undefined || largest.totalBytes < Math.max(LARGE_SLAB_BYTES, ramBytes * LARGE_SLAB_SHARE)) return null
  return `the kernel's own ${largest.name} objects took ${amount(largest.totalBytes)}`
}

const LARGE_PARTS = [
  'active_anon',
  'inactive_anon',
  'active_file',
  'inactive_file',
  'unevictable',
  'slab_reclaimable',
  'slab_unreclaimable',
]

interface Shares {
  /** RAM without what the kernel reserved at boot. */
  readonly usableBytes: number
  readonly parts: readonly { readonly name: string; readonly bytes: number }[]
}

/** Where the RAM was, part by part; `unaccounted` is the rest. Null without the totals. */
export const ramShares = (memInfo: KernelMemInfo, pageSizeBytes: number | null): Shares | null => {
  const { pages, ramPages } = memInfo
  const free = pages['free']
  // Up to 2.6.27 the lists are not told apart, and up to 2.6.31 the slabs are not; what a copy lost is no rest.
  const isTold = LARGE_PARTS.every((name) => pages[name] !== undefined)
  if (ramPages === null || pageSizeBytes === null || free === undefined || !isTold) return null
  const inPages = (name: string): number => (pages[name] ?? 0) * pageSizeBytes
  const usableBytes = (ramPages - (memInfo.reservedPages ?? 0)) * pageSizeBytes
  const shmem = inPages('shmem')
  const onLists = ['active_anon', 'inactive_anon', 'isolated_anon'].reduce((sum, name) => sum + inPages(name), 0)
  // Up to 4.7, and again since 5.9, the zones have it.
  const stack = [...memInfo.nodes, ...memInfo.zones].reduce((sum, { bytes }) => sum + (bytes['kernel_stack'] ?? 0), 0)
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
  // Some 32-bit kernels count HighMem as reserved.
  if (known > usableBytes * 1.1) return null
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

const swapReason = ({ totalSwapBytes, freeSwapBytes, pages, ramPages }: KernelMemInfo): string | null => {
  if (totalSwapBytes === null) return null
  if (totalSwapBytes === 0) return 'there is no swap'
  if (freeSwapBytes === null) return null
  // Less than a hundredth free is exhausted for any purpose; our choice.
  if (freeSwapBytes < totalSwapBytes / 100) return `swap was exhausted (${amount(totalSwapBytes)})`
  const isLocked = ramPages !== null && (pages['unevictable'] ?? 0) > ramPages * MENTIONED_SHARE
  const locked = isLocked ? ' (some memory was locked)' : ''
  return `swap still had ${amount(freeSwapBytes)} of ${amount(totalSwapBytes)} free${locked}`
}
