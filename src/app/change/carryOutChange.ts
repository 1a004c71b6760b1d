import { randomUUID } from 'node:crypto'
import { setTimeout as after } from 'node:timers/promises'
import type { Approval } from '../../domain/approval.ts'
import { ExpectedError } from '../../domain/errors.ts'
import type { RunRequest } from '../../domain/runRequest.ts'
import { type ApprovalTools } from './approvalTools.ts'
import { beginChange } from './beginChange.ts'
import { recordResult } from './endChange.ts'
import { notDone, outcomeOfSteps, unknownEnd } from './changeOutcome.ts'
import type { Hold } from '../holder.ts'
import type { PreparedRun } from '../prepareRun.ts'
import type { RunDesk, RunEnding } from '../runDesk.ts'

export interface ChangeTools {
  readonly approvals: ApprovalTools
  readonly runs: RunDesk
  /** This process, as requests name it. */
  readonly owner: string
  /** Settles what dead processes left, now rather than at the next look. */
  readonly takeUp: () => Promise<void>
  /** Told of an error that is a bug of ours; people read of it in other words. */
  readonly onBug: (error: unknown) => void
}

export interface ApprovedChange {
  readonly approval: Approval
  readonly prepared: PreparedRun
  /** Taken with the decision; given back when the result is recorded. */
  readonly held: Hold
  /** Told what came of it, and again when only the record of it came late. */
  readonly onEnd: (approval: Approval) => Promise<void>
}

/** A result that the store does not take is offered again this often; until then the host takes no other change. */
const RECORD_AGAIN_MS = 5_000

/**
 * Carries out an approved change, once. It fails closed: what cannot be written down does not begin. Whatever happens, it
 * ends in a result.
 */
export const carryOutChange = async (tools: ChangeTools, change: ApprovedChange): Promise<void> => {
  const { approval, held, onEnd } = change
  const request = requestOf(tools, approval)
  try {
    const result = await resultOf(tools, change, request)
    const isRecorded = await record(tools, approval, result)
    await onEnd({ ...approval, result: isRecorded ? result : `${result} (the store does not take this record yet)` })
    if (!isRecorded) {
      do await after(RECORD_AGAIN_MS, undefined, { ref: false })
      while (!(await record(tools, approval, result)))
      await onEnd({ ...approval, result })
    }
    await tools.runs.finish(request.id, { state: endOf(result), verdict: result.slice(0, 200) })
  } catch (error) {
    tools.onBug(error)
    await tools.runs.finish(request.id, { state: 'failed', verdict: 'a bug of Medic' })
  } finally {
    await held[Symbol.asyncDispose]()
  }
}

const endOf = (result: string): RunRequest['state'] => (result.startsWith('done:') ? 'done' : 'failed')

const record = async ({ approvals }: ChangeTools, approval: Approval, result: string): Promise<boolean> => {
  try {
    await recordResult(approvals, approval, result)
    return true
  } catch (error) {
    if (error instanceof ExpectedError) return false
    throw error
  }
}

const resultOf = async (tools: ChangeTools, change: ApprovedChange, request: RunRequest): Promise<string> => {
  const { approval, prepared, held } = change
  let hasBegun = false
  try {
    await open(tools, request)
    const ending = await tools.runs.carryOut(
      request,
      {
        host: prepared.host,
        runbook: prepared.runbook,
        requestedBy: `${approval.decidedBy ?? 'somebody'} (approved ${approval.id})`,
        beforeChange: async (connection, signal) => {
          await beginChange(tools.approvals, approval, { connection, held }, signal)
          hasBegun = true
        },
      },
      () => {},
    )
    if ('error' in ending && ending.state === 'failed') throw ending.error
    return wordsOf(ending, hasBegun, approval)
  } catch (error) {
    return hasBegun ? unknownEnd(messageOf(tools, error)) : notDone(messageOf(tools, error))
  }
}

/** What a dead process left on this host is settled first. */
const open = async ({ runs, takeUp }: ChangeTools, request: RunRequest): Promise<void> => {
  if ((await runs.open(request)) === undefined) return
  await takeUp()
  if ((await runs.open(request)) !== undefined) throw new ExpectedError('this runbook is at work on this host already')
}

const wordsOf = (ending: RunEnding, hasBegun: boolean, { plan }: Approval): string => {
  if (!hasBegun) {
    if (ending.state === 'cancelled') return notDone('it was cancelled before it began')
    return notDone(
      ending.state === 'interrupted' ? 'Medic was stopped before it began' : 'the runbook did not get as far',
    )
  }
  if ('error' in ending) throw ending.error
  const { analysis, notStored } = ending.result
  const steps = plan.steps.map((step) => step.name)
  return `${outcomeOfSteps(analysis.evidence, steps)}${notStored === null ? '' : ` (its output is not stored: ${notStored})`}`
}

/** Words of ours; a bug's own words are for the log. */
const messageOf = ({ onBug }: ChangeTools, error: unknown): string => {
  if (error instanceof ExpectedError) return error.message
  onBug(error)
  return 'a bug of Medic, see its log'
}

const requestOf = ({ owner, approvals }: ChangeTools, approval: Approval): RunRequest => ({
  id: randomUUID(),
  runbook: approval.plan.runbook,
  host: approval.plan.host,
  parameters: approval.plan.parameters,
  requestedBy: approval.plan.requestedBy,
  place: approval.place,
  threadId: approval.messageId,
  headId: approval.messageId,
  state: 'active',
  owner,
  heartbeatAtMs: approvals.now(),
  createdAtMs: approvals.now(),
  endedAtMs: null,
  runId: null,
  incidentId: null,
  verdict: null,
  approval: approval.id,
})
