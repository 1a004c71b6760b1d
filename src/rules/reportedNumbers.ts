import type { KernelReport, ReportedUsage } from '../domain/finding.ts'
import type { KernelMemInfo } from '../parsers/log/kernel/kernelMemInfo.ts'

/** What the numbers are taken from: a kill's report, or a failed allocation's, which knows no control group. */
interface Told {
  readonly order: number | null
  readonly gfpMask: string | null
  readonly gfpFlags: string | null
  readonly memory?: ReportedUsage | null
  readonly swap?: ReportedUsage | null
  readonly memorySwap?: ReportedUsage | null
  readonly kmem?: ReportedUsage | null
  readonly memInfo: KernelMemInfo | null
  readonly pageSizeBytes: number | null
}

/** A machine of many nodes lists hundreds of zones; our choice. */
const MAX_ZONES = 64

/** The numbers a report states, for the finding; null when it states none of them. */
export const reportedNumbers = (told: Told): KernelReport | null => {
  const { memInfo, pageSizeBytes } = told
  const ramPages = memInfo?.ramPages ?? null
  const report: KernelReport = {
    order: told.order,
    gfpMask: told.gfpMask,
    gfpFlags: told.gfpFlags,
    memory: told.memory ?? null,
    swap: told.swap ?? null,
    memorySwap: told.memorySwap ?? null,
    kernelMemory: told.kmem ?? null,
    ramPages,
    ramBytes: ramPages === null || pageSizeBytes === null ? null : ramPages * pageSizeBytes,
    swapTotalBytes: memInfo?.totalSwapBytes ?? null,
    swapFreeBytes: memInfo?.freeSwapBytes ?? null,
    zones: (memInfo?.zones ?? []).slice(0, MAX_ZONES).map(({ node, name, bytes }) => ({
      node,
      name,
      freeBytes: bytes['free'] ?? null,
      minBytes: bytes['min'] ?? null,
    })),
  }
  const isSilent = Object.values(report).every(
    (value) => value === null || (Array.isArray(value) && value.length === 0),
  )
  return isSilent ? null : report
}
