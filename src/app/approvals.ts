import type { Approval, ChangePlan } from '../domain/approval.ts'
import type { Host } from '../domain/host.ts'
import type { Runbook } from '../runbook/runbook.ts'
import type { Store } from '../store/store.ts'
import { hashOf } from './hash.ts'
import type { Policy } from './policy.ts'

/** Long enough to read, short enough that the host is still the one that was looked at (reference, section 8). */
export const APPROVAL_LIFE_MS = 15 * 60_000

export interface ApprovalTools {
  readonly store: Store
  readonly policy: Policy
  /** The requester may decide alone; the record says so. */
  readonly selfApprove: boolean
  readonly now: () => number
  readonly newId: () => string
}

export interface PlanInput {
  readonly host: Host
  readonly runbook: Runbook
  readonly parameters: Readonly<Record<string, string>>
  readonly requestedBy: string
  readonly place: string
  readonly messageId: string
}

export type DecisionOutcome =
  | { readonly status: 'decided'; readonly approval: Approval; readonly bySelf: boolean }
  | { readonly status: 'refused'; readonly reason: string; readonly approval: Approval | null }

/** Steps that change something, in order. */
export const changesOf = (runbook: Runbook): ChangePlan['steps'] =>
  runbook.phases.flatMap((phase) =>
    phase.steps.filter((step) => step.risk !== 'read').map(({ name, body, undo }) => ({ name, body, undo })),
  )

/** Asks for a change: the plan holds the exact text, so that what was shown is what is done. */
export const proposeChange = async (
  tools: ApprovalTools,
  input: PlanInput,
): Promise<{ readonly approval: Approval; readonly superseded: string | undefined }> => {
  const nowMs = tools.now()
  const isDanger = input.runbook.phases.some((phase) => phase.steps.some((step) => step.risk === 'danger'))
  const plan: ChangePlan = {
    id: tools.newId(),
    host: input.host.name,
    runbook: input.runbook.id,
    runbookHash: input.runbook.hash,
    parameters: input.parameters,
    risk: isDanger ? 'danger' : 'change',
    steps: changesOf(input.runbook),
    requestedBy: input.requestedBy,
    expiresAtMs: nowMs + APPROVAL_LIFE_MS,
  }
  const approval: Approval = {
    id: plan.id,
    plan,
    planHash: hashOf(plan),
    state: 'pending',
    place: input.place,
    messageId: input.messageId,
    createdAtMs: nowMs,
    decidedBy: null,
    decidedAtMs: null,
    result: null,
  }
  const superseded = await tools.store.createApproval(approval)
  await audit(tools, approval, input.requestedBy, 'ask')
  return { approval, superseded }
}

/**
 * One decision, by the person who clicked, now. The last step is one conditional update, so that of two people who
 * click at once exactly one decides.
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
  const changes = { state: decision, decidedBy: by.user, decidedAtMs: tools.now() }
  if (!(await tools.store.changeApproval(id, 'pending', changes))) {
    const now = await tools.store.findApproval(id)
    return refused(stateWords(now ?? approval), now ?? approval)
  }
  const decided: Approval = { ...approval, ...changes }
  await audit(tools, decided, by.user, decision === 'approved' ? 'approve' : 'deny', bySelf)
  return { status: 'decided', approval: decided, bySelf }
}

/** Writes down what came of an approved change; a change is carried out once. */
export const recordResult = async (tools: ApprovalTools, approval: Approval, result: string): Promise<Approval> => {
  await tools.store.changeApproval(approval.id, 'approved', { result })
  await tools.store.appendAudit({
    atMs: tools.now(),
    actor: approval.decidedBy ?? 'medic',
    verb: 'carried-out',
    subject: approval.id,
    detail: { host: approval.plan.host, planHash: approval.planHash, result },
  })
  return { ...approval, result }
}

/** Marks those whose time is over, and returns them. */
export const expireApprovals = async (tools: ApprovalTools): Promise<readonly Approval[]> => {
  const expired: Approval[] = []
  for (const approval of await tools.store.listApprovals({ state: 'pending', limit: 200 })) {
    if (tools.now() < approval.plan.expiresAtMs) continue
    const changes = { state: 'expired' as const, decidedAtMs: tools.now() }
    if (!(await tools.store.changeApproval(approval.id, 'pending', changes))) continue
    await audit(tools, { ...approval, ...changes }, 'medic', 'expire')
    expired.push({ ...approval, ...changes })
  }
  return expired
}

const overOf = async (
  tools: ApprovalTools,
  approval: Approval,
): Promise<{ readonly reason: string; readonly approval: Approval } | null> => {
  if (approval.state !== 'pending') return { reason: stateWords(approval), approval }
  if (tools.now() < approval.plan.expiresAtMs) return null
  const changes = { state: 'expired' as const, decidedAtMs: tools.now() }
  await tools.store.changeApproval(approval.id, 'pending', changes)
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

const audit = async (
  tools: ApprovalTools,
  approval: Approval,
  actor: string,
  verb: string,
  bySelf = false,
): Promise<void> => {
  await tools.store.appendAudit({
    atMs: tools.now(),
    actor,
    verb,
    subject: approval.id,
    detail: {
      host: approval.plan.host,
      runbook: approval.plan.runbook,
      planHash: approval.planHash,
      place: approval.place,
      state: approval.state,
      ...(bySelf ? { selfApproved: 'true' } : {}),
    },
  })
}
