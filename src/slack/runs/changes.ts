import { randomUUID } from 'node:crypto'
import { decideApproval } from '../../app/change/decideApproval.ts'
import { closeLeftChanges } from '../../app/change/endChange.ts'
import { expireApprovals } from '../../app/change/expireApprovals.ts'
import { proposeChange } from '../../app/change/proposeChange.ts'
import { carryOutChange } from '../../app/change/carryOutChange.ts'
import type { PreparedRun } from '../../app/prepareRun.ts'
import type { Approval } from '../../domain/approval.ts'
import { ExpectedError } from '../../domain/errors.ts'
import type { Host } from '../../domain/host.ts'
import { approvalMessage, resultMessage } from '../blocks/approval.ts'
import { notice, ownNotice } from '../blocks/notices.ts'
import { code, mention } from '../blocks/text.ts'
import type { Actor, Desk } from '../desk.ts'
import { record } from '../desk.ts'
import { PRIORITY } from '../outbox/outbox.ts'
import { placeOf, placeText } from '../place.ts'

/** A host that takes longer to be read: the person who asked hears so. Our choice. */
const SAY_WAITING_AFTER_MS = 2_000

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
  const input = { ...prepared, requestedBy: actor.user, place: placeText(place), messageId }
  const waiting = setTimeout(() => {
    const words = 'is looked at first, so that what is shown is what is changed. The question follows.'
    void actor.answer(ownNotice(`⏳ ${code(prepared.host.name)} ${words}`)).catch(() => {})
  }, SAY_WAITING_AFTER_MS)
  const proposed = await proposeChange(desk.approvals, input)
    .catch((error: unknown) => {
      if (error instanceof ExpectedError) return error
      throw error
    })
    .finally(() => clearTimeout(waiting))
  if (proposed instanceof ExpectedError) {
    await actor.answer(notice(`Not asked: ${proposed.message}.`, proposed.hint))
    return
  }
  const { approval, superseded } = proposed
  const { settled } = await desk.outbox.post({
    id: messageId,
    threadId: null,
    threadTs,
    channel: actor.channel,
    draft: approvalMessage({ approval, approvers: approversOf(desk, prepared.host) }),
    priority: 1,
  })
  if (superseded !== undefined) await showById(desk, superseded)
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
    if (outcome.approval !== null && outcome.approval.state !== 'pending') await show(desk, outcome.approval)
    return
  }
  const { approval, held } = outcome
  await show(desk, approval)
  if (held === null || host === null || runbook === undefined) return
  await carryOutChange(
    {
      approvals: tools,
      runs: desk.runs,
      owner: desk.owner,
      takeUp: desk.takeUp,
      onBug: (error) => desk.log.error({ error, approval: approval.id }, 'a bug of ours in an approved change'),
    },
    {
      approval,
      prepared: { host, runbook, parameters: approval.plan.parameters },
      held,
      onEnd: (ended) => tell(desk, ended),
    },
  )
}

/** Brings the message that asked to what is true now. */
const show = async (desk: Desk, approval: Approval): Promise<void> => {
  const host = hostOf(desk, approval.plan.host)
  const approvers = host === null ? 'nobody' : approversOf(desk, host)
  await desk.outbox.edit(approval.messageId, approvalMessage({ approval, approvers }), { final: true })
}

const showById = async (desk: Desk, approvalId: string): Promise<void> => {
  const approval = await desk.approvals?.store.findApproval(approvalId)
  if (approval !== undefined) await show(desk, approval)
}

/** What came of it, in the message that asked and as an answer to it: an edit notifies nobody. */
const tell = async (desk: Desk, approval: Approval): Promise<void> => {
  await show(desk, approval)
  const { channel, threadTs } = placeOf(approval.place)
  await desk.outbox.post({
    // The same for every process, so that it is said once.
    id: `result-${approval.id}`,
    threadId: approval.messageId,
    threadTs,
    channel,
    draft: resultMessage(approval),
    priority: PRIORITY.verdict,
  })
}

/** Closes what nobody decided in time. */
export const closeExpired = async (desk: Desk): Promise<void> => {
  if (desk.approvals === null) return
  for (const approval of await expireApprovals(desk.approvals)) await show(desk, approval)
}

/** Closes what was approved in a process that is gone. */
export const closeLeft = async (desk: Desk): Promise<void> => {
  if (desk.approvals === null) return
  for (const approval of await closeLeftChanges(desk.approvals)) {
    desk.log.warn({ approval: approval.id, result: approval.result }, 'a change was left behind by another process')
    await tell(desk, approval)
  }
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
