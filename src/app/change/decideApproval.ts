import type { Approval } from '../../domain/approval.ts'
import type { Host } from '../../domain/host.ts'
import { hashOf } from '../hash.ts'
import { hold, type Hold } from '../holder.ts'
import { audit, changeKey, type ApprovalTools } from './approvalTools.ts'
import { expire } from './expireApprovals.ts'

export type DecisionOutcome =
  /** `held` keeps other changes away from the host until it is disposed; null for a change that was denied. */
  | { readonly status: 'decided'; readonly approval: Approval; readonly bySelf: boolean; readonly held: Hold | null }
  | { readonly status: 'refused'; readonly reason: string; readonly approval: Approval | null }

/**
 * One decision, by the person who clicked, now. The last step is one conditional update, so that of two people who
 * click at once exactly one decides. An approval takes the host first: while another change is under way there it stays
 * open.
 */
export const decideApproval = async (
  tools: ApprovalTools,
  id: string,
  by: {
    readonly user: string
    readonly host: Host | null
    readonly place: string
    readonly runbookHash: string | null
  },
  decision: 'approved' | 'denied',
): Promise<DecisionOutcome> => {
  const approval = await tools.store.findApproval(id)
  if (approval === undefined) return refused('this request is not known any more', null)
  const over = await overOf(tools, approval)
  if (over !== null) return refused(over.reason, over.approval)
  if (by.place !== approval.place) return refused('it was asked in another channel', approval)
  if (by.host === null) return refused(`host ${approval.plan.host} is not in the inventory any more`, approval)
  const withdraws = decision === 'denied' && by.user === approval.plan.requestedBy
  if (!withdraws) {
    const allowed = await tools.policy.decide(
      { user: by.user, verb: 'approve', host: by.host, place: by.place },
      { fresh: true },
    )
    if (!allowed.allowed) return refused(allowed.reason, approval)
  }
  const bySelf = decision === 'approved' && by.user === approval.plan.requestedBy
  if (bySelf && !tools.selfApprove) return refused('who asks for a change cannot approve it', approval)
  if (hashOf(approval.plan) !== approval.planHash)
    return refused('the stored plan is not the one that was shown', approval)
  if (decision === 'approved' && by.runbookHash !== approval.plan.runbookHash) {
    return refused('the runbook has changed since it was shown: ask again', approval)
  }
  const held = decision === 'approved' ? await hold(tools.store, changeKey(approval.plan.host), tools.now) : null
  if (held === undefined) return refused(await whyBusy(tools, id, approval), approval)
  try {
    const changes = { state: decision, decidedBy: by.user, decidedAtMs: tools.now() }
    if (!(await tools.store.changeApproval(id, { state: 'pending' }, changes))) {
      const now = await tools.store.findApproval(id)
      await held?.[Symbol.asyncDispose]()
      return refused(stateWords(now ?? approval), now ?? approval)
    }
    const decided: Approval = { ...approval, ...changes }
    const self = bySelf ? { selfApproved: 'true' } : {}
    await audit(tools, decided, by.user, decision === 'approved' ? 'approve' : 'deny', self)
    return { status: 'decided', approval: decided, bySelf, held }
  } catch (error) {
    await held?.[Symbol.asyncDispose]()
    throw error
  }
}

/** Two people who approve the same change at once: the second hears who was quicker, not that the host is busy. */
const whyBusy = async (tools: ApprovalTools, id: string, approval: Approval): Promise<string> => {
  const now = (await tools.store.findApproval(id)) ?? approval
  if (now.state !== 'pending') return stateWords(now)
  return `another change is under way on ${approval.plan.host}, and one is made at a time: approve this when it has ended`
}

const overOf = async (
  tools: ApprovalTools,
  approval: Approval,
): Promise<{ readonly reason: string; readonly approval: Approval } | null> => {
  if (approval.state !== 'pending') return { reason: stateWords(approval), approval }
  if (tools.now() < approval.plan.expiresAtMs) return null
  await expire(tools, approval)
  const current = (await tools.store.findApproval(approval.id)) ?? approval
  return { reason: stateWords(current), approval: current }
}

const stateWords = (approval: Approval): string => {
  if (approval.state === 'approved') return `already approved by ${approval.decidedBy ?? 'somebody'}`
  if (approval.state === 'denied') return `already denied by ${approval.decidedBy ?? 'somebody'}`
  if (approval.state === 'superseded') return 'a newer request for this host took its place'
  if (approval.state === 'expired') return 'it has expired: ask again'
  return 'it is still open'
}

const refused = (reason: string, approval: Approval | null): DecisionOutcome => ({
  status: 'refused',
  reason,
  approval,
})
