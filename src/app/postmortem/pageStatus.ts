import { ExpectedError, UsageError } from '../../domain/errors.ts'
import { nextStatuses } from '../../domain/pageStatus.ts'
import type { PageStatus } from '../../domain/pageStatus.ts'
import { countTodos } from '../../render/postmortem.ts'
import { standingPages } from './checkPage.ts'
import { publishPostmortem } from './publish.ts'
import type { PublishReport, PublishTools } from './publish.ts'

export interface StatusRequest {
  readonly incidentId: string
  readonly status: PageStatus
  /** The person who moves it; Medic itself never does. */
  readonly person: string
}

export interface StatusChange {
  readonly from: PageStatus
  readonly to: PageStatus
  /** The pages that show it now, null when the incident is published nowhere. */
  readonly report: PublishReport | null
}

/** A page that is not ready for the status a person wants to give it. */
export class StatusRefused extends ExpectedError {
  constructor(message: string, hint: string) {
    super(message, { hint, exitCode: 1 })
  }
}

/**
 * Moves the status of a postmortem, one step at a time, and shows it on the pages. A page with an open question cannot be
 * marked reviewed or closed; where people answer, on the wiki, is where it is looked for.
 */
export const changePageStatus = async (
  tools: PublishTools,
  request: StatusRequest,
  signal: AbortSignal,
): Promise<StatusChange> => {
  const { store } = tools
  const { incidentId, status } = request
  if ((await store.findIncident(incidentId)) === undefined) {
    throw new UsageError(`no incident "${incidentId.slice(0, 100)}"`, {
      hint: '`medic incident list` lists what was recorded',
    })
  }
  const from = (await store.findPageStatus(incidentId))?.status ?? 'draft'
  if (from !== status) {
    if (!nextStatuses(from).includes(status)) {
      throw new StatusRefused(
        `${incidentId}: is ${from}, cannot become ${status}`,
        `from ${from} it can become ${nextStatuses(from).join(' or ')}`,
      )
    }
    if (status === 'reviewed' || status === 'closed') await mustBeAnswered(tools, incidentId, status, signal)
    const changedAtMs = tools.now()
    const moved = await store.changePageStatus(from, { incidentId, status, changedAtMs, changedBy: request.person })
    if (!moved) throw new StatusRefused(`${incidentId}: somebody else moved it just now`, 'look again, then decide')
    await store.appendAudit({
      atMs: changedAtMs,
      actor: request.person,
      verb: 'page-status',
      subject: incidentId,
      detail: { from, to: status },
    })
  }
  return { from, to: status, report: await shown(tools, request, signal) }
}

const mustBeAnswered = async (
  tools: PublishTools,
  incidentId: string,
  status: PageStatus,
  signal: AbortSignal,
): Promise<void> => {
  const pages = await standingPages(tools, incidentId, signal)
  const open = pages
    .map(({ where, markdown }) => ({ where, count: countTodos(markdown) }))
    .filter(({ count }) => count > 0)
  if (pages.length > 0 && open.length === 0) return
  const what =
    pages.length === 0
      ? 'has no page'
      : open.map(({ where, count }) => `${count} open TODO(human) on ${where}`).join('; ')
  throw new StatusRefused(
    `${incidentId}: cannot be marked ${status}: ${what}`,
    'answer each question on the page, or take it out',
  )
}

/** Only targets that have the page already are told; a status publishes nothing by itself. */
const shown = async (
  tools: PublishTools,
  request: StatusRequest,
  signal: AbortSignal,
): Promise<PublishReport | null> => {
  const publications = await tools.store.listPublications({ incidentId: request.incidentId })
  const known = new Set(publications.map(({ target }) => target))
  const targets = tools.publishers.map(({ name }) => name).filter((name) => known.has(name))
  if (targets.length === 0) return null
  return publishPostmortem(
    tools,
    { incidentId: request.incidentId, targets, dryRun: false, requestedBy: request.person },
    signal,
  )
}
