import { blankClaim } from '../domain/finding.ts'
import type { Claim, Confidence, Culprit, Victim } from '../domain/finding.ts'
import type { Kind } from '../domain/kind.ts'
import { cgroupOwner, shortContainer } from '../parsers/cgroupOwner.ts'
import type { CgroupOwner } from '../parsers/cgroupOwner.ts'
import type { FactView, Sourced } from '../parsers/facts.ts'
import type { KernelOomEvent } from '../parsers/log/kernel/kernelEvents.ts'
import type { LogFacts } from '../parsers/log/log.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import type { LogTime } from '../parsers/log/lines/line.ts'
import { bootTimeMs } from './bootTime.ts'
import { lowered, mergeClaims } from './mergeClaims.ts'
import { culpritOf, largestTask } from './oomCulprit.ts'
import { reportedNumbers } from './reportedNumbers.ts'
import { whyAllocationFailed } from './whyAllocationFailed.ts'

/** The claims about the kernel's kills of certain kinds; one kill with many reporters is one claim. */
export const oomClaims = (
  facts: FactView,
  kindOf: (event: KernelOomEvent) => Kind | null,
  words: (event: KernelOomEvent) => string,
): readonly Claim[] => {
  const claims = facts.all(logParser).flatMap((log) => {
    const spokesmanOf = spokesmenOf(log.facts)
    return eventsOf(log.facts, 'kernel-oom').flatMap((event) => {
      const kind = event.outcome === 'spared' ? null : kindOf(spokesmanOf(event))
      return kind === null ? [] : [claimOf(facts, log, { event, kind, cause: words(event) })]
    })
  })
  return mergeClaims(claims)
}

/**
 * Who tells the kind of a report: itself, or, if it is torn before it says, the others about the same program in the
 * same text, when all of them speak of a limit. Of a limit that nobody names they say whose it was. What it does not
 * state stays unstated.
 */
const spokesmenOf = (log: LogFacts): ((event: KernelOomEvent) => KernelOomEvent) => {
  const scoped = new Map<string, KernelOomEvent>()
  const named = new Map<string, KernelOomEvent>()
  const others: KernelOomEvent[] = []
  for (const event of eventsOf(log, 'kernel-oom')) {
    if (event.scope === null) continue
    others.push(event)
    const names = new Set([event.invoker?.comm, ...event.victims.map((victim) => victim.comm)])
    for (const name of names) {
      if (name === undefined || name === null) continue
      if (scoped.get(name)?.scope !== 'global') scoped.set(name, event)
      if (pathOf(event) !== null) named.set(name, event)
    }
  }
  const lastOfLimits = others.every(({ scope }) => scope === 'memcg') ? others.at(-1) : undefined
  return (event) => {
    // A head alone at a copy's edge names whoever asked, another each time; the request tells what it met.
    if (event.scope === null && isChargeAlone(event)) return lastOfLimits ?? event
    // A victim's line without its first words stands among reports that tell of limits, and of nothing else.
    if (event.scope === null && event.outcome === 'killed' && lastOfLimits !== undefined) return lastOfLimits
    const name = event.invoker?.comm ?? event.victims[0]?.comm
    if (name === undefined || name === null) return event
    const known = scoped.get(name)
    if (known === undefined || known.scope !== 'memcg') return event
    if (event.scope === null) return named.get(name) ?? known
    return event.scope === 'memcg' && pathOf(event) === null ? (named.get(name) ?? event) : event
  }
}

const pathOf = (event: KernelOomEvent): string | null => event.ownerCgroup ?? event.statsCgroup

/** The head of a report, and the mask a limit's own killer prints (plain GFP_KERNEL, 3.x to 6.x), not a page fault's. */
const isChargeAlone = (event: KernelOomEvent): boolean =>
  event.outcome === 'unresolved' && event.order === 0 && CHARGE_MASKS.has(event.gfpMask ?? '')

const CHARGE_MASKS = new Set(['0xd0', '0x24000c0', '0x14000c0', '0x6000c0', '0xcc0'])

/** Time of an event as a claim states it: the wall clock if printed, else seconds since a boot whose time is known. */
export const claimTime = (facts: FactView, time: LogTime): Pick<Claim, 'at' | 'atText'> => {
  const boot = time.atMs === null && time.bootSeconds !== null ? bootTimeMs(facts) : null
  const atMs = boot === null || time.bootSeconds === null ? time.atMs : boot + Math.round(time.bootSeconds * 1000)
  return { at: atMs === null ? null : new Date(atMs).toISOString(), atText: time.atText }
}

