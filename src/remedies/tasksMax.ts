import { cgroupFileOf } from '../parsers/cgroupPath.ts'
import { pidsEventsParser } from '../parsers/pidsEvents.ts'
import type { FactView } from '../parsers/facts.ts'
import { advice, dropInRemedy, versionCheck } from './dropIn.ts'
import { precedenceCheck } from './harmChecks.ts'
import { hostView } from './hostView.ts'
import { isCauseKnown } from './openShell.ts'
import type { RemedyMaker } from './remedy.ts'
import { whyProtected } from './target.ts'
import { unitView, type UnitView } from './unitView.ts'

/** pid_max when nobody raised it; a unit may take at most half (oom.md 4.4). */
const PID_MAX = 32_768

/** More tasks, only where the evidence says that this unit's TasksMax refused one. */
export const tasksMaxMaker: RemedyMaker = {
  id: 'tasks-max',
  answers: ['cannot-fork', 'jvm-native-thread'],
  propose: (finding, facts) => {
    const { unit } = finding
    if (isCauseKnown(finding)) return []
    if (unit === null || !unit.endsWith('.service')) return [order(unit)]
    const view = unitView(unit, facts)
    const limit = view.state?.tasksMaxCount ?? view.cgroupValue('pids.max')
    const peak = view.cgroupValue('pids.peak') ?? view.state?.tasksCurrentCount ?? view.cgroupValue('pids.current')
    const refused = refusedCount(view, facts)
    if (typeof limit !== 'number' || refused === 0) return [order(unit)]
    if (typeof peak !== 'number')
      return [
        advice({
          id: 'tasks-max',
          title: `Count the tasks of ${unit} before raising TasksMax`,
          because: `TasksMax=${limit} was met; how many tasks it has is not known.`,
        }),
      ]
    const wanted = Math.min(2 * Math.max(peak, limit), PID_MAX / 2)
    const protectedBecause = whyProtected(unit, view.state?.delegate ?? null)
    return [
      dropInRemedy({
        id: 'tasks-max',
        title: `Raise TasksMax of ${unit} from ${limit} to ${wanted}`,
        unit,
        topic: 'tasks',
        settings: [
          {
            key: 'TasksMax',
            value: String(wanted),
            because: `twice the ${Math.max(peak, limit)} tasks seen, at most half of the smallest pid_max`,
          },
        ],
        because: `${unit} was refused a new task ${refused === null ? '' : `${refused} times `}at TasksMax=${limit}. Threads count as tasks. Memory was not short.`,
        checks: [
          {
            check: 'the unit may be changed',
            holds: protectedBecause === null,
            detail: protectedBecause ?? `${unit} is neither a way in nor an engine that runs others`,
          },
          { check: 'it is higher than before', holds: wanted > limit, detail: `${wanted} against ${limit}` },
          {
            check: 'the refusal is in the evidence',
            holds: refused !== null,
            detail: refused === null ? 'pids.events was not read' : `pids.events max ${refused}`,
          },
          versionCheck(['TasksMax'], hostView(facts).systemdVersion),
          precedenceCheck(view, 'tasks', ['TasksMax']),
        ],
        warnings: ['A loop that forks without end only takes longer: look for hundreds of rows with one name first.'],
        confidence: finding.confidence === 'certain' ? 'medium' : 'low',
        cgroupFiles: [],
      }),
    ]
  },
}

const refusedCount = (view: UnitView, facts: FactView): number | null => {
  const own = facts
    .all(pidsEventsParser)
    .findLast(
      (item) =>
        item.subject === view.unit || (view.cgroup !== null && cgroupFileOf(item.command)?.cgroup === view.cgroup),
    )
  return own?.facts.maxCount ?? null
}

const order = (unit: string | null) =>
  advice({
    id: 'tasks-max',
    title: `Find which limit refused the new task${unit === null ? '' : ` of ${unit}`}`,
    because:
      "In this order: the group's pids.events, TasksMax, ulimit -u, kernel.pid_max, kernel.threads-max. EAGAIN is a limit on tasks, not a lack of memory.",
  })
