import type { Sample } from '../../domain/snapshot.ts'
import { bootIdParser } from '../../parsers/bootId.ts'
import { cgroupMemoryStatParser, heldBytesOf } from '../../parsers/cgroupMemoryStat.ts'
import { cgroupValueParser } from '../../parsers/cgroupValue.ts'
import { dfParser } from '../../parsers/df.ts'
import type { FactView } from '../../parsers/facts.ts'
import { loadavgParser } from '../../parsers/loadavg.ts'
import { meminfoParser } from '../../parsers/meminfo.ts'
import { vmstatParser } from '../../parsers/vmstat.ts'
import { isRealDisk } from './realDisk.ts'

/** Pages of /proc/vmstat; the few kernels with larger ones only look better than they are. */
const PAGE_BYTES = 4096
/** Enough to tell a restart, few enough to keep by the thousand. */
const PIDS_KEPT = 6

const UNIT_FILE =
  /^\/sys\/fs\/cgroup\/(?:[^/]+\.slice\/){1,4}([^/]+\.service)\/(memory\.current|memory\.max|memory\.stat|cgroup\.procs)$/

/** The numbers of one look that are worth a series. Only what was stated is there. */
export const sampleOf = (facts: FactView, atMs: number): Sample => {
  const values: Record<string, number> = {}
  const put = (name: string, value: number | null | undefined): void => {
    if (value !== null && value !== undefined && Number.isFinite(value)) values[name] = value
  }
  const memory = facts.latest(meminfoParser, null)?.facts
  put('memory-total', memory?.totalBytes)
  put('memory-available', memory?.availableBytes)
  if (memory?.swapTotalBytes != null && memory.swapFreeBytes !== null)
    put('swap-used', memory.swapTotalBytes - memory.swapFreeBytes)
  const vmstat = facts.latest(vmstatParser, null)?.facts
  put('oom-kills', vmstat?.oomKillCount)
  put('major-faults', vmstat?.majorFaultCount)
  if (vmstat?.swapOutPages != null) put('swap-out-bytes', vmstat.swapOutPages * PAGE_BYTES)
  put('load15', facts.latest(loadavgParser, null)?.facts.load15)
  for (const { command, facts: reading } of facts.all(cgroupValueParser)) {
    const match = UNIT_FILE.exec(command)
    if (match?.[1] === undefined || typeof reading.value !== 'number') continue
    put(`${match[2] === 'memory.max' ? 'unit-limit' : 'unit-memory'}:${match[1]}`, reading.value)
  }
  for (const { command, facts: stat } of facts.all(cgroupMemoryStatParser)) {
    const unit = UNIT_FILE.exec(command)?.[1]
    if (unit !== undefined) put(`unit-held:${unit}`, heldBytesOf(stat))
  }
  for (const disk of facts.latest(dfParser, null)?.facts.filesystems.filter(isRealDisk) ?? [])
    put(`disk-available:${disk.mount}`, disk.availableBytes)
  const bootId = facts.all(bootIdParser).at(-1)?.facts.bootId ?? null
  return { atMs, bootId, values, pids: pidsOf(facts) }
}

const pidsOf = (facts: FactView): Readonly<Record<string, readonly number[]>> => {
  const pids: Record<string, readonly number[]> = {}
  for (const { command, result } of facts.evidence) {
    const match = UNIT_FILE.exec(command)
    if (match?.[1] === undefined || match[2] !== 'cgroup.procs') continue
    pids[match[1]] = result.stdout
      .split('\n')
      .filter((line) => /^\d{1,10}$/.test(line))
      .map(Number)
      .toSorted((one, other) => one - other)
      .slice(0, PIDS_KEPT)
  }
  return pids
}
