import type { CgroupUsage, KernelVictim } from './kernelEvents.ts'
import type { MemInfoReader } from './kernelMemInfo.ts'
import type { InvokedLine } from './kernelOomText.ts'
import type { OomKillLine } from './oomKillLine.ts'
import type { TaskRows } from './kernelRows.ts'
import type { Worker } from './kernelOomTrace.ts'
import type { KillLine, KillScope } from './killLine.ts'
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
  /** The line of the kill is there and cut before the name: its number may be cut too, and need not be who was selected. */
  victimTorn: boolean
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
  /** The trace shows that the host's own killer was called by who wanted pages. */
  hostTrace: boolean
  /** Frames that may still come between the killer and its caller. */
  callerFrames: number
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
  victimTorn: false,
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
  hostTrace: false,
  callerFrames: 0,
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

/** Whether it has any block of numbers. */
export const hasDump = (report: Report): boolean =>
  report.columns !== null || report.memInfo !== null || report.stats !== null || report.usages.size > 0

/** Who died is said, or that nobody did: a new head or table belongs to the next report. */
export const isEnded = (report: Report): boolean => report.victims.size > 0 || report.outcome !== null
