import { UsageError } from '../domain/errors.ts'
import type { Incident } from '../domain/incident.ts'
import type { Run } from '../domain/run.ts'
import type { Store } from '../store/store.ts'
import { analyseStored, type Analysis } from './analyse.ts'
import { hashOf } from './hash.ts'
import { incidentOf } from './incidentOf.ts'
import { draftPostmortem, type PostmortemTools } from './postmortem.ts'

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

/** Writes the draft of a stored run anew and keeps it as the newest version. Null when nothing was found. */
export const regeneratePostmortem = async (
  store: Store,
  tools: PostmortemTools,
  runId: string,
  nowMs: number,
): Promise<string | null> => {
  const { run, analysis, incident } = await readStoredRun(store, runId)
  if (incident === null) return null
  const earlier = await store.listIncidents({
    host: incident.host,
    ...(incident.unit === null ? {} : { unit: incident.unit }),
    limit: 6,
  })
  const stored = analysis.evidence.map(({ reading: _reading, ...kept }) => kept)
  const markdown = draftPostmortem(tools, {
    run,
    incident,
    analysis,
    evidenceHash: hashOf(stored),
    earlier: earlier.filter((other) => other.id !== incident.id),
  })
  await store.savePostmortem(incident.id, markdown, nowMs)
  return markdown
}
