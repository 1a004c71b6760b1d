import type { Evidence } from '../domain/evidence.ts'
import type { Runbook } from './runbook.ts'
import type { Task } from './task.ts'

/** Whether a task changes something on the host. */
export const changes = ({ step }: Pick<Task, 'step'>): boolean => step.risk !== 'read'

/** Tasks that may be under way together, in order: a change is alone, what only reads goes with its neighbours. */
export const wavesOf = <One extends Pick<Task, 'step'>>(tasks: readonly One[]): readonly (readonly One[])[] => {
  const waves: One[][] = []
  for (const task of tasks) {
    const wave = waves.at(-1)
    if (wave === undefined || changes(task) || wave.some(changes)) waves.push([task])
    else wave.push(task)
  }
  return waves
}

/** The first change that did not end with 0, by name. What comes after it was written for a host where it had worked. */
export const failedChange = (runbook: Runbook, evidence: readonly Evidence[]): string | null => {
  const steps = runbook.phases.flatMap((phase) => phase.steps)
  const names = new Set(steps.filter(({ risk }) => risk !== 'read').map(({ name }) => name))
  const bad = evidence.find(
    ({ step, result }) => names.has(step) && !(result.outcome === 'exited' && result.exitCode === 0),
  )
  return bad?.step ?? null
}
