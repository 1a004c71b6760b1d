import { isMemInfoLine, memInfoReader } from './kernelMemInfo.ts'
import type { Report } from './kernelOomReport.ts'
import { readStats } from './kernelOomText.ts'
import { acceptRow } from './kernelRows.ts'
import { readTaskHeader } from './kernelTasks.ts'

const CPU_LINE = /^(?:CPU: \d{1,5} (?:UID: \d{1,10} )?PID: (\d{1,10}) Comm: |Pid: (\d{1,10}), comm: )/
const SLAB = /^(\S{1,60}) {1,30}(\d{1,15})KB {1,30}(\d{1,15})KB$/

/** Takes a line of the dump (trace, statistics, Mem-Info, slabs, table); false if it is none. */
export const acceptDump = (report: Report, text: string): boolean => {
  if (report.columns !== null && acceptRow(report, text, report.columns)) return true
  if (report.readingStats && report.stats !== null && readStats(text, report.stats)) return true
  if (report.memInfo !== null && report.memInfo.accept(text.trimStart())) return true
  if (report.readingSlabs) {
    const slab = SLAB.exec(text)
    if (slab !== null && slab[1] !== 'Name') {
      report.slabs.push({ name: slab[1] ?? '', usedBytes: Number(slab[2]) * 1024, totalBytes: Number(slab[3]) * 1024 })
      return true
    }
  }
  return acceptMark(report, text)
}

const acceptMark = (report: Report, text: string): boolean => {
  const columns = readTaskHeader(text)
  if (columns !== null) {
    // A second table means that two reports run into each other.
    if (report.columns !== null) report.mixed = true
    report.columns = columns
    report.readingStats = false
    report.readingSlabs = false
    return true
  }
  if (text === 'Mem-Info:' || text === 'Mem-info:') {
    if (report.memInfo !== null && !report.memInfoBlocked) report.mixed = true
    else if (report.memInfo === null && !report.memInfoBlocked) report.memInfo = memInfoReader()
    return true
  }
  // The title may be lost, or was never copied.
  if (report.memInfo === null && !report.memInfoBlocked && isMemInfoLine(text)) {
    report.memInfo = memInfoReader()
    return report.memInfo.accept(text)
  }
  const allowed = MEMS_ALLOWED.exec(text)
  if (allowed !== null) {
    report.memsAllowed ??= allowed[2] ?? null
    report.torn.push(allowed[1] ?? '')
    return true
  }
  if (text.startsWith('Unreclaimable slab info:')) {
    report.readingSlabs = true
    return true
  }
  const cpu = CPU_LINE.exec(text)
  if (cpu !== null) {
    report.invokerPid ??= Number(cpu[1] ?? cpu[2])
    return true
  }
  seeCaller(report, text)
  if (text.includes('mem_cgroup_out_of_memory+')) report.memcgTrace = true
  else if (CHARGE_FRAME.test(text)) report.memcgTrace ||= report.faultTrace !== 'host'
  else if (text.includes('mem_cgroup_oom_synchronize+')) report.faultTrace ??= 'limit'
  else if (HOST_FRAME.test(text)) report.faultTrace ??= 'host'
  else if (text.includes('moom_callback')) report.manual = true
  else return false
  return true
}

/** The killer of the host, and who calls it: an allocation, a page fault that was refused, a person. */
const seeCaller = (report: Report, text: string): void => {
  if (HOST_CALL.test(text)) report.hostTrace = true
  else if (HOST_KILLER.test(text)) report.callerFrames = MAX_LEFTOVERS
  else if (report.callerFrames > 0) {
    report.callerFrames = CALLER_OF_LIMIT.test(text) ? 0 : report.callerFrames - 1
    if (HOST_CALLER.test(text)) report.hostTrace = true
  }
}

const HOST_KILLER = /(?:^|[\] ])(?:__)?out_of_memory(?:\.\w{1,16}){0,3}\+0x/
const HOST_CALLER =
  /(?:^|[\] ])(?:__alloc_pages|__alloc_frozen_pages|alloc_pages|pagefault_out_of_memory|moom_callback)\w{0,24}(?:\.\w{1,16}){0,3}\+0x/
const CALLER_OF_LIMIT = /mem_cgroup_/
/** Both in one line, as on ARM: `(out_of_memory+0x0/0x348) from [<c0107dbc>] (__alloc_pages_nodemask+0x748/0x76c)`. */
const HOST_CALL =
  /\bout_of_memory(?:\.\w{1,16}){0,3}(?:\+0x[0-9a-f]{1,8}\/0x[0-9a-f]{1,8})?\)? from (?:\[<[0-9a-f]{8,16}>\] )?\(?(?:__alloc_pages|__alloc_frozen_pages|pagefault_out_of_memory)/
/** What older calls left on the stack. */
const MAX_LEFTOVERS = 4

/** Up to 3.12 a limit's kill was called from the charge itself; a frame with a question mark is a leftover. */
const CHARGE_FRAME = /(?:^ {0,4}|\] )(?:__mem_cgroup_try_charge|mem_cgroup_do_charge)\+0x/

/** `hog cpuset=/ mems_allowed=0-1`, below the first line until 5.0 put it into the oom-kill line. */
const MEMS_ALLOWED = /^.{1,23} cpuset=(\S{1,400}) mems_allowed=(\d[\d,-]{0,200})(?: |$)/

/** It stands above the page fault's frames, which a limit's kill has as well. */
const HOST_FRAME = /(?:^|[\] ])out_of_memory\+/
