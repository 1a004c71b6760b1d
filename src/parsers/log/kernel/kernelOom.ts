import type { KernelOomEvent } from './kernelEvents.ts'
import { acceptDump } from './kernelOomDump.ts'
import { OpenReports } from './kernelOomOpen.ts'
import { addVictim, cite, hasDump, isEnded } from './kernelOomReport.ts'
import type { Report } from './kernelOomReport.ts'
import { isExample, readBeancounter, readInvoked, readKill, readTaskIn, readUsage } from './kernelOomText.ts'
import { readOomKill } from './oomKillLine.ts'
import { headlessRows, killersDump, killerTrace, workers } from './kernelOomTrace.ts'
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
import { copiedTwice } from './kernelRepeats.ts'
import { plain } from './kernelRetold.ts'
import { readTaskHeader } from './kernelTasks.ts'
import type { LogLine } from '../lines/line.ts'
import type { Recognizer } from '../recognizer.ts'
import { secondsApart } from '../lines/secondsApart.ts'

/** A person's request and the report it brings stand together. */
const MAX_MANUAL_SECONDS = 2
const MAX_MANUAL_LINES = 16
const ALLOC_FAILURE = /page allocation failure[.:]/

/** The kernel's OOM reports, in the layouts of 2.6 to 7.x (reference: oom.md section 2). */
export const kernelOom: Recognizer = {
  id: 'kernel-oom',
  start: () => {
    const binder = new Binder()
    return { accept: (line) => binder.accept(line), finish: () => binder.finish() }
  },
}

/** Binds lines to reports by what they say and the order of the template. */
class Binder {
  private readonly reports = new OpenReports()
  private manual: LogLine | null = null
  private readonly isKillersTrace = killerTrace()
  private readonly isKillersTable = headlessRows()
  private readonly isKillersDump = killersDump()
  private readonly workers = workers()
  private readonly isCopiedTwice = copiedTwice()

  accept(printed: LogLine): void {
    const line = plain(printed)
    const { text } = line
    if (text === '' || this.isCopiedTwice(line)) return
    this.reports.see(line)
    this.workers.see(line)
    if (this.acceptDecisive(line, text)) return
    const isTable = text.startsWith('[ ') && readTaskHeader(text) !== null
    const isTrace = this.isKillersTrace(line)
    const isDump = this.isKillersDump(line)
    if (this.isKillersTable(line)) this.reports.keepRows(line)
    if (this.reports.isEmpty && !isTable && !isTrace && !isDump) return
    const found = this.reports.find(line)
    // The ring may have dropped everything before the trace or the table.
    const isNew = (isTable || isTrace || isDump) && (found === null || isEnded(found))
    const report = isNew ? this.reports.begin(line) : found
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
      const report = this.reports.begin(line)
      // Its own block comes below.
      report.memInfo = null
      report.invoked = invoked
      if (this.manual !== null) {
        const apart = secondsApart(this.manual.time, line.time)
        if (
          invoked.order === -1 ||
          (SYSRQ_WORKER.test(invoked.comm) && (apart === null || apart <= MAX_MANUAL_SECONDS))
        ) {
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
      const report = this.reports.begin(line)
      report.invoked = counted.invoked
      report.invokerPid = counted.pid
      if (counted.isContainer) report.scope = 'memcg'
      cite(report, line)
      return true
    }
    const kill = readOomKill(text)
    if (kill === null) return false
    const found = this.reports.find(line)
    // Without a dump nothing can be mixed: somebody kept these lines only.
    if (found?.kill !== undefined && found.kill !== null && !isEnded(found) && hasDump(found)) found.mixed = true
    const report = found === null || found.kill !== null || isEnded(found) ? this.reports.begin(line) : found
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
        const torn = TORN_KILL.test(text) ? this.reports.find(line) : null
        if (torn !== null) torn.victimTorn = true
        return false
      }
      const report = this.reports.find(line) ?? this.reports.begin(line)
      report.groupCgroup = group[1] ?? null
      report.lastTime = line.time
      cite(report, line)
      return true
    }
    const found = this.reports.reportOf(line, kill)
    if (found === null && isExample(line, kill)) return true
    const report = found ?? this.reports.begin(line)
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
    if (apart === null ? line.number - this.manual.number <= MAX_MANUAL_LINES : Math.abs(apart) <= MAX_MANUAL_SECONDS) {
      report.manual = true
      cite(report, this.manual)
    }
    this.manual = null
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
    const found = this.reports.find(line)
    const fits = found !== null && found.victims.size === 0 && (found.outcome === null || outcome === 'panic')
    // Nobody died: without a report it is no event at all.
    if (!fits && outcome === 'spared') return true
    const report = fits ? found : this.reports.begin(line)
    report.outcome = outcome
    report.lastTime = line.time
    if (outcome === 'panic') report.scope ??= 'global'
    else if (text.startsWith('Memory cgroup')) report.scope ??= 'memcg'
    cite(report, line)
    return true
  }

  /** The reaper names who was killed, where a copy has lost the line of the kill; of a copied table it must be one. */
  private reap(line: LogLine, pid: number, comm: string): void {
    const report = this.reports.reapedOf(line, pid)
    if (report === null) return
    report.reaped.push(pid)
    if (report.victims.has(pid)) return
    addVictim(report, { verb: 'killed', scope: null, victim: { ...UNSIZED, pid, comm }, whole: true })
    cite(report, line)
  }

  private acceptMemcg(line: LogLine, text: string): boolean {
    const usage = readUsage(text)
    if (usage !== null) {
      const report = this.reports.growing(line)
      if (report.usages.has(usage.what)) report.mixed = true
      else report.usages.set(usage.what, usage.usage)
      if (usage.what === 'memory') cite(report, line)
      return true
    }
    const taskIn = readTaskIn(text)
    if (taskIn !== null) {
      const grown = this.reports.growing(line)
      // Whoever wrote down two ends of reports left out what stands between them.
      const isNext = grown.taskCgroup !== null && grown.usages.has('memory') && grown.source === null
      const report = isNext ? this.reports.begin(line) : grown
      report.taskCgroup ??= taskIn.task
      report.ownerCgroup ??= taskIn.owner
      cite(report, line)
      return true
    }
    const stats = STATS_HEAD.exec(text)
    if (stats === null) return this.acceptTorn(line, text)
    const report = this.reports.growing(line)
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
    this.reports.find(line)?.torn.push(path)
    return true
  }

  finish(): readonly KernelOomEvent[] {
    return this.reports.finish()
  }
}

/** A quick look before the exact readings; most lines of a log are none of these. */
const DECISIVE =
  /oom|OOM|[Kk]ill(?:ed|ing)? process |, was killed: |killed: out of swap|killing largest|send sigkill to |emory(?:killer|status): |lowmem_|illing '|out of memory|Out of memory|deadlocked on memory|\) total-vm:|: usage \d|^Task in \/|^Memory cgroup stats/
