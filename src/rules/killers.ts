import { cgroupOwner } from '../parsers/cgroupOwner.ts'
import type { FactView } from '../parsers/facts.ts'
import type { EventOf, LogEvent } from '../parsers/log/events.ts'
import { logParser } from '../parsers/log/log.ts'
import { unitOfCgroup } from '../parsers/unitOfCgroup.ts'
import { Moments } from './moments.ts'
import { isNear, type Placed } from './nearness.ts'
import { containerKey, isSameContainer } from './sameContainer.ts'

/** Somebody who is known to have ended a process: what it was, as far as the log says, and when. */
export interface KnownKill {
  readonly placed: Placed
  /** Empty when the killer names none. */
  readonly pids: readonly number[]
  /** Empty when the killer names none: then time alone decides. */
  readonly units: readonly string[]
  readonly containers: readonly string[]
}

/** What is asked about: a process that ended by SIGKILL. */
export interface Sighting {
  readonly placed: Placed
  readonly pid: number | null
  readonly unit: string | null
  readonly container: string | null
  /** Status 137 of a program that outlived the kill and only told of it, as `docker run` and shells do. */
  readonly isRelayed?: boolean
}

/** Every kill in the logs whose doer is known: kernel, oomd, earlyoom, systemd's own time-outs, supervisors. */
export const knownKillsOf = (facts: FactView): readonly KnownKill[] =>
  facts.all(logParser).flatMap(({ evidence, facts: log }) =>
    log.events.flatMap((event) => {
      const kill = killOf(event)
      return kill === null ? [] : [{ ...kill, placed: { evidence, time: event.time, cited: event.cited } }]
    }),
  )

type Target = Omit<KnownKill, 'placed'>

const NOBODY: Target = { pids: [], units: [], containers: [] }
const listed = <Item>(item: Item | null): readonly Item[] => (item === null ? [] : [item])

const killOf = (event: LogEvent): Target | null => {
  const read = TARGETS[event.type] as ((known: LogEvent) => Target | null) | undefined
  return read === undefined ? null : read(event)
}

const named = (event: { readonly unit: string }): Target => ({ ...NOBODY, units: [event.unit] })

/** A program of theirs that passes its limit is killed by them; other programs refuse or give up at their own. */
const BATCH_SYSTEMS = new Set(['slurm', 'lsf', 'pbs', 'grid engine', 'htcondor', 'yarn', 'spark'])

/** Whom each kind of event names as killed; events that are no kill are not in the table. */
const TARGETS: { readonly [Type in LogEvent['type']]?: (event: EventOf<Type>) => Target | null } = {
  'kernel-oom': (event) => {
    // A report that is cut before it names anybody still tells that the killer was called.
    if (event.outcome === 'unresolved') return { ...NOBODY, units: unitsOf(event.taskCgroup) }
    if (event.outcome !== 'killed' && event.outcome !== 'chosen') return null
    const pids = event.victims.flatMap((victim) => listed(victim.pid))
    return { ...NOBODY, pids: [...pids, ...listed(event.chosen?.pid ?? null)], units: unitsOf(event.taskCgroup) }
  },
  'oomd-kill': (event) => ({ ...NOBODY, units: unitsOf(event.cgroup), pids: event.pids }),
  'userspace-kill': (event) => ({ ...NOBODY, pids: listed(event.pid) }),
  'unit-oom-notice': (event) => ({ ...NOBODY, units: listed(event.unit), pids: listed(event.pid ?? null) }),
  'unit-timeout': named,
  'unit-watchdog': named,
  'unit-signal': (event) => (event.signal === 'SIGKILL' ? { ...NOBODY, units: [event.unit], pids: [event.pid] } : null),
  'supervisor-timeout': (event) => ({ ...NOBODY, pids: listed(event.pid), containers: listed(event.container) }),
  'container-evicted': () => NOBODY,
  // Puma, PM2 and Heroku end the process that met their limit, and so do batch systems.
  'app-message': (event) =>
    event.what === 'restart-limit' || (event.what === 'own-limit' && BATCH_SYSTEMS.has(event.app ?? ''))
      ? NOBODY
      : null,
  'container-oom-notice': (event) => ({ ...NOBODY, containers: [...listed(event.container), ...listed(event.name)] }),
}

