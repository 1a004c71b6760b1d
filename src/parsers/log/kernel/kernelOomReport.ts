import type { CgroupUsage, KernelOomEvent, KernelVictim } from './kernelEvents.ts'
import type { KernelMemInfo, MemInfoReader } from './kernelMemInfo.ts'
import { isMemInfoLine, memInfoReader } from './kernelMemInfo.ts'
import { readStats } from './kernelOomText.ts'
import type { InvokedLine, OomKillLine } from './kernelOomText.ts'
import { acceptRow } from './kernelRows.ts'
import type { TaskRows } from './kernelRows.ts'
import { readTaskHeader } from './kernelTasks.ts'
import type { Worker } from './kernelOomTrace.ts'
import type { KillLine, KillScope } from './killLine.ts'
import { leadsIntoContainer } from '../../cgroupOwner.ts'
import { finishTasks, pageSizeOf } from './kernelPageSize.ts'
import type { CitedLine, LogLine, LogTime } from '../lines/line.ts'

const MAX_VICTIMS = 2000
const MAX_CITED = 12

/** A report while its lines arrive. */
export interface Report extends TaskRows {
  readonly source: string | null
  readonly caller: string | null
  readonly quoted: boolean
  time: LogTime
  lastTime: LogTime
  readonly cited: CitedLine[]
  invoked: InvokedLine | null
  invokerPid: number | null
  /** Who was at work in the trace a headless report begins with. */
  worker: Worker | null
  kill: OomKillLine | null
  killWhole: boolean
  selected: KernelVictim | null
  scope: KillScope
  readonly victims: Map<number | null, KernelVictim>
  victimsWhole: boolean
  outcome: 'no-victim' | 'panic' | 'spared' | null
  manual: boolean
  memsAllowed: string | null
  /** Paths of the report that are torn, and the name of the cpuset. */
  readonly torn: string[]
  taskCgroup: string | null
  ownerCgroup: string | null
  groupCgroup: string | null
  readonly usages: Map<string, CgroupUsage>
  statsCgroup: string | null
  /** One line for each statistic, as since 5.3: only the owner has them. */
  statsBlock: boolean
  stats: Record<string, number> | null
  readingStats: boolean
  memInfo: MemInfoReader | null
  memInfoBlocked: boolean
  columns: readonly string[] | null
  readonly slabs: { name: string; usedBytes: number; totalBytes: number }[]
  readingSlabs: boolean
  memcgTrace: boolean
  /** Begun by the frames of the killer itself: what stood above them is lost. */
  killTrace: boolean
  /** What the trace of an unfinished report shows: a page fault met a limit, or the host's own killer ran. */
  faultTrace: 'limit' | 'host' | null
  readonly reaped: number[]
  mixed: boolean
}

/** A report that begins at this line. */
export const openReport = (line: LogLine): Report => ({
  source: line.source,
  caller: line.caller,
  quoted: isQuoted(line),
  time: line.time,
  lastTime: line.time,
  cited: [],
  invoked: null,
  invokerPid: null,
  worker: null,
  kill: null,
  killWhole: false,
  selected: null,
  scope: null,
  victims: new Map(),
  victimsWhole: true,
  outcome: null,
  manual: false,
  memsAllowed: null,
  torn: [],
  taskCgroup: null,
  ownerCgroup: null,
  groupCgroup: null,
  usages: new Map(),
  statsCgroup: null,
  statsBlock: false,
  stats: null,
  readingStats: false,
  memInfo: null,
  memInfoBlocked: false,
  columns: null,
  rows: [],
  cutRow: null,
  joined: null,
  slabs: [],
  readingSlabs: false,
  memcgTrace: false,
  killTrace: false,
  faultTrace: null,
  reaped: [],
  mixed: false,
})

/** The kernel's words in another program's line; a quotation mark before the kernel's own stamp does not count. */
export const isQuoted = (line: LogLine): boolean => (line.source === null ? line.quoted : line.source !== 'kernel')

/** The report rests on this line. */
export const cite = (report: Report, line: LogLine): void => {
  if (report.cited.length < MAX_CITED) report.cited.push({ line: line.number, text: line.raw })
}

