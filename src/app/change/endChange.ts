import type { Approval } from '../../domain/approval.ts'
import { hold } from '../holder.ts'
import { audit, changeKey, type ApprovalTools } from './approvalTools.ts'
import { notDone, unknownEnd } from './changeOutcome.ts'

/** Approvals looked through for what a process left behind; older ones were closed long ago. */
const MOST = 200

/** Writes down what came of an approved change; the record first, so that no result is ever without it. */
export const recordResult = async (
  tools: ApprovalTools,
  approval: Approval,
  result: string,
  actor: string = approval.decidedBy ?? 'medic',
): Promise<Approval> => {
  const ended: Approval = { ...approval, result }
  await audit(tools, ended, actor, actor === 'medic' ? 'close' : 'carried-out', { result })
  await tools.store.changeApproval(approval.id, { state: 'approved' }, { result })
  return ended
}

/**
 * Approved changes whose process is gone: one that never began is not begun later, one that did is not done again. They
 * are closed, each by one process, and returned.
 */
export const closeLeftChanges = async (tools: ApprovalTools): Promise<readonly Approval[]> => {
  const closed: Approval[] = []
  for (const { id, result, plan } of await tools.store.listApprovals({ state: 'approved', limit: MOST })) {
    if (result !== null) continue
    await using held = await hold(tools.store, changeKey(plan.host), tools.now)
    const approval = held === undefined ? undefined : await tools.store.findApproval(id)
    if (approval === undefined || approval.result !== null) continue
    closed.push(await recordResult(tools, approval, leftWords(approval), 'medic'))
  }
  return closed
}

const leftWords = ({ begunAtMs }: Approval): string =>
  begunAtMs === null
    ? notDone('Medic ended after it was approved and before it began')
    : unknownEnd('Medic ended in the middle of it')
