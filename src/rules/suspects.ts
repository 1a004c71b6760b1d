import type { Claim } from '../domain/finding.ts'
import { KINDS } from '../domain/kind.ts'
import type { Suspect } from '../domain/run.ts'
import { cgroupEventsParser } from '../parsers/cgroupEvents.ts'
import { cgroupValueParser } from '../parsers/cgroupValue.ts'
import type { FactView } from '../parsers/facts.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import { meminfoParser } from '../parsers/meminfo.ts'
import { systemctlFailedParser } from '../parsers/systemctlFailed.ts'
import { systemctlShowParser } from '../parsers/systemctlShow.ts'
import { isUnitName, unitOfCgroup } from '../parsers/unitOfCgroup.ts'
import { amount } from './amount.ts'
import { cgroupReadings } from './cgroupReadings.ts'
import { RULES } from './registry.ts'
import type { Rule } from './rule.ts'
import { isKill } from './subject.ts'
import { BIG_CGROUP_SHARE, MAX_SUSPECTS } from './thresholds.ts'

/** Units worth a closer look, the most telling first. `unit` is the one a person named. */
export const findSuspects = (
  facts: FactView,
  unit: string | null = null,
  rules: readonly Rule[] = RULES,
): readonly Suspect[] => {
  const found = new Suspicion()
  if (unit !== null) found.add(unit, 'named by the person who asked')
  const claims = claimsOf(facts, rules).toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind))
  for (const claim of claims.filter(isKill)) {
    for (const victim of claim.victims)
      found.add(victim.unit, `a process of it was killed (${claim.kind})`, claim.cgroup)
    found.add(claim.unit, `a process of it was killed (${claim.kind})`, claim.cgroup)
    found.add(claim.culprit?.unit ?? null, `it used the memory when others were killed (${claim.kind})`)
    if (claim.cgroup !== null) found.add(unitOfCgroup(claim.cgroup), 'its limit was reached', claim.cgroup)
  }
  for (const reading of cgroupReadings(facts, cgroupEventsParser)) {
    const count = reading.facts.oomKillCount ?? 0
    if (count > 0) found.add(unitOfCgroup(reading.cgroup), `its cgroup counts ${count} kills`, reading.cgroup)
  }
  for (const claim of claims)
    if (!isKill(claim))
      for (const named of [claim.culprit?.unit ?? null, claim.unit])
        found.add(named, `${claim.kind}: ${claim.summary.slice(0, 120)}`, claim.cgroup)
  for (const failed of facts.all(systemctlFailedParser).at(-1)?.facts.units ?? [])
    found.add(failed.unit, 'it is in the failed state')
  for (const { unit: ended, reason } of badEndings(facts)) found.add(ended, reason)
  for (const big of bigCgroups(facts))
    found.add(unitOfCgroup(big.cgroup), `it uses ${amount(big.bytes)}, among the most on this host`, big.cgroup)
  return found.list(cgroupsByUnit(facts))
}

/** Units that systemd had to start again, or whose process ended badly: one such end is no finding, but its log may be. */
const badEndings = (facts: FactView): readonly { unit: string | null; reason: string }[] => [
  ...facts.all(logParser).flatMap(({ facts: log }) =>
    eventsOf(log, 'unit-exit')
      .filter((exit) => exit.code !== 'exited' || exit.status !== 0)
      .map((exit) => ({
        unit: exit.unit,
        reason: `its ${exit.process} process ended by ${exit.signal ?? `status ${exit.status}`}`,
      })),
  ),
  ...facts.all(systemctlShowParser).flatMap(({ facts: shown }) =>
    shown.units
      .filter((state) => (state.restartCount ?? 0) > 0 || !['success', null].includes(state.result))
      .map((state) => ({
        unit: state.id,
        reason: `systemd restarted it ${state.restartCount ?? 0} times, result ${state.result}`,
      })),
  ),
]

/** A rule that fails has told the diagnosis; here it names nobody. */
const claimsOf = (facts: FactView, rules: readonly Rule[]): readonly Claim[] =>
  rules.flatMap((rule) => {
    if (rule.needs.some((parser) => facts.all(parser).length === 0)) return []
    try {
      return rule.check(facts)
    } catch {
      return []
    }
  })

class Suspicion {
  readonly #byUnit = new Map<string, { reason: string; cgroup: string | null }>()

  /** Keeps the first reason: callers go from the strongest to the weakest. Names that are no unit's are dropped. */
  add(unit: string | null, reason: string, cgroup: string | null = null): void {
    if (unit === null || !isUnitName(unit) || !/\.(?:service|scope)$/.test(unit) || unit === 'init.scope') return
    // A limit owner may be the parent: only a path that ends in the unit is its own.
    const own = cgroup?.endsWith(`/${unit}`) === true ? cgroup : null
    const known = this.#byUnit.get(unit)
    this.#byUnit.set(unit, { reason: known?.reason ?? reason, cgroup: known?.cgroup ?? own })
  }

  list(cgroups: ReadonlyMap<string, string>): readonly Suspect[] {
    return [...this.#byUnit]
      .slice(0, MAX_SUSPECTS)
      .map(([unit, { reason, cgroup }]) => ({ unit, cgroup: cgroups.get(unit) ?? cgroup, reason }))
  }
}

/** Where each unit runs now, as systemd or the tree of cgroups says. */
const cgroupsByUnit = (facts: FactView): ReadonlyMap<string, string> => {
  const cgroups = new Map<string, string>()
  for (const reading of [...cgroupReadings(facts, cgroupEventsParser), ...cgroupReadings(facts, cgroupValueParser)]) {
    const unit = unitOfCgroup(reading.cgroup)
    if (unit !== null && reading.cgroup.endsWith(`/${unit}`)) cgroups.set(unit, reading.cgroup)
  }
  for (const shown of facts.all(systemctlShowParser)) {
    for (const state of shown.facts.units) {
      const unit = state.id ?? shown.subject
      if (unit !== null && state.controlGroup !== null) cgroups.set(unit, state.controlGroup)
    }
  }
  return cgroups
}

/** Cgroups with a large share of RAM, the largest first. */
const bigCgroups = (facts: FactView): readonly { cgroup: string; bytes: number }[] => {
  const total = facts.latest(meminfoParser, null)?.facts.totalBytes
  if (total === undefined) return []
  const latest = new Map<string, number>()
  for (const reading of cgroupReadings(facts, cgroupValueParser)) {
    if (!/^memory\.(?:current|usage_in_bytes)$/.test(reading.file) || typeof reading.facts.value !== 'number') continue
    if (unitOfCgroup(reading.cgroup) !== null) latest.set(reading.cgroup, reading.facts.value)
  }
  for (const shown of facts.all(systemctlShowParser)) {
    for (const { controlGroup, memoryCurrentBytes } of shown.facts.units) {
      if (controlGroup !== null && memoryCurrentBytes !== null && unitOfCgroup(controlGroup) !== null) {
        latest.set(controlGroup, memoryCurrentBytes)
      }
    }
  }
  return [...latest]
    .map(([cgroup, bytes]) => ({ cgroup, bytes }))
    .filter(({ bytes }) => bytes >= BIG_CGROUP_SHARE * total)
    .toSorted((a, b) => b.bytes - a.bytes || (a.cgroup < b.cgroup ? -1 : 1))
}
