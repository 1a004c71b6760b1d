import { outcomeOf } from '../change/changeOutcome.ts'
import type { Incident } from '../../domain/incident.ts'
import type { ActionTaken } from '../../render/postmortemInput.ts'
import type { Store } from '../../store/store.ts'

/** More approvals than this between an incident and its review would be a story of its own. */
const MOST = 200

/** Approved changes of the incident's host since it happened, oldest first. Who approved stands in the audit record. */
export const carriedOutSince = async (
  store: Pick<Store, 'listApprovals'>,
  incident: Incident,
): Promise<readonly ActionTaken[]> => {
  const approvals = await store.listApprovals({ state: 'approved', limit: MOST })
  return approvals
    .flatMap(({ id, plan, decidedAtMs, result }) =>
      plan.host === incident.host &&
      decidedAtMs !== null &&
      decidedAtMs >= incident.occurredAtMs &&
      (result === null || outcomeOf(result) !== 'not done')
        ? [{ atMs: decidedAtMs, what: planWords(plan.runbook, plan.parameters), result, approval: id }]
        : [],
    )
    .toSorted((one, other) => one.atMs - other.atMs)
}

const planWords = (runbook: string, parameters: Readonly<Record<string, string>>): string => {
  const given = Object.entries(parameters).map(([name, value]) => `${name}=${value}`)
  return [`runbook ${runbook}`, ...given].join(' ')
}
