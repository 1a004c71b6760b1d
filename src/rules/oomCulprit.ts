import type { Culprit } from '../domain/finding.ts'
import { cgroupOwner } from '../parsers/cgroupOwner.ts'
import type { KernelOomEvent, KernelTask, KernelVictim } from '../parsers/log/kernel/kernelEvents.ts'
import { amount } from './amount.ts'

/** Out of proportion: this share of the memory in question, and so many times the next group. Our choice. */
const CULPRIT_SHARE = 0.4
const CULPRIT_TIMES = 1.5

/** A table that explains less than this (dying processes hold memory without a row) points at nobody. Our choice. */
const EXPLAINED_SHARE = 0.7

/** A victim this much smaller than the biggest group is innocent (reference: oom.md 1.1.5). */
const INNOCENT_SHARE = 0.25

/** The row with the most resident memory; null without a table, or when the text ends before the table may have. */
export const largestTask = (event: KernelOomEvent): KernelTask | null =>
  event.outcome === 'unresolved'
    ? null
    : (tasksOf(event)?.reduce<KernelTask | null>(
        (largest, task) => ((task.rssPages ?? -1) > (largest?.rssPages ?? -1) ? task : largest),
        null,
      ) ?? null)

/**
 * The table, null where big rows are missing: the kernel lists every process it may kill, so a table without the killed
 * one was filtered on its way (`grep -i oom` keeps the header and systemd-oomd's row). A small one may be spared.
 */
const tasksOf = (event: KernelOomEvent): readonly KernelTask[] | null => {
  const { tasks, victims, chosen } = event
  if (tasks === null) return null
  const pids = new Set(tasks.flatMap((task) => [task.pid, task.tgid]))
  const most = Math.max(...tasks.map((task) => task.rssPages ?? 0)) * SMALLEST_PAGE
  const isMissing = ({ pid, anonRssBytes }: KernelVictim): boolean =>
    pid !== null && !pids.has(pid) && (anonRssBytes === null || anonRssBytes > most)
  const isLost = victims.length === 0 && chosen?.pid != null && !pids.has(chosen.pid)
  return isLost || victims.some((victim) => isMissing(victim)) ? null : tasks
}

const SMALLEST_PAGE = 4096

interface Group {
  readonly comm: string
  readonly pages: number
  readonly count: number
}

const groupsOf = (tasks: readonly KernelTask[]): readonly Group[] => {
  const byName = new Map<string, { pages: number; count: number }>()
  const seen = new Set<number>()
  for (const task of tasks) {
    if (task.rssPages === null || seen.has(task.pid)) continue
    seen.add(task.pid)
    const group = byName.get(task.comm) ?? { pages: 0, count: 0 }
    byName.set(task.comm, { pages: group.pages + task.rssPages, count: group.count + 1 })
  }
  return [...byName].map(([comm, group]) => ({ comm, ...group })).toSorted((a, b) => b.pages - a.pages)
}

/** The name with the most memory in RAM and swap together. */
const heaviestOf = (tasks: readonly KernelTask[]): string | null => {
  const byName = new Map<string, number>()
  for (const { comm, rssPages, swapPages } of tasks)
    byName.set(comm, (byName.get(comm) ?? 0) + (rssPages ?? 0) + (swapPages ?? 0))
  return [...byName].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? null
}

const sumOf = (groups: readonly Group[]): number => groups.reduce((total, group) => total + group.pages, 0)

/** All memory in question: the owner's usage, or what user pages the host held; never less than the table's sum. */
const questionedPages = (event: KernelOomEvent, groups: readonly Group[]): number => {
  const usage =
    event.memory === null || event.pageSizeBytes === null ? 0 : event.memory.usageBytes / event.pageSizeBytes
  const pages = event.memInfo?.pages
  const host = pages === undefined ? 0 : (pages['active_anon'] ?? 0) + (pages['inactive_anon'] ?? 0)
  return Math.max(sumOf(groups), event.scope === 'memcg' ? usage : host)
}

/** The group whose share is out of proportion; null when the table is missing or shows none. */
export const culpritOf = (event: KernelOomEvent): Culprit | null => {
  const tasks = tasksOf(event)
  if (event.manual || tasks === null || event.outcome === 'unresolved') return null
  const groups = groupsOf(tasks)
  const [biggest, next] = groups
  if (biggest === undefined || biggest.pages === 0) return null
  const questioned = questionedPages(event, groups)
  const share = biggest.pages / questioned
  if (share < CULPRIT_SHARE || biggest.pages < (next?.pages ?? 0) * CULPRIT_TIMES) return null
  if (sumOf(groups) < questioned * EXPLAINED_SHARE) return null
  // What was swapped out was somebody's as well.
  if (heaviestOf(tasks) !== biggest.comm) return null
  const isVictim = namesOfVictims(event).includes(biggest.comm)
  const size = event.pageSizeBytes === null ? '' : ` (${amount(biggest.pages * event.pageSizeBytes)})`
  const who = biggest.count === 1 ? biggest.comm : `${biggest.count} processes named ${biggest.comm}`
  const held = `${who} held ${(share * 100).toFixed(0)} % of the memory in question${size}`
  return {
    comm: biggest.comm,
    unit: unitOfGroup(event, isVictim),
    isVictim,
    why: isVictim || !isInnocent(event, biggest.pages) ? held : `${held}; the killed process is an innocent victim`,
  }
}

const namesOfVictims = (event: KernelOomEvent): readonly string[] => [
  ...event.victims.flatMap((victim) => (victim.comm === null ? [] : [victim.comm])),
  ...(event.victims.length === 0 && event.chosen?.comm !== undefined && event.chosen.comm !== null
    ? [event.chosen.comm]
    : []),
]

/** The table names no units: only the victim's own, or the owner's when everything in the table belongs to it, is known. */
const unitOfGroup = (event: KernelOomEvent, isVictim: boolean): string | null => {
  if (isVictim && event.taskCgroup !== null) return cgroupOwner(event.taskCgroup).unit
  if (event.ownerCgroup === null) return null
  const owner = cgroupOwner(event.ownerCgroup)
  return owner.kind === 'slice' ? null : owner.unit
}

const isInnocent = (event: KernelOomEvent, biggestPages: number): boolean => {
  const [victim] = event.victims
  if (victim === undefined) return false
  const row = event.tasks?.find((task) => task.pid === victim.pid)
  const isSmall = row?.rssPages !== undefined && row.rssPages !== null && row.rssPages < biggestPages * INNOCENT_SHARE
  return isSmall || (victim.oomScoreAdj ?? row?.oomScoreAdj ?? 0) > 0
}
