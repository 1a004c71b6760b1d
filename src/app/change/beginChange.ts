import type { Approval } from '../../domain/approval.ts'
import { ExpectedError } from '../../domain/errors.ts'
import type { Connection } from '../../transports/transport.ts'
import type { Hold } from '../holder.ts'
import { audit, type ApprovalTools } from './approvalTools.ts'
import { differencesOf, readPreconditions } from './preconditions.ts'

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