const claimOf = (
  facts: FactView,
  log: Sourced<LogFacts>,
  told: { event: KernelOomEvent; kind: Kind; cause: string },
): Claim => {
  const { event, kind } = told
  const task = event.taskCgroup === null ? null : cgroupOwner(event.taskCgroup)
  const owner = event.ownerCgroup === null ? null : cgroupOwner(event.ownerCgroup)
  const group = event.groupCgroup === null ? null : cgroupOwner(event.groupCgroup)
  const home = task ?? homeOf(owner)
  const victims = victimsOf(event, home)
  const largest = largestTask(event)
  const culprit = culpritOf(event)
  const { confidence, doubts } = confidenceOf(event)
  return {
    ...blankClaim(kind, summaryOf(event, { victims, task: task ?? group, cause: told.cause, culprit })),
    ...claimTime(facts, event.time),
    confidence,
    doubts,
    unit: home?.unit ?? null,
    container: task?.container ?? group?.container ?? owner?.container ?? null,
    why: whyAllocationFailed(event),
    victims,
    constraint: event.constraint,
    cgroup: event.ownerCgroup,
    limitBytes: event.scope === 'memcg' ? (event.memory?.limitBytes ?? null) : null,
    invoker: event.invoker === null ? null : { pid: event.invoker.pid, comm: event.invoker.comm },
    largestTask: largest === null ? null : { pid: largest.pid, comm: largest.comm, rssBytes: largest.rssBytes },
    culprit,
    report: reportedNumbers(event),
    citations: event.cited.map((cited) => facts.cite(log.evidence, cited.line)),
  }
}

/** Who died in the group of a service died in that service. Below a user's manager there are units of their own. */
const homeOf = (owner: CgroupOwner | null): CgroupOwner | null =>
  owner?.kind === 'unit' && owner.uid === null && owner.unit?.endsWith('.service') === true ? owner : null

/** The group's members may sit in sub-cgroups of their own: their unit is known only if the owner is one. */
const victimsOf = (event: KernelOomEvent, task: CgroupOwner | null): readonly Victim[] => {
  const group = event.groupCgroup === null ? null : cgroupOwner(event.groupCgroup).unit
  if (event.victims.length > 0) {
    return event.victims.map((victim, index) => ({
      pid: victim.pid,
      comm: victim.comm,
      unit: index === 0 ? (task?.unit ?? group) : group,
      anonRssBytes: victim.anonRssBytes,
    }))
  }
  if (event.outcome !== 'chosen' || event.chosen === null) return []
  // Old kernels select a thread, whose number is no process's: the table lists processes only.
  const { chosen, tasks } = event
  const isOld = event.constraint === null
  const isThread = isOld && (tasks?.length ?? 0) > 0 && tasks?.some((row) => row.pid === chosen.pid) === false
  return [{ pid: isThread ? null : chosen.pid, comm: chosen.comm, unit: task?.unit ?? null, anonRssBytes: null }]
}

const confidenceOf = (event: KernelOomEvent): { confidence: Confidence; doubts: readonly string[] } => {
  const doubts: string[] = []
  let confidence: Confidence = 'certain'
  const doubt = (words: string): void => {
    doubts.push(words)
    confidence = lowered(confidence)
  }
  if (event.outcome === 'unresolved') {
    confidence = 'likely'
    doubt('the report ends before it says who was killed')
  }
  if (event.scope === null) doubt('the report does not say whether a limit or the whole host was out of memory')
  if (event.quoted) doubt("the kernel's words stand in another program's line")
  if (event.mixed) doubt('lines of several reports are mixed; no numbers were taken from them')
  if (event.missing.includes("the end of a victim's line")) doubt('the line of the kill is torn')
  return { confidence, doubts }
}

const MAX_NAMED = 3

const summaryOf = (
  event: KernelOomEvent,
  told: { victims: readonly Victim[]; task: CgroupOwner | null; cause: string; culprit: Culprit | null },
): string => {
  const place = placeOf(told.task)
  if (event.outcome === 'panic') return `the kernel stopped the whole machine (panic): ${told.cause}`
  if (event.outcome === 'no-victim') return `the kernel found no process it could kill: ${told.cause}`
  if (told.victims.length === 0) return `the kernel's OOM killer was called${callerOf(event)}: ${told.cause}`
  const named = told.victims
    .slice(0, MAX_NAMED)
    .map((victim) => `${victim.comm ?? 'a process'}${victim.pid === null ? '' : ` (pid ${victim.pid})`}`)
  const more = told.victims.length - named.length
  const who = `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}${place}`
  if (event.manual) return `somebody asked the kernel to kill (sysrq f) and it killed ${who}: ${told.cause}`
  const held =
    told.culprit === null || told.culprit.isVictim
      ? ''
      : `; most of the memory was held by ${told.culprit.comm ?? 'another'}`
  const group = event.groupCgroup === null ? '' : '; the whole group was to die (memory.oom.group)'
  return `the kernel killed ${who}: ${told.cause}${group}${held}`
}

const callerOf = (event: KernelOomEvent): string => (event.invoker === null ? '' : ` for ${event.invoker.comm}`)

const placeOf = (task: CgroupOwner | null): string => {
  if (task === null) return ''
  if (task.container !== null) return ` in container ${shortContainer(task.container)}`
  return task.unit === null ? '' : ` of ${task.unit}`
}
