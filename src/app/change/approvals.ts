import type { Approval, ChangePlan, Preconditions } from '../../domain/approval.ts'
import { ExpectedError } from '../../domain/errors.ts'
import type { Host } from '../../domain/host.ts'
import { checkParameters } from '../../runbook/parameters.ts'
import type { Runbook, RunbookStep } from '../../runbook/runbook.ts'
import type { Store } from '../../store/store.ts'
import type { Connection } from '../../transports/transport.ts'
import { hashOf } from '../hash.ts'
import { hold, type Hold } from '../holder.ts'
import { notDone, unknownEnd } from './changeOutcome.ts'
import type { Policy } from '../policy.ts'
import { differencesOf, readPreconditions, touchedBy } from './preconditions.ts'

/** Long enough to read, short enough that the host is still the one that was looked at (reference, section 8). */
export const APPROVAL_LIFE_MS = 15 * 60_000
/** Login with a second try, and the files a change touches; a host that is slower is not one to change now. Our choice. */
const LOOK_LIMIT_MS = 60_000
/** Approvals looked through for what a process left behind; older ones were closed long ago. */
const MOST = 200

export interface ApprovalTools {
  readonly store: Store
  readonly policy: Policy
  /** The requester may decide alone; the record says so. */
  readonly selfApprove: boolean
  readonly now: () => number
  readonly newId: () => string
  /** Throws UnreachableError. */
  readonly connect: (host: Host, signal: AbortSignal) => Promise<Connection>
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
  /** `held` keeps other changes away from the host until it is disposed; null for a change that was denied. */
  | { readonly status: 'decided'; readonly approval: Approval; readonly bySelf: boolean; readonly held: Hold | null }
  | { readonly status: 'refused'; readonly reason: string; readonly approval: Approval | null }

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

/**
 * Asks for a change: the plan holds the exact text and the host as it is, so that what was shown is what is done.
 * Throws ExpectedError when the host cannot be reached or a file it touches cannot be read: nothing was asked then.
 */
export const proposeChange = async (
  tools: ApprovalTools,
  input: PlanInput,
): Promise<{ readonly approval: Approval; readonly superseded: string | undefined }> => {
  const steps = changesOf(input.runbook)
  const before = await lookAt(tools, input)
  const nowMs = tools.now()
  const isDanger = input.runbook.phases.some((phase) => phase.steps.some((step) => step.risk === 'danger'))
  const plan: ChangePlan = {
    id: tools.newId(),
    host: input.host.name,
    runbook: input.runbook.id,
    runbookHash: input.runbook.hash,
    parameters: input.parameters,
    risk: isDanger ? 'danger' : 'change',
    steps,
    before,
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
    begunAtMs: null,
    result: null,
  }
  const superseded = await tools.store.createApproval(approval)
  await audit(tools, approval, input.requestedBy, 'ask', superseded === undefined ? {} : { supersedes: superseded })
  return { approval, superseded }
}

const lookAt = async (tools: ApprovalTools, { host, runbook, parameters }: PlanInput): Promise<Preconditions> => {
  const touches = touchedBy(runbook, checkParameters(runbook, parameters, tools.now()))
  const limit = AbortSignal.timeout(LOOK_LIMIT_MS)
  await using connection = await tools.connect(host, limit)
  return await readPreconditions(connection, touches, limit)
}

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

/** One change at a time on a host, whatever its runbook and whichever process carries it out. */
export const changeKey = (host: string): string => `change ${host}`

/** Two people who approve the same change at once: the second hears who was quicker, not that the host is busy. */
const whyBusy = async (tools: ApprovalTools, id: string, approval: Approval): Promise<string> => {
  const now = (await tools.store.findApproval(id)) ?? approval
  if (now.state !== 'pending') return stateWords(now)
  return `another change is under way on ${approval.plan.host}, and one is made at a time: approve this when it has ended`
}

/**
 * The one use of an approval, just before the first changing step: the host is read again, and that it begins is written
 * down. Throws ExpectedError, and then nothing may be changed.
 */
export const beginChange = async (
  tools: ApprovalTools,
  approval: Approval,
  host: { readonly connection: Connection; readonly held: Hold },
  signal: AbortSignal,
): Promise<void> => {
  const { before } = approval.plan
  if (signal.aborted) throw new ExpectedError('it was stopped before it began')
  const now = await readPreconditions(host.connection, before.touches, signal)
  const different = differencesOf(before, now)
  if (different.length > 0) {
    throw new ExpectedError(`the host is not as it was when this was asked: ${different.join('; ')}`)
  }
  if (signal.aborted || host.held.signal.aborted) throw new ExpectedError('it was stopped before it began')
  const begunAtMs = tools.now()
  if (!(await tools.store.changeApproval(approval.id, UNUSED, { begunAtMs }))) {
    throw new ExpectedError('it has been used or closed already')
  }
  const booted = before.bootId !== now.bootId ? { bootedSince: 'true' } : {}
  await audit(tools, { ...approval, begunAtMs }, approval.decidedBy ?? 'medic', 'begin', booted)
}

const UNUSED = { state: 'approved', begunAtMs: null, result: null } as const

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

/** Marks those whose time is over, and returns them. */
export const expireApprovals = async (tools: ApprovalTools): Promise<readonly Approval[]> => {
  const expired: Approval[] = []
  for (const approval of await tools.store.listApprovals({ state: 'pending', limit: 200 })) {
    if (tools.now() < approval.plan.expiresAtMs) continue
    if (await expire(tools, approval)) expired.push((await tools.store.findApproval(approval.id)) ?? approval)
  }
  return expired
}

/** True for the process that marks it. */
const expire = async (tools: ApprovalTools, approval: Approval): Promise<boolean> => {
  const changes = { state: 'expired' as const, decidedAtMs: tools.now() }
  if (!(await tools.store.changeApproval(approval.id, { state: 'pending' }, changes))) return false
  await audit(tools, { ...approval, ...changes }, 'medic', 'expire')
  return true
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

const audit = async (
  tools: ApprovalTools,
  approval: Approval,
  actor: string,
  verb: string,
  more: Readonly<Record<string, string>> = {},
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
      ...more,
    },
  })
}
