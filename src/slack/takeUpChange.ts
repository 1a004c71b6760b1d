import { changesOf, recordResult } from '../app/approvals.ts'
import type { RunRequest } from '../domain/runRequest.ts'
import { showApproval } from './changes.ts'
import type { Desk } from './desk.ts'

const UNKNOWN =
  'unknown: Medic ended in the middle of it, so it may have been done in part. It is not done again: look at the host, then undo it or ask anew'

/** A change that its process left in the middle is never done again; false for a request that changes nothing. */
export const takeUpChange = async (desk: Desk, request: RunRequest): Promise<boolean> => {
  const approved = (await desk.approvals?.store.listApprovals({ state: 'approved', limit: 200 })) ?? []
  const approval = approved.find((one) => one.messageId === request.headId)
  const runbook = desk.library.runbooks.find((one) => one.id === request.runbook)
  const changes = runbook !== undefined && changesOf(runbook).length > 0
  if (approval === undefined && !changes) return false
  if (desk.approvals !== null && approval?.result === null) await recordResult(desk.approvals, approval, UNKNOWN)
  await desk.runs.finish(request.id, { state: 'interrupted', verdict: UNKNOWN.slice(0, 200) })
  if (request.runId !== null) {
    const error = 'the process that carried it out ended'
    await desk.store?.finishRun(request.runId, 'interrupted', desk.now(), { error })
  }
  if (approval !== undefined) await showApproval(desk, approval.id)
  return true
}
