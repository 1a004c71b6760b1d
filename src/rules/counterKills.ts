import { blankClaim } from '../domain/finding.ts'
import type { Claim } from '../domain/finding.ts'
import type { Kind } from '../domain/kind.ts'
import { cgroupEventsParser } from '../parsers/cgroupEvents.ts'
import type { CgroupEventsFacts } from '../parsers/cgroupEvents.ts'
import { cgroupV1OomControlParser } from '../parsers/cgroupV1OomControl.ts'
import type { FactView } from '../parsers/facts.ts'
import { logParser } from '../parsers/log/log.ts'
import { systemctlShowParser } from '../parsers/systemctlShow.ts'
import { unitOfCgroup } from '../parsers/unitOfCgroup.ts'
import { vmstatParser } from '../parsers/vmstat.ts'
import { isHostAsked } from './askedHost.ts'
import { findBlindSpots } from './blindSpots.ts'
import { isBootInsideWindow } from './bootTime.ts'
import { cgroupReadings } from './cgroupReadings.ts'
import type { CgroupReading } from './cgroupReadings.ts'
import { citeStart } from './citeStart.ts'
import { kernelKills } from './kernelKills.ts'
import type { KernelKill } from './kernelKills.ts'
import { NotEnoughEvidence } from './notEnough.ts'
import type { Rule } from './rule.ts'

/**
 * Kills that only a counter tells of: the log line was lost, or could not be read. A counter has no time, so it speaks
 * only if it began inside the window or rose while Medic was looking.
 */
export const counterKillsRule: Rule = {
  id: 'counter-kills',
  kinds: ['memcg-oom', 'global-oom'],
  needs: [],
  wants: [cgroupEventsParser, cgroupV1OomControlParser, vmstatParser, logParser, systemctlShowParser],
  explains: [],
  check: (facts) => {
    if (!isHostAsked(facts)) throw new NotEnoughEvidence('no host was asked')
    const counted = countersOf(facts)
    const hasVmstat = facts.all(vmstatParser).length > 0
    if (counted.length === 0 && !hasVmstat) throw new NotEnoughEvidence('no counter of kills could be read')
    const scene = { facts, kills: kernelKills(facts), missing: missingWords(facts), counted }
    const claims: Claim[] = []
    // The innermost cgroup names the unit; its parents count the same kill again.
    for (const counter of counted.toSorted(
      (a, b) => b.cgroup.length - a.cgroup.length || (a.cgroup < b.cgroup ? -1 : 1),
    )) {
      const isTold = claims.some((claim) => claim.cgroup !== null && isInside(claim.cgroup, counter.cgroup))
      if (!isTold) claims.push(...cgroupClaim(scene, counter))
    }
    return claims.length > 0 ? claims.map(hideVictimCgroup) : hostClaim(scene)
  },
}

interface Counter {
  readonly cgroup: string
  readonly unit: string | null
  readonly first: number
  readonly last: number
  /** Kills for this cgroup's own limit; null where the file does not tell them apart. */
  readonly ownLimitCount: number | null
  readonly reading: CgroupReading<unknown>
}

interface Scene {
  readonly facts: FactView
  readonly kills: readonly KernelKill[]
  /** Why the log has no line, in words. */
  readonly missing: string
  readonly counted: readonly Counter[]
}

const missingWords = (facts: FactView): string =>
  findBlindSpots(facts).isKernelLogBlind
    ? 'log line missing: the kernel log could not be read'
    : 'log line missing: the kernel log holds no report of it'

/** One counter a cgroup: the local file where it exists, because the other one counts descendants too. */
const countersOf = (facts: FactView): readonly Counter[] => {
  const byCgroup = Map.groupBy(cgroupReadings(facts, cgroupEventsParser), (reading) => reading.cgroup)
  const v2 = [...byCgroup.values()].flatMap((readings) => {
    const local = readings.filter((reading) => reading.file === 'memory.events.local')
    const isSlice = readings[0] !== undefined && unitOfCgroup(readings[0].cgroup) === null
    // A slice's local file counts no child's death; its hierarchical one is what survives a restart of the child.
    const chosen =
      local.length === 0 || isSlice ? readings.filter((reading) => reading.file === 'memory.events') : local
    return counterOf(chosen, (item) => item.oomKillCount, (local.at(-1) ?? chosen.at(-1))?.facts.oomCount ?? null)
  })
  const v1 = [...Map.groupBy(cgroupReadings(facts, cgroupV1OomControlParser), (reading) => reading.cgroup).values()]
  return [...v2, ...v1.flatMap((readings) => counterOf(readings, (item) => item.oomKillCount, null))]
}

const counterOf = <Facts>(
  readings: readonly CgroupReading<Facts>[],
  count: (item: Facts) => number | null,
  ownLimitCount: number | null,
): readonly Counter[] => {
  const first = readings[0]
  const last = readings.at(-1)
  if (first === undefined || last === undefined) return []
  const lastCount = count(last.facts)
  if (lastCount === null || last.cgroup === '/') return []
  const firstCount = count(first.facts) ?? lastCount
  return [
    {
      cgroup: last.cgroup,
      unit: unitOfCgroup(last.cgroup),
      first: firstCount,
      last: lastCount,
      ownLimitCount,
      reading: last,
    },
  ]
}

