import { cgroupFileOf } from '../parsers/cgroupPath.ts'
import { cgroupMemoryStatParser } from '../parsers/cgroupMemoryStat.ts'
import { cgroupEventsParser } from '../parsers/cgroupEvents.ts'
import { cgroupV1OomControlParser } from '../parsers/cgroupV1OomControl.ts'
import type { FactView } from '../parsers/facts.ts'
import { meminfoParser } from '../parsers/meminfo.ts'
import { swapsParser } from '../parsers/swaps.ts'
import { systemdVersionParser } from '../parsers/systemdVersion.ts'

/** What remedies need to know about the host; null is "not read". */
export interface HostView {
  readonly totalBytes: number | null
  readonly availableBytes: number | null
  readonly swapTotalBytes: number | null
  readonly swapFreeBytes: number | null
  /** Memory of the kernel's own that it cannot give back. */
  readonly kernelBytes: number | null
  readonly systemdVersion: number | null
  /** Decided by which files exist, never by version (oom.md 3.1). */
  readonly cgroupVersion: 1 | 2 | null
}

export const hostView = (facts: FactView): HostView => {
  const meminfo = facts.latest(meminfoParser, null)?.facts ?? null
  const swaps = facts.latest(swapsParser, null)?.facts ?? null
  const listed = swaps?.areas.reduce((sum, area) => sum + area.sizeBytes, 0) ?? null
  const used = swaps?.areas.reduce((sum, area) => sum + area.usedBytes, 0) ?? null
  return {
    totalBytes: meminfo?.totalBytes ?? null,
    availableBytes: meminfo?.availableBytes ?? null,
    swapTotalBytes: meminfo?.swapTotalBytes ?? listed,
    swapFreeBytes: meminfo?.swapFreeBytes ?? (listed === null || used === null ? null : listed - used),
    kernelBytes:
      meminfo === null
        ? null
        : (meminfo.slabUnreclaimableBytes ?? 0) + (meminfo.pageTablesBytes ?? 0) + (meminfo.kernelStackBytes ?? 0),
    systemdVersion: facts.latest(systemdVersionParser, null)?.facts.version ?? null,
    cgroupVersion: cgroupVersionOf(facts),
  }
}

const cgroupVersionOf = (facts: FactView): 1 | 2 | null => {
  const commands = [...facts.all(cgroupEventsParser), ...facts.all(cgroupMemoryStatParser)].map((item) => item.command)
  if (facts.all(cgroupV1OomControlParser).length > 0) return 1
  const memory = commands.filter((command) => cgroupFileOf(command)?.file.startsWith('memory.') === true)
  if (memory.some((command) => command.includes('/sys/fs/cgroup/memory/'))) return 1
  return memory.length > 0 ? 2 : null
}