/** Adds a victim once: memory.oom.group prints the first one twice. */
export const addVictim = (report: Report, kill: KillLine): void => {
  if (!kill.whole) report.victimsWhole = false
  if (report.victims.has(kill.victim.pid) || report.victims.size >= MAX_VICTIMS) return
  report.victims.set(kill.victim.pid, kill.victim)
}

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
  if (text.includes('mem_cgroup_out_of_memory+')) report.memcgTrace = true
  else if (CHARGE_FRAME.test(text)) report.memcgTrace ||= report.faultTrace !== 'host'
  else if (text.includes('mem_cgroup_oom_synchronize+')) report.faultTrace ??= 'limit'
  else if (HOST_FRAME.test(text)) report.faultTrace ??= 'host'
  else if (text.includes('moom_callback')) report.manual = true
  else return false
  return true
}

/** Up to 3.12 a limit's kill was called from the charge itself; a frame with a question mark is a leftover. */
const CHARGE_FRAME = /(?:^ {0,4}|\] )(?:__mem_cgroup_try_charge|mem_cgroup_do_charge)\+0x/

/** `hog cpuset=/ mems_allowed=0-1`, below the first line until 5.0 put it into the oom-kill line. */
const MEMS_ALLOWED = /^.{1,23} cpuset=(\S{1,400}) mems_allowed=(\d[\d,-]{0,200})(?: |$)/

/** It stands above the page fault's frames, which a limit's kill has as well. */
const HOST_FRAME = /(?:^|[\] ])out_of_memory\+/

/** Whether the report says enough to be an event. */
export const isEvent = (report: Report): boolean =>
  isNamed(report) || report.rows.length > 0 || report.killTrace || isLimitMet(report.usages)

/** Only a report says line by line how much of its limits a group used; one line alone is too little. */
const isLimitMet = (usages: Report['usages']): boolean => {
  const memory = usages.get('memory')
  return (
    usages.size > 1 && memory?.limitBytes != null && memory.failcnt !== null && memory.usageBytes >= memory.limitBytes
  )
}

/**
 * Whether a line of it says what it is. A table's rows and the killer's frames are nobody else's, but where a report is
 * there they are more likely another one's remains than news.
 */
export const isNamed = (report: Report): boolean =>
  report.invoked !== null ||
  report.kill !== null ||
  report.selected !== null ||
  report.victims.size > 0 ||
  report.outcome !== null ||
  report.groupCgroup !== null ||
  // `Task in … killed as a result of limit of …`: the rest of the dump is missing.
  (report.taskCgroup !== null && report.ownerCgroup !== null)

const outcomeOf = (report: Report): KernelOomEvent['outcome'] => {
  if (report.victims.size > 0) return 'killed'
  if (report.outcome !== null) return report.outcome
  return report.kill?.pid === undefined && report.selected === null
    ? 'unresolved'
    : report.kill?.pid === null
      ? 'unresolved'
      : 'chosen'
}

const scopeOf = (report: Report): KillScope => {
  const constraint = report.kill?.constraint ?? null
  // 5.0 and 5.1 print the host's word for a limit as well; the owner of a limit is printed for a limit only.
  if (constraint === 'CONSTRAINT_MEMCG' || report.kill?.ownerCgroup != null) return 'memcg'
  if (constraint === 'CONSTRAINT_NONE') return 'global'
  if (constraint !== null) return 'cpuset'
  if (report.kill?.globalOom === true) return 'global'
  if (report.scope !== null) return report.scope
  if (report.manual || report.invoked?.order === -1) return 'global'
  if (report.ownerCgroup !== null || report.groupCgroup !== null || report.memcgTrace) return 'memcg'
  if (report.mixed) return null
  if (report.usages.has('memory') || report.stats !== null) return 'memcg'
  // Only with its head: of a report cut in front the host's frame may be what is missing.
  if (report.invoked !== null && report.faultTrace === 'limit') return 'memcg'
  // The slabs are printed for the host only.
  if (report.memInfo !== null || report.slabs.length > 0) return 'global'
  return report.outcome === 'no-victim' ? 'global' : null
}

