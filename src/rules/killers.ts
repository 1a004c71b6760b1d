import { cgroupOwner } from '../parsers/cgroupOwner.ts'
import type { FactView } from '../parsers/facts.ts'
import type { EventOf, LogEvent } from '../parsers/log/events.ts'
import { logParser } from '../parsers/log/log.ts'
import { unitOfCgroup } from '../parsers/unitOfCgroup.ts'
import { isNear, type Placed } from './nearness.ts'

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

/** Kills in order of place, so that a question looks at few of them. */
export const explainsSighting = (kills: readonly KnownKill[], sighting: Sighting): boolean =>
  kills.some((kill) => {
    if (sighting.pid !== null && kill.pids.includes(sighting.pid))
      return isWithoutZone(sighting.placed) || isNear(kill.placed, sighting.placed, NAMED_MS)
    if (sighting.unit !== null && kill.units.includes(sighting.unit))
      return isNear(kill.placed, sighting.placed, NAMED_MS)
    if (sighting.container !== null && sharesContainer(kill.containers, sighting.container)) {
      return isNear(kill.placed, sighting.placed, NAMED_MS)
    }
    return !contradicts(kill, sighting) && isNear(kill.placed, sighting.placed, UNNAMED_MS)
  })

/** A clock on the wall of nobody knows where (PHP-FPM's own log) cannot say no to a pid of this host in this window. */
const isWithoutZone = ({ time }: Placed): boolean => time.atMs === null && time.atText !== null

const sharesContainer = (containers: readonly string[], container: string): boolean =>
  containers.some((known) => known.startsWith(container) || container.startsWith(known))

/** Whoever waits for a container runs in a unit of its own. */
const isOfContainer = (kill: KnownKill): boolean =>
  kill.units.some((unit) => cgroupOwner(`/${unit}`).kind === 'container')

/** Both name the same sort of thing and the names differ. */
const contradicts = (kill: KnownKill, sighting: Sighting): boolean =>
  (sighting.pid !== null && kill.pids.length > 0) ||
  (sighting.unit !== null && kill.units.length > 0 && !(sighting.isRelayed === true && isOfContainer(kill))) ||
  (sighting.container !== null && kill.containers.length > 0)
