import type { ChangePlan } from '../../domain/approval.ts'
import { ExpectedError } from '../../domain/errors.ts'
import type { Runbook, RunbookStep } from '../../runbook/runbook.ts'

export const changesSomething = (runbook: Runbook): boolean => changingSteps(runbook).length > 0

const changingSteps = (runbook: Runbook): readonly RunbookStep[] =>
  runbook.phases.flatMap((phase) => phase.steps.filter((step) => step.risk !== 'read'))

/**
 * Steps that change something, in order. Throws ExpectedError for one that changes whatever the run will suspect: nobody
 * can approve the exact text of that beforehand.
 */
export const changesOf = (runbook: Runbook): ChangePlan['steps'] => {
  const steps = changingSteps(runbook)
  const open = steps.find((step) => step.each !== null)
  if (open !== undefined) {
    throw new ExpectedError(`step ${open.name} changes whatever the run suspects, which nobody can approve beforehand`)
  }
  return steps.map(({ name, body, undo }) => ({ name, body, undo }))
}
