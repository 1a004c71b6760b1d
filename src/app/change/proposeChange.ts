import type { Approval, ChangePlan, Preconditions } from '../../domain/approval.ts'
import type { Host } from '../../domain/host.ts'
import { checkParameters } from '../../runbook/parameters.ts'
import type { Runbook } from '../../runbook/runbook.ts'
import { hashOf } from '../hash.ts'
import { audit, type ApprovalTools } from './approvalTools.ts'
import { changesOf } from './changingSteps.ts'
import { readPreconditions, touchedBy } from './preconditions.ts'

/** Long enough to read, short enough that the host is still the one that was looked at (reference, section 8). */
export const APPROVAL_LIFE_MS = 15 * 60_000
/** Login with a second try, and the files a change touches; a host that is slower is not one to change now. Our choice. */
const LOOK_LIMIT_MS = 60_000

export interface PlanInput {
  readonly host: Host
  readonly runbook: Runbook
  readonly parameters: Readonly<Record<string, string>>
  readonly requestedBy: string
  readonly place: string
  readonly messageId: string
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
