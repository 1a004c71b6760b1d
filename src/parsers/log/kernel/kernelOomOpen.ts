import type { KernelOomEvent } from './kernelEvents.ts'
import { mergeCopies } from './kernelOomCopies.ts'
import { finishReport } from './kernelOomFinish.ts'
import { cite, hasDump, isEnded, isEvent, isNamed, isQuoted, openReport } from './kernelOomReport.ts'
import type { Report } from './kernelOomReport.ts'
import type { KillLine } from './killLine.ts'
import { headlessMemInfo } from './kernelMemInfoAbove.ts'
import type { LogLine } from '../lines/line.ts'
import { secondsApart } from '../lines/secondsApart.ts'

/** Lines of one report follow each other within this time (reference: oom.md 2.8). */
const MAX_GAP_SECONDS = 2

/** Reports are printed one at a time, and a busy machine takes long over one: what is not ended waits for its end. */
const MAX_OPEN_SECONDS = 30

/** Reports that may still grow at one moment: one for each CPU that speaks, and then some. */
const MAX_OPEN = 16

/** The reports that may still grow, and which of them a line belongs to: by who speaks, caller id and time. */
export class OpenReports {
  private readonly done: KernelOomEvent[] = []
  private reports: Report[] = []
  /** A report of which only the trace or the table is left. */
  private remains: Report | null = null
  /** The rows of a table that may belong to none. */
  private rows: Report | null = null
  private readonly above = headlessMemInfo()

  get isEmpty(): boolean {
    return this.reports.length === 0
  }

  /** A host's memory may be told above the first report. */
  see(line: LogLine): void {
    this.above.see(line)
  }

  /** A table without a head that belongs to no report. */
  keepRows(line: LogLine): void {
    if (this.rows !== null) return
    this.rows = openReport(line)
    this.rows.killTrace = true
    cite(this.rows, line)
  }

  /** The open report a kill line belongs to: the pid its oom-kill line names, else the newest that waits for a victim. */
  reportOf(line: LogLine, kill: KillLine): Report | null {
    const { pid } = kill.victim
    const near = this.reports.filter((report) => this.isNear(report, line)).reverse()
    const byPid = near.find(
      (report) => (pid !== null && report.victims.has(pid)) || (report.kill?.pid === pid && report.victims.size === 0),
    )
    if (byPid !== undefined && kill.verb !== 'selected') return byPid
    if (kill.verb === 'sharing') return near.find((report) => report.victims.size > 0) ?? null
    const [newest] = near
    if (newest === undefined) return null
    if (newest.groupCgroup !== null && kill.verb === 'killed') return newest
    if (newest.victims.size > 0 || newest.outcome !== null) return null
    // 4.19 and 5.0 print both lines of one selection.
    if (kill.verb === 'selected' && newest.selected === null && newest.kill?.pid === pid && pid !== null) return newest
    if (newest.selected !== null) return kill.verb === 'killed' ? newest : null
    // The oom-kill line names another process: this is a different event.
    return newest.kill !== null && newest.kill.pid !== null ? null : newest
  }

  /** The report the reaper has already cleared up for, or the one that still waits for its victim. */
  reapedOf(line: LogLine, pid: number): Report | null {
    return (
      this.reports.findLast((report) => report.victims.has(pid)) ??
      this.reports.findLast(
        (report) =>
          this.isNear(report, line) &&
          !isEnded(report) &&
          !report.mixed &&
          (report.kill === null || report.kill.pid === null || report.kill.pid === pid) &&
          (!hasDump(report) || report.rows.some((row) => row.pid === pid)),
      ) ??
      null
    )
  }

  /** The report that this line of a dump continues or, its head being lost, begins. */
  growing(line: LogLine): Report {
    const found = this.find(line)
    const report = found === null || isEnded(found) || found.kill !== null ? this.begin(line) : found
    report.lastTime = line.time
    return report
  }

  /** A new report; too many open ones end the oldest. */
  begin(line: LogLine): Report {
    if (this.reports.length >= MAX_OPEN) {
      const oldest = this.reports.shift()
      if (oldest !== undefined) this.close(oldest)
    }
    // The host panics when it finds nobody to kill; where the log goes on it was a group.
    for (const past of this.reports) if (past.outcome === 'no-victim') past.scope ??= 'memcg'
    const report = openReport(line)
    report.memInfo = this.above.take(line)
    this.reports.push(report)
    return report
  }

  /** The newest report this line may belong to. */
  find(line: LogLine): Report | null {
    for (let index = this.reports.length - 1; index >= 0; index -= 1) {
      const report = this.reports[index]
      if (report !== undefined && this.isNear(report, line)) return report
    }
    return null
  }

  private isNear(report: Report, line: LogLine): boolean {
    if (report.caller !== line.caller && report.caller !== null && line.caller !== null) return false
    if (report.source !== line.source) {
      if (report.source !== null && line.source !== null) return false
      if (report.quoted !== isQuoted(line)) return false
    }
    const apart = secondsApart(report.lastTime, line.time)
    return apart === null || Math.abs(apart) <= (isEnded(report) ? MAX_GAP_SECONDS : MAX_OPEN_SECONDS)
  }

  private close(report: Report): void {
    if (isNamed(report)) this.done.push(finishReport(report))
    else if (isEvent(report)) this.remains ??= report
  }

  finish(): readonly KernelOomEvent[] {
    for (const report of this.reports) this.close(report)
    this.reports = []
    const remains = this.remains ?? this.rows
    if (this.done.length === 0 && remains !== null) return [finishReport(remains)]
    return mergeCopies(this.done)
  }
}
