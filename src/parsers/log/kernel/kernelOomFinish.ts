import type { CgroupUsage, KernelOomEvent, KernelVictim } from './kernelEvents.ts'
import type { KernelMemInfo } from './kernelMemInfo.ts'
import type { Report } from './kernelOomReport.ts'
import { finishTasks, pageSizeOf } from './kernelPageSize.ts'
import type { KillScope } from './killLine.ts'
import { leadsIntoContainer } from '../../cgroupOwner.ts'

const outcomeOf = (report: Report): KernelOomEvent['outcome'] => {
  if (report.victims.size > 0) return 'killed'
  if (report.outcome !== null) return report.outcome
  return report.kill?.pid === undefined && (report.selected === null || report.victimTorn)
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
  return report.hostTrace || report.outcome === 'no-victim' ? 'global' : null
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
  const { kill } = report
  const selected = report.victimTorn ? null : report.selected
  if (kill !== null && kill.pid !== null) return { pid: kill.pid, comm: kill.comm, uid: kill.uid }
  return selected?.pid == null ? null : { pid: selected.pid, comm: selected.comm, uid: selected.uid }
}
