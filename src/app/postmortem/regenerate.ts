import { UsageError } from '../../domain/errors.ts'
import type { Incident } from '../../domain/incident.ts'
import type { Run } from '../../domain/run.ts'
import type { Store } from '../../store/store.ts'
import { analyseStored, type Analysis } from '../analyse.ts'
import { incidentOf } from '../incidentOf.ts'
import { draftIncidentPage, type PageTools } from './incidentPage.ts'

export interface StoredRun {
  readonly run: Run
  readonly analysis: Analysis
  readonly incident: Incident | null
}

/** A stored run as today's parsers and rules read it. Throws UsageError when nothing is stored. */
export const readStoredRun = async (store: Store, runId: string): Promise<StoredRun> => {
  const run = await store.findRun(runId)
  if (run === undefined) throw new UsageError(`run "${runId}" is not stored`)
  const analysis = analyseStored(await store.readEvidence(runId), run.window)
  return { run, analysis, incident: incidentOf(run, analysis.diagnosis) }
}

/**
 * Writes the draft of a recorded incident anew from its evidence, with the answers people gave, and keeps it as the
 * newest version. Throws UsageError for an unknown incident.
 */
export const regeneratePostmortem = async (tools: PageTools, incidentId: string, nowMs: number): Promise<string> => {
  const { markdown } = await draftIncidentPage(tools, incidentId)
  await tools.store.savePostmortem(incidentId, markdown, nowMs)
  return markdown
}