const isInside = (cgroup: string, parent: string): boolean => cgroup === parent || cgroup.startsWith(`${parent}/`)

const cgroupClaim = (scene: Scene, counter: Counter): readonly Claim[] => {
  const { facts } = scene
  const risen = counter.last - counter.first
  const count = beganInWindow(facts, counter) ? counter.last : Math.max(0, risen)
  if (count === 0) return []
  if (scene.kills.some((kill) => isKillIn(kill, counter))) return []
  const { kind, doubt } = kindOf(scene, counter)
  const who = counter.unit ?? counter.cgroup
  return [
    {
      ...blankClaim(
        kind,
        `the kernel killed ${count === 1 ? 'a process' : `${count} processes`} of ${who}: its counter says so${risen > 0 ? ' and rose while Medic was looking' : ''}`,
      ),
      confidence: 'likely',
      unit: counter.unit,
      cgroup: counter.cgroup,
      count,
      doubts: [scene.missing, ...(doubt === null ? [] : [doubt])],
      citations: citeStart(facts, counter.reading.evidence, 'oom_kill '),
    },
  ]
}

/** A unit's cgroup is made anew at each start, a slice's at boot. */
const beganInWindow = (facts: FactView, counter: Counter): boolean => {
  const { fromMs } = facts.window
  if (isBootInsideWindow(facts)) return true
  if (fromMs === null || counter.unit === null) return false
  const state = facts
    .all(systemctlShowParser)
    .flatMap((shown) => shown.facts.units.map((unit) => ({ unit, id: unit.id ?? shown.subject })))
    .findLast(({ id }) => id === counter.unit)?.unit
  const startedAtMs = state?.activeEnterAtMs ?? null
  return startedAtMs !== null && startedAtMs >= fromMs
}

const isKillIn = (kill: KernelKill, counter: Counter): boolean => {
  if (kill.cgroup !== null && isInside(kill.cgroup, counter.cgroup)) return true
  if (counter.unit !== null && kill.units.includes(counter.unit)) return true
  // What a report does not name may be this one: better one finding too few than one kill told twice.
  return kill.cgroup === null && (kill.units.length === 0 || counter.unit === null)
}

/** `oom` rises where the limit is: here, in a parent, or nowhere when the host itself ran out (oom.md 1.1.6). */
const kindOf = (scene: Scene, counter: Counter): { kind: Kind; doubt: string | null } => {
  if ((counter.ownLimitCount ?? 0) > 0) return { kind: 'memcg-oom', doubt: null }
  const parents = scene.counted.filter((other) => other !== counter && isInside(counter.cgroup, other.cgroup))
  if (parents.some((parent) => (hierarchicalOom(scene.facts, parent.cgroup) ?? 0) > 0))
    return { kind: 'memcg-oom', doubt: null }
  const isKnown =
    counter.ownLimitCount === 0 && parents.some((parent) => hierarchicalOom(scene.facts, parent.cgroup) === 0)
  if (isKnown || (counter.ownLimitCount === 0 && counter.unit === null)) return { kind: 'global-oom', doubt: null }
  return { kind: 'memcg-oom', doubt: 'the counter alone cannot tell a limit from a host that ran out' }
}

const hierarchicalOom = (facts: FactView, cgroup: string): number | null =>
  cgroupReadings(facts, cgroupEventsParser).findLast(
    (reading): reading is CgroupReading<CgroupEventsFacts> =>
      reading.cgroup === cgroup && reading.file === 'memory.events',
  )?.facts.oomCount ?? null

/** The counter is the victim's; whose limit it was is known only where its own `oom` rose, which `kindOf` used up. */
const hideVictimCgroup = (claim: Claim): Claim => ({ ...claim, cgroup: null })

const hostClaim = ({ facts, kills, missing, counted }: Scene): readonly Claim[] => {
  const readings = facts.all(vmstatParser)
  const first = readings[0]
  const last = readings.at(-1)
  const total = last?.facts.oomKillCount ?? null
  if (first === undefined || last === undefined || total === null) return []
  const risen = total - (first.facts.oomKillCount ?? total)
  const count = isBootInsideWindow(facts) ? total : Math.max(0, risen)
  if (count === 0 || kills.some((kill) => isCounted(kill, facts))) return []
  const ooms = counted.map((counter) => hierarchicalOom(facts, counter.cgroup))
  const isLimit = ooms.some((oom) => (oom ?? 0) > 0)
  const isHost = !isLimit && ooms.length > 0 && ooms.every((oom) => oom === 0)
  return [
    {
      ...blankClaim(
        isLimit ? 'memcg-oom' : 'global-oom',
        `the kernel killed ${count === 1 ? 'a process' : `${count} processes`} ${risen > 0 ? 'while Medic was looking' : 'since boot'}: /proc/vmstat counts them, nothing says whom`,
      ),
      confidence: isLimit || isHost ? 'likely' : 'possible',
      count,
      doubts: [
        missing,
        ...(isLimit || isHost ? [] : ['the counter alone cannot tell a limit from a host that ran out']),
      ],
      citations: citeStart(facts, last.evidence, 'oom_kill '),
    },
  ]
}

/** A kill before the window is in the log and in the counter too; one of unknown time may be what was counted. */
const isCounted = (kill: KernelKill, facts: FactView): boolean =>
  kill.atMs === null || facts.window.fromMs === null || kill.atMs >= facts.window.fromMs
