import { ExpectedError, UsageError } from '../../domain/errors.ts'
import type { Incident } from '../../domain/incident.ts'
import type { PageStatusRecord } from '../../domain/pageStatus.ts'
import type { Publication, Published, Publisher } from '../../publishers/publisher.ts'
import type { Store } from '../../store/store.ts'
import { draftIncidentPage, pageText } from './incidentPage.ts'
import type { IncidentPage, PageTools } from './incidentPage.ts'
import { indexPage } from './indexPage.ts'
import type { IndexRow } from './indexPage.ts'

export interface PublishTools extends PageTools {
  /** Every target of the settings, in their order. */
  readonly publishers: readonly Publisher[]
  readonly now: () => number
}

export interface PublishRequest {
  readonly incidentId: string
  /** Names of targets; none means all. */
  readonly targets: readonly string[]
  readonly dryRun: boolean
  /** Who asked, as the door knows them; kept in the audit record, never shown on a page. */
  readonly requestedBy: string
}

/** How it went at one target. A failure there keeps none of the others from being written. */
export type TargetOutcome =
  | { readonly target: string; readonly status: 'published'; readonly published: Published }
  | { readonly target: string; readonly status: 'failed'; readonly message: string; readonly hint: string | null }

export interface PublishReport {
  readonly incident: Incident
  readonly outcomes: readonly TargetOutcome[]
  /** Secrets that were masked on the way out; anything above 0 is worth a look at the redaction rules. */
  readonly redactions: number
}

/**
 * Creates or updates the page of an incident, its passages and the index at each target. May be called again at any
 * time: the same content writes nothing, people's text stays. Throws UsageError for an unknown incident or target.
 */
export const publishPostmortem = async (
  tools: PublishTools,
  request: PublishRequest,
  signal: AbortSignal,
): Promise<PublishReport> => {
  const publishers = chosen(tools.publishers, request.targets)
  const page = await draftIncidentPage(tools, request.incidentId)
  if (!request.dryRun) await tools.store.savePostmortem(page.incident.id, page.markdown, tools.now())
  const outcomes: TargetOutcome[] = []
  for (const publisher of publishers) outcomes.push(await publishTo(tools, publisher, page, request, signal))
  return { incident: page.incident, outcomes, redactions: page.redactions }
}

const chosen = (publishers: readonly Publisher[], names: readonly string[]): readonly Publisher[] => {
  if (publishers.length === 0) {
    throw new UsageError('publish: medic.yaml names no target', { hint: 'docs/publishing.md shows how to add one' })
  }
  for (const name of names) {
    if (publishers.some((publisher) => publisher.name === name)) continue
    throw new UsageError(`publish: unknown target "${name.slice(0, 100)}"`, {
      hint: `there are ${publishers.map((publisher) => publisher.name).join(', ')}`,
    })
  }
  return names.length === 0 ? publishers : publishers.filter((publisher) => names.includes(publisher.name))
}

const publishTo = async (
  tools: PublishTools,
  publisher: Publisher,
  page: IncidentPage,
  request: PublishRequest,
  signal: AbortSignal,
): Promise<TargetOutcome> => {
  try {
    const publication = await publicationOf(tools, publisher, page)
    const published = await publisher.publish(publication, { dryRun: request.dryRun }, signal)
    if (!request.dryRun) await remember(tools, publisher, page, published, request.requestedBy)
    return { target: publisher.name, status: 'published', published }
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    return { target: publisher.name, status: 'failed', message: error.message, hint: error.hint }
  }
}

const publicationOf = async (tools: PublishTools, publisher: Publisher, page: IncidentPage): Promise<Publication> => {
  const { incident } = page
  const record = await tools.store.findPageStatus(incident.id)
  const status = { status: record?.status ?? ('draft' as const), atMs: record?.changedAtMs ?? page.generatedAtMs }
  const rows = publisher.index === null ? [] : await indexRows(tools.store, publisher.name, page)
  return {
    subject: `Postmortem ${incident.id}`,
    pages: [
      { incident: incident.id, name: incident.id, text: (view) => pageText(page, status, view) },
      ...(publisher.index === null
        ? []
        : [
            {
              incident: null,
              name: publisher.index,
              text: (view: Parameters<typeof indexPage>[1]) => indexPage(rows, view, tools.hash),
            },
          ]),
    ],
    assets: page.excerpts.map(({ asset }) => asset),
  }
}

/** The whole history: an index that lists half of it would look complete. */
const MOST_INCIDENTS = 100_000

const indexRows = async (store: Store, target: string, page: IncidentPage): Promise<readonly IndexRow[]> => {
  const incidents = await store.listIncidents({ limit: MOST_INCIDENTS })
  const records = new Map((await store.listPublications({ target })).map((record) => [record.incidentId, record]))
  const repeats = new Map<string, number>()
  for (const incident of incidents) repeats.set(sameAs(incident), (repeats.get(sameAs(incident)) ?? 0) + 1)
  const rows: IndexRow[] = []
  for (const incident of incidents) {
    const isThis = incident.id === page.incident.id
    const record = records.get(incident.id)
    if (!isThis && record === undefined) continue
    rows.push({
      incident,
      status: statusOf(await store.findPageStatus(incident.id)),
      downtimeMs: isThis ? page.downtimeMs : (record?.downtimeMs ?? null),
      repeats: repeats.get(sameAs(incident)) ?? 1,
    })
  }
  return rows
}

const sameAs = ({ host, unit, kind }: Incident): string => [host, unit ?? '', kind].join('\n')

const statusOf = (record: PageStatusRecord | undefined) => record?.status ?? 'draft'

const remember = async (
  tools: PublishTools,
  publisher: Publisher,
  page: IncidentPage,
  published: Published,
  requestedBy: string,
): Promise<void> => {
  const [written] = published.pages
  if (written === undefined) return
  const atMs = tools.now()
  await tools.store.savePublication({
    incidentId: page.incident.id,
    target: publisher.name,
    page: written.path,
    address: written.address,
    downtimeMs: page.downtimeMs,
    publishedAtMs: atMs,
  })
  if (published.pages.every(({ outcome }) => outcome === 'unchanged') && published.assets.length === 0) return
  await tools.store.appendAudit({
    atMs,
    actor: requestedBy,
    verb: 'publish',
    subject: page.incident.id,
    detail: {
      target: publisher.name,
      page: written.path,
      outcome: written.outcome,
      revision: published.revision ?? '',
    },
  })
}