const unitsOf = (cgroup: string | null): readonly string[] => (cgroup === null ? [] : listed(unitOfCgroup(cgroup)))

/** With a pid or unit in common the minute of one event; by time alone the reporters follow within seconds (lab: 0.1 s). */
const NAMED_MS = 60_000
const UNNAMED_MS = 5000

/** Whether one of the known kills is what a sighting saw. */
export type KillIndex = (sighting: Sighting) => boolean

/** Built once for many sightings: a long log holds thousands of both. */
export const createKillIndex = (kills: readonly KnownKill[]): KillIndex => {
  const byPid = new Map<number, KnownKill[]>()
  const byUnit = new Map<string, KnownKill[]>()
  const byContainer = new Map<string, KnownKill[]>()
  const bySort = new Map<string, { readonly sort: Sort; readonly moments: Moments }>()
  for (const kill of kills) {
    for (const pid of kill.pids) file(byPid, pid, kill)
    for (const unit of kill.units) file(byUnit, unit, kill)
    for (const container of kill.containers) file(byContainer, containerKey(container), kill)
    const sort = sortOf(kill)
    const key = Object.values(sort).join(' ')
    const known = bySort.get(key) ?? { sort, moments: new Moments(UNNAMED_MS) }
    bySort.set(key, known)
    known.moments.add(kill.placed)
  }
  return (sighting) => {
    const { placed, pid, unit, container } = sighting
    const isNamedNear = (sharing: readonly KnownKill[] | undefined): boolean =>
      sharing?.some((kill) => isNear(kill.placed, placed, NAMED_MS)) === true
    const samePid = pid === null ? undefined : byPid.get(pid)
    return (
      (samePid !== undefined && isWithoutZone(placed)) ||
      isNamedNear(samePid) ||
      (unit !== null && isNamedNear(byUnit.get(unit))) ||
      (container !== null &&
        isNamedNear(
          byContainer
            .get(containerKey(container))
            ?.filter(({ containers }) => containers.some((known) => isSameContainer(known, container))),
        )) ||
      [...bySort.values()].some(({ sort, moments }) => !contradicts(sort, sighting) && moments.hasNear(placed))
    )
  }
}

const file = <Key>(index: Map<Key, KnownKill[]>, key: Key, kill: KnownKill): void => {
  const filed = index.get(key)
  if (filed === undefined) index.set(key, [kill])
  else filed.push(kill)
}

/** A clock on the wall of nobody knows where (PHP-FPM's own log) cannot say no to a pid of this host in this window. */
const isWithoutZone = ({ time }: Placed): boolean => time.atMs === null && time.atText !== null

/** What a killer names of the killed; `isOfContainer`: whoever waits for a container runs in a unit of its own. */
interface Sort {
  readonly hasPid: boolean
  readonly hasUnit: boolean
  readonly hasContainer: boolean
  readonly isOfContainer: boolean
}

const sortOf = (kill: KnownKill): Sort => ({
  hasPid: kill.pids.length > 0,
  hasUnit: kill.units.length > 0,
  hasContainer: kill.containers.length > 0,
  isOfContainer: kill.units.some((unit) => cgroupOwner(`/${unit}`).kind === 'container'),
})

/** Both name the same sort of thing, and nothing they share was found: the names differ. */
const contradicts = (sort: Sort, sighting: Sighting): boolean =>
  (sighting.pid !== null && sort.hasPid) ||
  (sighting.unit !== null && sort.hasUnit && !(sighting.isRelayed === true && sort.isOfContainer)) ||
  (sighting.container !== null && sort.hasContainer)
