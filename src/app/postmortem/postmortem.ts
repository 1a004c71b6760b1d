import type { Incident } from '../../domain/incident.ts'
import type { Hash } from '../../domain/region.ts'
import type { Run } from '../../domain/run.ts'
import { renderPostmortem } from '../../render/postmortem.ts'
import type { ActionTaken } from '../../render/postmortemInput.ts'
import type { Template } from '../../render/template.ts'
import type { Analysis } from '../analyse.ts'
import { hostFactsOf } from './postmortemHost.ts'
import { memoryPictureOf } from './postmortemMemory.ts'
import { timelineOf, unitDowntimes } from './postmortemTimeline.ts'

export interface PostmortemTools {
  readonly template: Template
  readonly hash: Hash
}

export interface PostmortemRequest {
  readonly run: Run
  readonly incident: Incident
  readonly analysis: Analysis
  readonly evidenceHash: string | null
  readonly earlier: readonly Incident[] | null
  /** Changes made since; none yet when the draft belongs to the run itself. */
  readonly actions: readonly ActionTaken[]
}

/** The Markdown draft of an incident. Dated by the run's own clock, so that the same bundle gives the same bytes. */
export const draftPostmortem = (tools: PostmortemTools, request: PostmortemRequest): string => {
  const { run, incident, analysis } = request
  const { facts } = analysis
  return renderPostmortem(
    {
      incident,
      run,
      diagnosis: analysis.diagnosis,
      evidence: analysis.evidence,
      evidenceHash: request.evidenceHash,
      host: hostFactsOf(facts, run.startedAtMs),
      events: timelineOf(facts, incident),
      measures: unitDowntimes(facts, incident),
      memory: memoryPictureOf(facts),
      actions: request.actions,
      earlier: request.earlier,
      generatedAtMs: run.endedAtMs ?? run.startedAtMs,
    },
    tools.template,
    tools.hash,
  )
}
