import { UsageError } from '../../domain/errors.ts'
import type { Incident } from '../../domain/incident.ts'
import type { PageStatus } from '../../domain/pageStatus.ts'
import { mergeRegions } from '../../domain/mergeRegions.ts'
import { findRegions, incidentOfPage, rewriteRegions, wrapRegion } from '../../domain/region.ts'
import type { PageView } from '../../publishers/publisher.ts'
import { formatCount, formatUtc } from '../../render/format.ts'
import { countTodos } from '../../render/postmortem.ts'
import type { Store } from '../../store/store.ts'
import { analyseStored } from '../analyse.ts'
import { carriedOutSince } from './carriedOut.ts'
import { excerptsOf } from './excerpts.ts'
import type { Excerpt } from './excerpts.ts'
import { hashOf, sha256 } from '../hash.ts'
import { draftPostmortem } from './postmortem.ts'
import type { PostmortemTools } from './postmortem.ts'
import { unitDowntimes } from './postmortemTimeline.ts'

export interface PageTools extends PostmortemTools {
  readonly store: Store
  readonly clean: (text: string) => { readonly text: string; readonly redactions: number }
}

/** All that a page of an incident is made of, drafted anew from the stored evidence by today's rules. */
export interface IncidentPage {
  readonly incident: Incident
  readonly markdown: string
  readonly excerpts: readonly Excerpt[]
  readonly downtimeMs: number | null
  readonly generatedAtMs: number
  /** Secrets found on the way out; anything above 0 is a fault of the way in. */
  readonly redactions: number
}

/** More repetitions than this say nothing new. */
const MOST_EARLIER = 6

/** Drafts the page of a recorded incident. Throws UsageError when there is none. */
export const draftIncidentPage = async (tools: PageTools, incidentId: string): Promise<IncidentPage> => {
  const { store } = tools
  const incident = await store.findIncident(incidentId)
  const run = incident === undefined ? undefined : await store.findRun(incident.runId)
  if (incident === undefined || run === undefined) {
    throw new UsageError(`no incident "${incidentId.slice(0, 100)}"`, {
      hint: '`medic incident list` lists what was recorded',
    })
  }
  const stored = await store.readEvidence(run.id)
  const analysis = analyseStored(stored, run.window)
  const draft = draftPostmortem(tools, {
    run,
    incident,
    analysis,
    evidenceHash: hashOf(stored),
    earlier: await earlierThan(store, incident),
    actions: await carriedOutSince(store, incident),
  })
  const kept = await store.findPostmortem(incident.id)
  const ours = tools.clean(draft)
  const marked = ours.text === draft ? draft : rewriteRegions(ours.text, tools.hash, (region) => region.body)
  // People's text is cleaned as well, but a region they edited must go on looking edited.
  const cleaned = tools.clean(kept === undefined ? marked : withAnswers(kept.markdown, marked, tools))
  const downtimes = unitDowntimes(analysis.facts, incident)
  return {
    incident,
    markdown: cleaned.text,
    excerpts: excerptsOf(incident.id, analysis.evidence, analysis.diagnosis, tools.clean),
    downtimeMs:
      downtimes.length === 0 ? null : downtimes.reduce((sum, measure) => sum + measure.toMs - measure.fromMs, 0),
    generatedAtMs: run.endedAtMs ?? run.startedAtMs,
    redactions: ours.redactions + cleaned.redactions,
  }
}

/** People answer questions in the stored draft too: their text stays, as on a wiki. */
const withAnswers = (kept: string, draft: string, { hash }: PageTools): string =>
  incidentOfPage(kept) === incidentOfPage(draft) && findRegions(kept).length > 0
    ? mergeRegions(kept, draft, hash).text
    : draft

const earlierThan = async (store: Store, incident: Incident): Promise<readonly Incident[]> => {
  const unit = incident.unit === null ? {} : { unit: incident.unit }
  const found = await store.listIncidents({ host: incident.host, ...unit, limit: 50 })
  return found
    .filter((other) => other.id !== incident.id && other.occurredAtMs <= incident.occurredAtMs)
    .slice(0, MOST_EARLIER)
}

/** The page as it should stand in a place: with its status, the questions still open there, and its passages. */
export const pageText = (page: IncidentPage, status: { status: PageStatus; atMs: number }, view: PageView): string => {
  const base = withExcerpts(page, view)
  const open = countTodos(view.current ?? base)
  return rewriteRegions(base, sha256, (region) => (region.name === 'status' ? banner(page, status, open) : null))
}

const WORDS: Readonly<Record<PageStatus, string>> = {
  draft: 'DRAFT',
  'in-review': 'IN REVIEW',
  reviewed: 'REVIEWED',
  closed: 'CLOSED',
}

const banner = (page: IncidentPage, { status, atMs }: { status: PageStatus; atMs: number }, open: number): string => {
  const generated = `generated ${formatUtc(page.generatedAtMs)} UTC`
  const head =
    status === 'draft' ? `DRAFT, ${generated}` : `${WORDS[status]} since ${formatUtc(atMs)} UTC; ${generated}`
  const questions = formatCount(open, 'question', 'questions')
  return `> **${head}.** Facts carry evidence marks. ${questions} for people remain, each marked TODO.`
}

const withExcerpts = (page: IncidentPage, view: PageView): string => {
  if (page.excerpts.length === 0) return page.markdown
  const links = page.excerpts.map(({ evidence, asset }) => `- [${evidence}](${view.asset(asset.path)})`)
  const body = `Cited passages with the lines around them:\n\n${links.join('\n')}`
  return `${page.markdown.trimEnd()}\n\n${wrapRegion('excerpts', body, sha256)}\n`
}
