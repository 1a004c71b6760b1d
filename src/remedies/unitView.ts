import { cgroupFileOf } from '../parsers/cgroupPath.ts'
import { cgroupMemoryStatParser, type CgroupMemoryStatFacts } from '../parsers/cgroupMemoryStat.ts'
import { cgroupValueParser } from '../parsers/cgroupValue.ts'
import type { FactView } from '../parsers/facts.ts'
import type { LimitValue } from '../parsers/limitValue.ts'
import { systemctlCatParser, type UnitAssignment, type UnitFile } from '../parsers/systemctlCat.ts'
import { systemctlShowParser, type UnitState } from '../parsers/systemctlShow.ts'

/** One assignment and the file it stands in. */
export interface Written extends UnitAssignment {
  readonly path: string
}

/** What remedies need to know about one unit. */
export interface UnitView {
  readonly unit: string
  readonly state: UnitState | null
  /** In the order in which they apply; empty when they were not read. */
  readonly files: readonly UnitFile[]
  readonly cgroup: string | null
  readonly stat: CgroupMemoryStatFacts | null
  /** The number in a file of the unit's cgroup, null when it was not read. */
  cgroupValue(file: string): LimitValue
  /** Every assignment of a key, in order; the last one in the right section wins. */
  written(key: string): readonly Written[]
}

export const unitView = (unit: string, facts: FactView): UnitView => {
  const state =
    facts
      .all(systemctlShowParser)
      .toReversed()
      .flatMap((item) =>
        item.facts.units.filter((one) => one.id === unit || (one.id === null && item.subject === unit)),
      )[0] ?? null
  const files = facts.latest(systemctlCatParser, unit)?.facts.files ?? []
  const cgroup = state?.controlGroup ?? null
  const belongs = (item: { readonly subject: string | null; readonly command: string }): boolean =>
    item.subject === unit || (cgroup !== null && cgroupFileOf(item.command)?.cgroup === cgroup)
  return {
    unit,
    state,
    files,
    cgroup,
    stat: facts.all(cgroupMemoryStatParser).findLast(belongs)?.facts ?? null,
    cgroupValue: (file) =>
      facts.all(cgroupValueParser).findLast((item) => belongs(item) && cgroupFileOf(item.command)?.file === file)?.facts
        .value ?? null,
    written: (key) =>
      files.flatMap((one) =>
        one.assignments
          .filter((assignment) => assignment.key === key)
          .map((assignment) => ({ ...assignment, path: one.path })),
      ),
  }
}

/** The limit in force on the unit itself: the cgroup file first, systemd's word second. Null: not read. */
export const limitInForce = (view: UnitView): LimitValue =>
  view.cgroupValue('memory.max') ?? view.cgroupValue('memory.limit_in_bytes') ?? view.state?.memoryMaxBytes ?? null
