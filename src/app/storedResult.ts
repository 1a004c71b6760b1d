import type { Run } from '../domain/run.ts'
import type { Store } from '../store/store.ts'
import { analyseStored } from './analyse.ts'
import { incidentOf } from './incidentOf.ts'
import type { TriageResult } from './triage.ts'

/** What a run that had ended came to, from the store alone: no host is asked again. */
export const storedResult = async (store: Store, run: Run): Promise<TriageResult> => {
  const analysis = analyseStored(await store.readEvidence(run.id), run.window)
  const named = incidentOf(run, analysis.diagnosis)
  const incident = named === null ? null : ((await store.findIncident(named.id)) ?? null)
  const postmortem = incident === null ? null : ((await store.findPostmortem(incident.id))?.markdown ?? null)
  return { run, analysis, incident, postmortem, notStored: null }
}
