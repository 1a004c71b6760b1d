import type { KernelOomEvent } from './kernelEvents.ts'
import { mergeCopies } from './kernelOomCopies.ts'
import { acceptDump, addVictim, cite, finishReport, isEvent, isNamed, isQuoted, openReport } from './kernelOomReport.ts'
import type { Report } from './kernelOomReport.ts'
import {
  isExample,
  readBeancounter,
  readInvoked,
  readKill,
  readOomKill,
  readTaskIn,
  readUsage,
} from './kernelOomText.ts'
import { headlessRows, killersDump, killerTrace, workers } from './kernelOomTrace.ts'
import { hasDump, isEnded, remainsOf } from './kernelOomStage.ts'
import {
  GROUP,
  MANUAL,
  NO_VICTIM,
  PANIC,
  REAPED,
  SPARED,
  STATS_HEAD,
  SYSRQ_WORKER,
  TORN_KILL,
  TORN_PATH,
} from './kernelOomWords.ts'
import { UNSIZED } from './kernelPlainKill.ts'
import type { KillLine } from './killLine.ts'
import { headlessMemInfo } from './kernelMemInfoAbove.ts'
import { plain } from './kernelRetold.ts'
import { readTaskHeader } from './kernelTasks.ts'
import type { LogLine } from '../lines/line.ts'
import type { Recognizer } from '../recognizer.ts'
import { secondsApart } from '../lines/secondsApart.ts'

/** Lines of one report follow each other within this time (reference: oom.md 2.8). */
const MAX_GAP_SECONDS = 2

/** Reports are printed one at a time, and a busy machine takes long over one: what is not ended waits for its end. */
const MAX_OPEN_SECONDS = 30

/** Reports that may still grow at one moment: one for each CPU that speaks, and then some. */
const MAX_OPEN = 16

const ALLOC_FAILURE = /page allocation failure[.:]/

/** The kernel's OOM reports, in the layouts of 2.6 to 7.x (reference: oom.md section 2). */
export const kernelOom: Recognizer = {
  id: 'kernel-oom',
  start: () => {
    const binder = new Binder()
    return { accept: (line) => binder.accept(line), finish: () => binder.finish() }
  },
}

/** Binds lines to reports by who speaks, caller id, time and the order of the template. */
class Binder {
  private readonly done: KernelOomEvent[] = []
  private open: Report[] = []
  private manual: LogLine | null = null
  /** A report of which only the trace or the table is left. */
  private remains: Report | null = null
  private readonly isKillersTrace = killerTrace()
  private readonly isKillersTable = headlessRows()
  private readonly isKillersDump = killersDump()
  private readonly workers = workers()
  private readonly above = headlessMemInfo()

  accept(printed: LogLine): void {
    const line = plain(printed)
    const { text } = line
    if (text === '') return
    this.above.see(line)
    this.workers.see(line)
    if (this.acceptDecisive(line, text)) return
    const isTable = text.startsWith('[ ') && readTaskHeader(text) !== null
    const isTrace = this.isKillersTrace(line)
    const isDump = this.isKillersDump(line)
    if (this.remains === null && this.isKillersTable(line)) this.remains = remainsOf(line)
    if (this.open.length === 0 && !isTable && !isTrace && !isDump) return
    const found = this.find(line)
    // The ring may have dropped everything before the trace or the table.
    const isNew = (isTable || isTrace || isDump) && (found === null || isEnded(found))
    const report = isNew ? this.begin(line) : found
    if (report === null) return
    if (isNew && isTrace) report.worker = this.workers.before(line)
    if (isNew && isDump) report.killTrace = true
    if (isTrace) {
      report.killTrace = true
      if (report.cited.length === 0) cite(report, line)
      return
    }
    if ((isTable || isDump) && report.cited.length === 0) cite(report, line)
    if (ALLOC_FAILURE.test(text)) {
      // Its Mem-Info would be taken for the report's.
      if (report.memInfo === null) report.memInfoBlocked = true
      return
    }
    if (!isEnded(report) && acceptDump(report, text)) report.lastTime = line.time
  }

  private acceptDecisive(line: LogLine, text: string): boolean {
    if (!DECISIVE.test(text)) return false
    return (
      this.acceptHead(line, text) ||
      this.acceptVictims(line, text) ||
      this.acceptEnd(line, text) ||
      this.acceptMemcg(line, text)
    )
  }

