import type { FactView } from '../parsers/facts.ts'
import { systemctlShowParser } from '../parsers/systemctlShow.ts'
import { nearest } from './inventory/inventory.ts'

/** When the host says that it has no such unit: names of near ones. Null when it has it, or did not say. */
export const missingUnit = (facts: FactView, unit: string): { readonly near: readonly string[] } | null => {
  const shown = facts.latest(systemctlShowParser, unit)?.facts.units[0]
  if (shown?.loadState !== 'not-found') return null
  const known = facts
    .all(systemctlShowParser)
    .filter((sourced) => sourced.subject === null)
    .flatMap((sourced) => sourced.facts.units.flatMap(({ id }) => (id === null ? [] : [id])))
  return { near: nearest(unit, known) }
}
