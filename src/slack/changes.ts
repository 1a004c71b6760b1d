import { randomUUID } from 'node:crypto'
import { decideApproval, expireApprovals, proposeChange, recordResult } from '../app/approvals.ts'
import type { PreparedRun } from '../app/prepareRun.ts'
import type { Approval } from '../domain/approval.ts'
import type { Host } from '../domain/host.ts'
import type { RunRequest } from '../domain/runRequest.ts'
import { exitedWell } from './outcomes.ts'
import { approvalMessage } from './blocks/approval.ts'
import { notice, ownNotice } from './blocks/notices.ts'
import { mention } from './blocks/text.ts'
import type { Actor, Desk } from './desk.ts'
import { record } from './desk.ts'
import { placeOf, placeText } from './place.ts'

/** Shows a change with its exact text and waits for a named human. */
export const askForChange = async (
  desk: Desk,
  wish: { readonly prepared: PreparedRun; readonly actor: Actor; readonly threadTs: string | null },
): Promise<void> => {
  const { prepared, actor, threadTs } = wish
  if (desk.approvals === null) {
    await actor.answer(notice('The store is not there, so no change can be recorded, and none is made.'))
    return
  }
  const messageId = randomUUID()
  const place = { channel: actor.channel, threadTs }
  const { approval, superseded } = await proposeChange(desk.approvals, {
    ...prepared,
    requestedBy: actor.user,
    place: placeText(place),
    messageId,
  })
  const { settled } = await desk.outbox.post({
    id: messageId,
    threadId: null,
    threadTs,
    channel: actor.channel,
    draft: approvalMessage({ approval, approvers: approversOf(desk, prepared.host) }),
    priority: 1,
  })
  if (superseded !== undefined) await showApproval(desk, superseded)
  const result = await Promise.race([
    settled,
    new Promise<null>((resolve) => void setTimeout(() => resolve(null), 1_500).unref()),
  ])
  if (result?.status === 'refused') {
    await actor.answer(ownNotice('I am not in this channel. Invite me with `/invite @medic`, then ask again.'))
  }
}

/** Approve or deny, by the person who clicked, now. */
export const decideChange = async (
  desk: Desk,
  approvalId: string,
  actor: Actor,
  decision: 'approved' | 'denied',
): Promise<void> => {
  const tools = desk.approvals
  if (tools === null) {
    await actor.answer(notice('The store is not there: nothing can be decided now.'))
    return
  }
  const known = await tools.store.findApproval(approvalId)
  const host = known === undefined ? null : hostOf(desk, known.plan.host)
  const runbook = desk.library.runbooks.find((one) => one.id === known?.plan.runbook)
  const place = known !== undefined && placeOf(known.place).channel === actor.channel ? known.place : actor.channel
  const outcome = await decideApproval(
    tools,
    approvalId,
    { user: actor.user, host, place, runbookHash: runbook?.hash ?? null },
    decision,
  )
  if (outcome.status === 'refused') {
    await record(desk, {
      actor: actor.user,
      verb: 'refused',
      subject: approvalId,
      detail: { asked: decision, reason: outcome.reason, place: actor.channel },
    })
    const may = host === null ? '' : ` May decide: ${approversOf(desk, host)}.`
    const said = outcome.reason.replaceAll(/\b[UW][A-Z0-9]{5,30}\b/g, (id) => mention(id))
    await actor.answer(ownNotice(`⛔ Not ${decision}: ${said}.${may}`))
    if (outcome.approval !== null && outcome.approval.state !== 'pending') await showApproval(desk, approvalId)
    return
  }
  await showApproval(desk, approvalId)
  if (decision === 'approved' && host !== null && runbook !== undefined) {
    await carryOut(desk, outcome.approval, { host, runbook, parameters: outcome.approval.plan.parameters })
  }
}

/** Does an approved change, once, and writes what came of it into the message that asked. */
const carryOut = async (desk: Desk, approval: Approval, prepared: PreparedRun): Promise<void> => {
  const tools = desk.approvals
  if (tools === null) return
  const request: RunRequest = {
    id: randomUUID(),
    runbook: approval.plan.runbook,
    host: approval.plan.host,
    parameters: approval.plan.parameters,
    requestedBy: approval.plan.requestedBy,
    place: approval.place,
    threadId: approval.messageId,
    headId: approval.messageId,
    state: 'active',
    owner: desk.owner,
    heartbeatAtMs: desk.now(),
    createdAtMs: desk.now(),
    endedAtMs: null,
    runId: null,
    incidentId: null,
    verdict: null,
  }
  const busy = await desk.runs.open(request)
  if (busy !== undefined) {
    await recordResult(tools, approval, 'not done: another run of this runbook is at work on this host')
    await showApproval(desk, approval.id)
    return
  }
  const ending = await desk.runs.carryOut(
    request,
    { ...prepared, requestedBy: `${approval.decidedBy ?? 'somebody'} (approved ${approval.id})` },
    () => {},
  )
  const result =
    'result' in ending
      ? exitedWell(
          ending.result.analysis.evidence,
          approval.plan.steps.map((step) => step.name),
        )
      : `failed: ${ending.error instanceof Error ? ending.error.message : 'unknown'}`
  await recordResult(tools, approval, result)
  await desk.runs.finish(request.id, { state: 'result' in ending ? 'done' : 'failed', verdict: result.slice(0, 200) })
  await showApproval(desk, approval.id)
}

/** Brings the message that asked to what is true now. */
export const showApproval = async (desk: Desk, approvalId: string): Promise<void> => {
  const approval = await desk.approvals?.store.findApproval(approvalId)
  if (approval === undefined) return
  const host = hostOf(desk, approval.plan.host)
  const approvers = host === null ? 'nobody' : approversOf(desk, host)
  await desk.outbox.edit(approval.messageId, approvalMessage({ approval, approvers }), { final: true })
}

/** Closes what nobody decided in time. */
export const closeExpired = async (desk: Desk): Promise<void> => {
  if (desk.approvals === null) return
  for (const approval of await expireApprovals(desk.approvals)) await showApproval(desk, approval.id)
}

const hostOf = (desk: Desk, name: string): Host | null => {
  try {
    return desk.inventory.find(name)
  } catch {
    return null
  }
}

export const approversOf = (desk: Desk, host: Host): string => {
  const { users, usergroups } = desk.policy.allowedFor('approve', host)
  const all = [...users.map((user) => mention(user)), ...usergroups.map((group) => `<!subteam^${group}>`)]
  return all.length === 0 ? 'nobody yet: `policy` in medic.yaml names approvers' : all.slice(0, 10).join(', ')
}