  private acceptHead(line: LogLine, text: string): boolean {
    if (MANUAL.test(text)) {
      this.manual = line
      return true
    }
    const invoked = readInvoked(line)
    if (invoked !== null) {
      const report = this.begin(line)
      // Its own block comes below.
      report.memInfo = null
      report.invoked = invoked
      if (this.manual !== null) {
        const apart = secondsApart(this.manual.time, line.time)
        if (invoked.order === -1 || (SYSRQ_WORKER.test(invoked.comm) && (apart === null || apart <= MAX_GAP_SECONDS))) {
          report.manual = true
          cite(report, this.manual)
        }
        this.manual = null
      }
      cite(report, line)
      return true
    }
    const counted = readBeancounter(text)
    if (counted !== null) {
      const report = this.begin(line)
      report.invoked = counted.invoked
      report.invokerPid = counted.pid
      if (counted.isContainer) report.scope = 'memcg'
      cite(report, line)
      return true
    }
    const kill = readOomKill(text)
    if (kill === null) return false
    const found = this.find(line)
    // Without a dump nothing can be mixed: somebody kept these lines only.
    if (found?.kill !== undefined && found.kill !== null && !isEnded(found) && hasDump(found)) found.mixed = true
    const report = found === null || found.kill !== null || isEnded(found) ? this.begin(line) : found
    if (report !== found) this.takeManual(report, line)
    report.kill = kill
    report.killWhole = kill.pid !== null
    report.lastTime = line.time
    report.readingStats = false
    if (found?.mixed === true) report.mixed = true
    cite(report, line)
    return true
  }

  private acceptVictims(line: LogLine, text: string): boolean {
    const kill = readKill(text)
    if (kill === null) {
      const group = GROUP.exec(text)
      if (group === null) {
        const torn = TORN_KILL.test(text) ? this.find(line) : null
        if (torn !== null) torn.victimTorn = true
        return false
      }
      const report = this.find(line) ?? this.begin(line)
      report.groupCgroup = group[1] ?? null
      report.lastTime = line.time
      cite(report, line)
      return true
    }
    const found = this.reportOf(line, kill)
    if (found === null && isExample(line, kill)) return true
    const report = found ?? this.begin(line)
    if (found === null) this.takeManual(report, line)
    report.lastTime = line.time
    report.scope ??= kill.scope
    if (kill.verb === 'selected') report.selected = kill.victim
    else addVictim(report, kill)
    cite(report, line)
    return true
  }

  /** Whoever shortens a report may leave out its head, and keep the line that says that a person asked for it. */
  private takeManual(report: Report, line: LogLine): void {
    if (this.manual === null) return
    const apart = secondsApart(this.manual.time, line.time)
    if (apart === null ? line.number - this.manual.number <= MAX_OPEN : Math.abs(apart) <= MAX_GAP_SECONDS) {
      report.manual = true
      cite(report, this.manual)
    }
    this.manual = null
  }

  /** The open report a kill line belongs to: the pid its oom-kill line names, else the newest that waits for a victim. */
  private reportOf(line: LogLine, kill: KillLine): Report | null {
    const { pid } = kill.victim
    const near = this.open.filter((report) => this.isNear(report, line)).reverse()
    const byPid = near.find(
      (report) => (pid !== null && report.victims.has(pid)) || (report.kill?.pid === pid && report.victims.size === 0),
    )
    if (byPid !== undefined && kill.verb !== 'selected') return byPid
    if (kill.verb === 'sharing') return near.find((report) => report.victims.size > 0) ?? null
    const [newest] = near
    if (newest === undefined) return null
    if (newest.groupCgroup !== null && kill.verb === 'killed') return newest
    if (newest.victims.size > 0 || newest.outcome !== null) return null
    if (newest.selected !== null) return kill.verb === 'killed' ? newest : null
    // The oom-kill line names another process: this is a different event.
    return newest.kill !== null && newest.kill.pid !== null ? null : newest
  }

