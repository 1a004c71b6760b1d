import type { Approval } from '../../domain/approval.ts'
import type { Host } from '../../domain/host.ts'
import type { Store } from '../../store/store.ts'
import type { Connection } from '../../transports/transport.ts'
import type { Policy } from '../policy.ts'

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

/** Every step of an approval's life is written down, with what was approved and by whom. */
export const audit = async (
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

/** One change at a time on a host, whatever its runbook and whichever process carries it out. */
export const changeKey = (host: string): string => `change ${host}`
