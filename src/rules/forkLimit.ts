import type { Citation } from '../domain/evidence.ts'
import type { Culprit } from '../domain/finding.ts'
import type { FactView, Sourced } from '../parsers/facts.ts'
import { cgroupValueParser } from '../parsers/cgroupValue.ts'
import { kernelSettingParser } from '../parsers/kernelSetting.ts'
import { loadavgParser } from '../parsers/loadavg.ts'
import { meminfoParser } from '../parsers/meminfo.ts'
import { procCgroupParser } from '../parsers/procCgroup.ts'
import { unitOfCgroup } from '../parsers/unitOfCgroup.ts'
import { amount } from './amount.ts'
import { cgroupReadings, latestValue } from './cgroupReadings.ts'
import { citeStart } from './citeStart.ts'

/** Which limit stands in the way of a new process, as far as files say that could be read without one. */
export interface ForkLimit {
  readonly summary: string
  readonly why: string
  /** The cgroup whose limit on tasks is reached; null when it is a limit of the whole host. */
  readonly cgroup: string | null
  /** Bytes that may be promised, where promises are the limit. */
  readonly limitBytes: number | null
  readonly culprit: Culprit | null
  readonly citations: readonly Citation[]
}

/**
 * That a fork was refused is known before this is asked; a counter this near to its limit says which one. Our choice: the
 * count is read a moment before or after the refusal.
 */
const AT_LIMIT = 0.95

/** The innermost limit first, as the kernel asks them; null when every limit that was read leaves room. */
export const findForkLimit = (facts: FactView): ForkLimit | null =>
  groupLimit(facts) ?? taskLimit(facts) ?? promiseLimit(facts)

const groupLimit = (facts: FactView): ForkLimit | null => {
  const own = facts.latest(procCgroupParser, null)
  if (own === undefined) return null
  const parts = own.facts.pidsCgroup.split('/')
  const ancestors = parts
    .map((_, index) => parts.slice(0, parts.length - index).join('/'))
    .filter((path) => path !== '')
  for (const cgroup of ancestors) {
    const max = latestValue(facts, cgroup, 'pids.max')
    const current = latestValue(facts, cgroup, 'pids.current')
    if (typeof max?.value !== 'number' || typeof current?.value !== 'number' || current.value < max.value) continue
    const most = largestGroup(facts, `${cgroup}/`)
    return {
      summary: `its TasksMax of ${max.value} is reached${heldBy(most)}`,
      why: 'a limit on tasks, not on memory; other users and services are not concerned',
      cgroup,
      limitBytes: null,
      culprit: culpritOf(most),
      citations: [facts.cite(max.evidence, 1), facts.cite(current.evidence, 1), ...citedOf(facts, most)],
    }
  }
  return null
}

const taskLimit = (facts: FactView): ForkLimit | null => {
  const load = facts.latest(loadavgParser, null)
  if (load === undefined) return null
  const { taskCount } = load.facts
  for (const name of ['threads-max', 'pid_max']) {
    const setting = settingOf(facts, name)
    if (setting === undefined || taskCount < AT_LIMIT * setting.facts.value) continue
    const most = largestGroup(facts, '/')
    return {
      summary: `kernel.${name} of ${setting.facts.value} is reached with ${taskCount} tasks${heldBy(most)}`,
      why: 'a limit on tasks of the whole host, not on memory; root is bound by it, too',
      cgroup: null,
      limitBytes: null,
      culprit: culpritOf(most),
      citations: [facts.cite(load.evidence, 1), facts.cite(setting.evidence, 1), ...citedOf(facts, most)],
    }
  }
  return null
}

/** `vm.overcommit_memory=2`: a fork promises a second copy of everything writable, whether it is ever touched or not. */
const promiseLimit = (facts: FactView): ForkLimit | null => {
  const mode = settingOf(facts, 'overcommit_memory')
  const memory = facts.latest(meminfoParser, null)
  const { commitLimitBytes: limit = null, committedBytes: committed = null } = memory?.facts ?? {}
  if (mode?.facts.value !== 2 || memory === undefined || limit === null || committed === null) return null
  if (committed < AT_LIMIT * limit) return null
  return {
    summary: `${amount(committed)} of memory are promised and ${amount(limit)} may be (vm.overcommit_memory=2)`,
    why: 'ENOMEM by strict overcommit: memory may be free all the same, and the OOM killer has nothing to do',
    cgroup: null,
    limitBytes: limit,
    // Promised is not used: no counter of a cgroup tells who was promised the most.
    culprit: null,
    citations: [
      facts.cite(mode.evidence, 1),
      ...['CommitLimit:', 'Committed_AS:'].flatMap((label) => citeStart(facts, memory.evidence, label)),
    ],
  }
}

const settingOf = (facts: FactView, name: string): Sourced<{ readonly value: number }> | undefined =>
  facts.all(kernelSettingParser).findLast((item) => item.command.endsWith(`/${name}`))

interface Group {
  readonly cgroup: string
  readonly unit: string
  readonly taskCount: number
  readonly evidence: Citation['evidence']
  /** Tasks of all groups that were counted, its own with them. */
  readonly allCount: number
}

/** The unit or login with the most tasks below a cgroup. */
const largestGroup = (facts: FactView, below: string): Group | null => {
  const counts = new Map<string, Omit<Group, 'allCount'>>()
  for (const { cgroup, file, facts: read, evidence } of cgroupReadings(facts, cgroupValueParser)) {
    const unit = unitOfCgroup(cgroup)
    if (file !== 'pids.current' || typeof read.value !== 'number' || unit === null || !cgroup.startsWith(below))
      continue
    if (cgroup.endsWith(`/${unit}`)) counts.set(cgroup, { cgroup, unit, taskCount: read.value, evidence })
  }
  const groups = [...counts.values()].toSorted((a, b) => b.taskCount - a.taskCount)
  const all = groups.reduce((sum, group) => sum + group.taskCount, 0)
  const [most] = groups
  return most === undefined || all === 0 ? null : { ...most, allCount: all }
}

const heldBy = (group: Group | null): string => (group === null ? '' : `, ${group.taskCount} of them in ${group.unit}`)

/** Our choice: as many as all others together. */
const culpritOf = (group: Group | null): Culprit | null =>
  group === null || group.taskCount < group.allCount / 2
    ? null
    : {
        comm: null,
        unit: group.unit,
        isVictim: false,
        why: `${group.taskCount} of the ${group.allCount} tasks counted in units and logins are its own`,
      }

const citedOf = (facts: FactView, group: Group | null): readonly Citation[] =>
  group === null ? [] : [facts.cite(group.evidence, 1)]