  private acceptEnd(line: LogLine, text: string): boolean {
    const reaped = REAPED.exec(text)
    if (reaped !== null) {
      this.reap(line, Number(reaped[1]), reaped[2] ?? '')
      return true
    }
    const spared = SPARED.exec(text)
    const outcome = spared !== null ? 'spared' : NO_VICTIM.test(text) ? 'no-victim' : PANIC.test(text) ? 'panic' : null
    if (outcome === null) return false
    const found = this.find(line)
    const fits = found !== null && found.victims.size === 0 && (found.outcome === null || outcome === 'panic')
    // Nobody died: without a report it is no event at all.
    if (!fits && outcome === 'spared') return true
    const report = fits ? found : this.begin(line)
    report.outcome = outcome
    report.lastTime = line.time
    if (outcome === 'panic') report.scope ??= 'global'
    else if (text.startsWith('Memory cgroup')) report.scope ??= 'memcg'
    cite(report, line)
    return true
  }

  /** The reaper names who was killed, where a copy has lost the line of the kill; of a copied table it must be one. */
  private reap(line: LogLine, pid: number, comm: string): void {
    const known = this.open.findLast((report) => report.victims.has(pid))
    if (known !== undefined) {
      known.reaped.push(pid)
      return
    }
    const near = this.open.filter((report) => this.isNear(report, line))
    const waiting = near.findLast(
      (report) =>
        !isEnded(report) &&
        !report.mixed &&
        (report.kill === null || report.kill.pid === null || report.kill.pid === pid) &&
        (!hasDump(report) || report.rows.some((row) => row.pid === pid)),
    )
    if (waiting === undefined) return
    addVictim(waiting, { verb: 'killed', scope: null, victim: { ...UNSIZED, pid, comm }, whole: true })
    waiting.reaped.push(pid)
    cite(waiting, line)
  }

  private acceptMemcg(line: LogLine, text: string): boolean {
    const usage = readUsage(text)
    if (usage !== null) {
      const report = this.growing(line)
      if (report.usages.has(usage.what)) report.mixed = true
      else report.usages.set(usage.what, usage.usage)
      if (usage.what === 'memory') cite(report, line)
      return true
    }
    const taskIn = readTaskIn(text)
    if (taskIn !== null) {
      const grown = this.growing(line)
      // Whoever wrote down two ends of reports left out what stands between them.
      const isNext = grown.taskCgroup !== null && grown.usages.has('memory') && grown.source === null
      const report = isNext ? this.begin(line) : grown
      report.taskCgroup ??= taskIn.task
      report.ownerCgroup ??= taskIn.owner
      cite(report, line)
      return true
    }
    const stats = STATS_HEAD.exec(text)
    if (stats === null) return this.acceptTorn(line, text)
    const report = this.growing(line)
    const path = stats[1] ?? ''
    // Up to 5.2 every cgroup of the subtree has a line; the owner's is the first.
    if (report.statsCgroup === null) {
      report.statsCgroup = path
      report.stats = {}
      report.readingStats = true
      const rest = stats[2] ?? ''
      report.statsBlock = rest === ''
      if (rest !== '') {
        acceptDump(report, rest)
        report.readingStats = false
      }
    } else if (report.readingStats) report.mixed = true
    return true
  }

  private acceptTorn(line: LogLine, text: string): boolean {
    const path = TORN_PATH.exec(text)?.[1]
    if (path === undefined) return false
    this.find(line)?.torn.push(path)
    return true
  }

  private growing(line: LogLine): Report {
    const found = this.find(line)
    const report = found === null || isEnded(found) || found.kill !== null ? this.begin(line) : found
    report.lastTime = line.time
    return report
  }

  private begin(line: LogLine): Report {
    if (this.open.length >= MAX_OPEN) {
      const oldest = this.open.shift()
      if (oldest !== undefined) this.close(oldest)
    }
    // The host panics when it finds nobody to kill; where the log goes on it was a group.
    for (const past of this.open) if (past.outcome === 'no-victim') past.scope ??= 'memcg'
    const report = openReport(line)
    report.memInfo = this.above.take(line)
    this.open.push(report)
    return report
  }

  private find(line: LogLine): Report | null {
    for (let index = this.open.length - 1; index >= 0; index -= 1) {
      const report = this.open[index]
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
    for (const report of this.open) this.close(report)
    this.open = []
    if (this.done.length === 0 && this.remains !== null) return [finishReport(this.remains)]
    return mergeCopies(this.done)
  }
}

/** A quick look before the exact readings; most lines of a log are none of these. */
const DECISIVE =
  /oom|OOM|[Kk]ill(?:ed|ing)? process |, was killed: |killed: out of swap|killing largest|emory(?:killer|status): |lowmem_|illing '|out of memory|Out of memory|deadlocked on memory|\) total-vm:|: usage \d|^Task in \/|^Memory cgroup stats/
