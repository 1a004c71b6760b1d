import type { Host } from '../domain/host.ts'
import { findRunbook, type Library } from '../runbook/library.ts'
import { checkParameters } from '../runbook/parameters.ts'
import type { Runbook } from '../runbook/runbook.ts'
import type { Inventory } from './inventory/inventory.ts'

export type { Library, Runbook }

/** A run that may be started: everything a person typed was looked up and checked. */
export interface PreparedRun {
  readonly host: Host
  readonly runbook: Runbook
  /** As given, in canonical form; defaults are filled in when the run starts. */
  readonly parameters: Readonly<Record<string, string>>
}

/** Looks up names and checks parameters; the first mistake is a UsageError. No host is asked anything. */
export const prepareRun = (
  known: { readonly inventory: Inventory; readonly library: Library; readonly nowMs: number },
  typed: { readonly host: string; readonly runbook: string; readonly parameters: Readonly<Record<string, string>> },
): PreparedRun => {
  const runbook = findRunbook(known.library, typed.runbook)
  const host = known.inventory.find(typed.host)
  const { values } = checkParameters(runbook, typed.parameters, known.nowMs)
  const parameters = Object.fromEntries(
    Object.entries(values).filter(([name]) => Object.hasOwn(typed.parameters, name)),
  )
  return { host, runbook, parameters }
}
