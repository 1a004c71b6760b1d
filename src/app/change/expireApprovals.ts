import type { Approval } from '../../domain/approval.ts'
import { audit, type ApprovalTools } from './approvalTools.ts'

/** Approvals looked through at once; what is left over waits for the next look. Arbitrary. */
const MOST = 200

/** Marks those whose time is over, and returns them. */
export const expireApprovals = async (tools: ApprovalTools): Promise<readonly Approval[]> => {
  const expired: Approval[] = []
  for (const approval of await tools.store.listApprovals({ state: 'pending', limit: MOST })) {
    if (tools.now() < approval.plan.expiresAtMs) continue
    if (await expire(tools, approval)) expired.push((await tools.store.findApproval(approval.id)) ?? approval)
  }
  return expired
}

/** True for the process that marks it. */
export const expire = async (tools: ApprovalTools, approval: Approval): Promise<boolean> => {
  const changes = { state: 'expired' as const, decidedAtMs: tools.now() }
  if (!(await tools.store.changeApproval(approval.id, { state: 'pending' }, changes))) return false
  await audit(tools, { ...approval, ...changes }, 'medic', 'expire')
  return true
}
