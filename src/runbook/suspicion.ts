import type { Evidence } from '../domain/evidence.ts'
import type { Suspect } from '../domain/run.ts'
import { parseCgroupPath, parseUnitName } from '../domain/unitName.ts'

/** Each suspect costs about eight steps; a host with more of them is short of memory as a whole. */
const SUSPECTS_PER_RUN = 5

/**
 * The units to look at more closely: the one a person named first, then those the readings point at. Names come from the
 * host, so each is checked before it becomes a value or a path.
 */
export const chooseSuspects = (
  named: string | undefined,
  found: readonly Suspect[],
  evidence: readonly Evidence[],
): Suspect[] => {
  const wanted: Suspect[] =
    named === undefined || named === '' ? [] : [{ unit: named, cgroup: null, reason: 'named by the person who asked' }]
  const byUnit = new Map<string, Suspect>()
  for (const suspect of [...wanted, ...found]) {
    if (parseUnitName(suspect.unit) !== suspect.unit) continue
    const known = byUnit.get(suspect.unit)
    const cgroup = known?.cgroup ?? safeCgroup(suspect.cgroup) ?? cgroupOf(suspect.unit, evidence)
    byUnit.set(suspect.unit, { unit: suspect.unit, cgroup, reason: known?.reason ?? suspect.reason })
  }
  return [...byUnit.values()].slice(0, SUSPECTS_PER_RUN)
}

const safeCgroup = (cgroup: string | null): string | null =>
  cgroup === null ? null : (parseCgroupPath(cgroup) ?? null)

/** What systemd printed as the unit's control group, when it was asked already. */
const cgroupOf = (unit: string, evidence: readonly Evidence[]): string | null => {
  const shown = evidence.filter((one) => one.subject === unit).map((one) => one.result.stdout)
  for (const text of shown.toReversed()) {
    const cgroup = /^ControlGroup=(\/[^\n]{1,512})$/m.exec(text)?.[1]
    if (cgroup !== undefined) return safeCgroup(cgroup)
  }
  return null
}
