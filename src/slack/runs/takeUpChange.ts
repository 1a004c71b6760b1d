import { changesSomething } from '../../app/change/changingSteps.ts'
import type { RunRequest } from '../../domain/runRequest.ts'
import { closeLeft } from './changes.ts'
import type { Desk } from '../desk.ts'

/** A change that its process left is never taken up, only closed; false for a request that changes nothing. */
export const takeUpChange = async (desk: Desk, request: RunRequest): Promise<boolean> => {
  const runbook = desk.library.runbooks.find((one) => one.id === request.runbook)
  const changes = runbook !== undefined && changesSomething(runbook)
  if (request.approval === undefined && !changes) return false
  await closeLeft(desk)
  const approval =
    request.approval === undefined ? undefined : await desk.approvals?.store.findApproval(request.approval)
  const verdict =
    approval?.result ?? 'Medic ended before this change did; the message that asked for it says what is known'
  await desk.runs.finish(request.id, { state: 'interrupted', verdict: verdict.slice(0, 200) })
  if (request.runId !== null) {
    const error = 'the process that carried it out ended'
    await desk.store?.finishRun(request.runId, 'interrupted', desk.now(), { error })
  }
  return true
}