const missingOf = (report: Report): string[] => {
  const missing: string[] = []
  if (report.invoked === null) missing.push('the head of the report')
  else if (!report.invoked.whole) missing.push('the end of the first line')
  if (report.columns === null) missing.push('the task table')
  if (report.kill !== null && !report.killWhole) missing.push('the end of the oom-kill line')
  if (report.victims.size === 0 && report.outcome === null) missing.push('the line that names the killed process')
  if (!report.victimsWhole) missing.push("the end of a victim's line")
  return missing
}

/** The event, once no more lines can come. */
export const finishReport = (report: Report): KernelOomEvent => {
  const whole = !report.mixed
  const memInfo: KernelMemInfo | null = whole ? (report.memInfo?.finish() ?? null) : null
  const rows = whole ? report.rows : []
  const pageSizeBytes = pageSizeOf(rows, [...report.victims.values()], memInfo)
  const usage = (name: string): CgroupUsage | null => (whole ? (report.usages.get(name) ?? null) : null)
  const { invoked, kill } = report
  return {
    type: 'kernel-oom',
    time: report.time,
    cited: report.cited,
    quoted: report.quoted,
    outcome: outcomeOf(report),
    scope: scopeOf(report),
    constraint: kill?.constraint ?? null,
    manual: report.manual || (whole && invoked?.order === -1),
    order: whole ? (invoked?.order ?? null) : null,
    gfpMask: whole ? (invoked?.gfpMask ?? null) : null,
    gfpFlags: whole ? (invoked?.gfpFlags ?? null) : null,
    invoker:
      whole && invoked !== null
        ? { pid: report.invokerPid, comm: invoked.comm, oomScoreAdj: invoked.oomScoreAdj }
        : whole && report.worker !== null
          ? { ...report.worker, oomScoreAdj: null }
          : null,
    victims: [...report.victims.values()].map((victim) => ({ ...victim, comm: victim.comm ?? nameOf(report, victim) })),
    chosen: chosenOf(report),
    ownerCgroup: kill?.ownerCgroup ?? report.ownerCgroup ?? statsOwnerOf(report),
    taskCgroup: kill?.taskCgroup ?? report.taskCgroup ?? report.groupCgroup,
    statsCgroup: report.statsCgroup,
    inContainer: isInContainer(report),
    groupCgroup: report.groupCgroup,
    nodemask: kill?.nodemask ?? (whole ? (invoked?.nodemask ?? null) : null),
    cpuset: kill?.cpuset ?? null,
    memsAllowed: kill?.memsAllowed ?? (whole ? report.memsAllowed : null),
    memory: usage('memory'),
    swap: usage('swap'),
    memorySwap: usage('memory+swap'),
    kmem: usage('kmem'),
    stats: whole ? report.stats : null,
    memInfo,
    unreclaimableSlabs: whole ? report.slabs : [],
    tasks: whole && report.columns !== null ? finishTasks(rows, pageSizeBytes) : null,
    pageSizeBytes,
    reapedPids: report.reaped,
    mixed: report.mixed,
    missing: missingOf(report),
  }
}

/**
 * The first statistics are the owner's, if nothing is missing before them. Up to 5.2 the whole subtree follows, so the
 * first of a torn report may be anybody's below the owner.
 */
const statsOwnerOf = (report: Report): string | null =>
  report.usages.has('memory') || report.statsBlock ? report.statsCgroup : null

const isInContainer = ({ kill, torn, groupCgroup }: Report): boolean =>
  [...torn, groupCgroup, kill?.ownerTorn ?? null, kill?.cpuset ?? null].some(
    (path) => path !== null && leadsIntoContainer(path),
  )

/** The name of a victim whose line was cut before it: the report has it in two more places. */
const nameOf = ({ kill, rows }: Report, { pid }: KernelVictim): string | null =>
  kill !== null && kill.pid === pid ? kill.comm : (rows.find((row) => row.pid === pid)?.comm ?? null)

const chosenOf = (report: Report): KernelOomEvent['chosen'] => {
  const { kill, selected } = report
  if (kill !== null && kill.pid !== null) return { pid: kill.pid, comm: kill.comm, uid: kill.uid }
  return selected?.pid == null ? null : { pid: selected.pid, comm: selected.comm, uid: selected.uid }
}
