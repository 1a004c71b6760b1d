import { memoryPictureOf } from '../../app/postmortem/postmortemMemory.ts'
import type { PreparedRun } from '../../app/prepareRun.ts'
import type { RunEnding } from '../../app/runDesk.ts'
import { RunInterrupted, type TriageResult } from '../../app/triage.ts'
import { ExpectedError, UnreachableError } from '../../domain/errors.ts'
import type { RunRequest, RunRequestState } from '../../domain/runRequest.ts'
import { blindSpotsMessage } from '../blocks/blindSpots.ts'
import { headMessage } from '../blocks/head.ts'
import { errorMessage } from '../blocks/notices.ts'
import { fileMessage, postmortemMessage } from '../blocks/postmortem.ts'
import { proposalsMessage } from '../blocks/proposals.ts'
import { verdictLine, verdictMessage } from '../blocks/verdict.ts'
import type { Desk } from '../desk.ts'
import type { Draft } from '../outbox/draft.ts'
import { messageIdOf, type MessagePart } from '../messageId.ts'
import { PRIORITY } from '../outbox/outbox.ts'
import { placeOf } from '../place.ts'
import type { Progress } from './progress.ts'

export interface Ended {
  readonly prepared: PreparedRun
  readonly request: RunRequest
  readonly progress: Progress
  readonly ending: RunEnding
}

/** Says what came of a run: the verdict as a new reply before anything else, then the head's last state, then the rest. */
export const conclude = async (desk: Desk, ended: Ended): Promise<void> => {
  if ('result' in ended.ending) await concludeResult(desk, ended, ended.ending.result)
  else await concludeError(desk, ended, ended.ending.error)
}

const concludeResult = async (desk: Desk, ended: Ended, result: TriageResult): Promise<void> => {
  const { request, ending, progress } = ended
  const { run, analysis, incident, postmortem } = result
  const state: RunRequestState = ending.state
  const say = sayIn(desk, request)
  const notes = [
    ...(result.notStored === null ? [] : [`not stored: ${result.notStored}`]),
    ...(state === 'cancelled' ? ['cancelled: this is what had arrived'] : []),
    ...(state === 'interrupted' ? ['Medic was stopped: this is what had arrived'] : []),
  ]
  const line = verdictLine(analysis.diagnosis)
  // A button below the draft may be pressed before all is said.
  await desk.runs.note(request.id, { verdict: line, incidentId: incident?.id ?? null, runId: run.id })
  // A run that was stopped says so; what had arrived is told only when it shows something.
  if (state === 'done' || analysis.diagnosis.findings.length > 0) {
    await say(
      verdictMessage({
        host: run.host,
        requestId: request.id,
        diagnosis: analysis.diagnosis,
        evidence: analysis.evidence,
        incident,
        runId: run.id,
        runbook: run.runbook,
        durationMs: (run.endedAtMs ?? run.startedAtMs) - run.startedAtMs,
        processes: memoryPictureOf(analysis.facts).rows.map((row) => ({
          name: row.name,
          bytes: row.rssBytes,
          note: `${row.count} process${row.count === '1' ? '' : 'es'}, ${row.share}`,
        })),
        notes,
      }),
      'verdict',
      PRIORITY.verdict,
    )
  }
  const words = state === 'cancelled' ? `by ${nameOf(ending.by)}` : state === 'interrupted' ? 'Medic was stopped' : line
  await desk.outbox.edit(request.headId, headMessage(progress.head({ state, words })), { final: true })
  const proposals = proposalsMessage(analysis.diagnosis)
  if (proposals !== null) await say(proposals, 'proposals')
  if (incident !== null && postmortem !== null) {
    const version = (await stored(desk, incident.id)) ?? 1
    await say(
      postmortemMessage({
        requestId: request.id,
        incidentId: incident.id,
        version,
        markdown: postmortem,
        editedBy: null,
        canPublish: desk.canPublish,
      }),
      'postmortem',
    )
    await say(fileMessage(`${incident.id}.md`, `Postmortem draft ${incident.id}`, postmortem), 'postmortem-file')
  }
  const blind = state === 'done' ? blindSpotsMessage(analysis.diagnosis, analysis.evidence) : null
  if (blind !== null) await say(blind, 'blind-spots')
  // Last: a process that dies before this leaves a request that another one concludes, with the same messages.
  await desk.runs.finish(request.id, { state, verdict: line, incidentId: incident?.id ?? null, runId: run.id })
}

const concludeError = async (desk: Desk, ended: Ended, error: unknown): Promise<void> => {
  const { request, ending, progress, prepared } = ended
  if (ending.state === 'failed' && !(error instanceof ExpectedError)) {
    desk.log.error({ error, request: request.id }, 'a run failed')
  }
  const words = wordsOf(ending, error)
  if (ending.state === 'failed') {
    await sayIn(desk, request)(
      errorMessage({
        stopped: `${prepared.host.name} could not be looked at: ${words}`,
        next:
          error instanceof ExpectedError && error.hint !== null
            ? `Next: ${error.hint}.`
            : "Next: try again, or look at Medic's log.",
        notDone: 'Nothing was diagnosed, and nothing was changed on the host.',
        error: error instanceof ExpectedError ? error.message : 'a bug of Medic; the log has the details',
        requestId: request.id,
        reference: request.runId ?? request.id,
      }),
      'error',
      PRIORITY.verdict,
    )
  }
  await desk.outbox.edit(request.headId, headMessage(progress.head({ state: ending.state, words })), { final: true })
  await desk.runs.finish(request.id, { state: ending.state, verdict: words })
}

/** Our own words only: the error's text may hold what a host said, and belongs into a box. */
const wordsOf = (ending: RunEnding, error: unknown): string => {
  if (ending.state === 'cancelled') return `by ${nameOf(ending.by)}`
  if (error instanceof RunInterrupted) return `Medic ended in the middle of it, and ${error.message}`
  if (ending.state === 'interrupted') return 'Medic was stopped'
  if (error instanceof UnreachableError) return error.reason.replace('-', ' ')
  return error instanceof ExpectedError ? 'it could not go on' : 'a bug of Medic'
}

const nameOf = (user: string | null): string => (user === null ? 'somebody' : user)

const stored = async (desk: Desk, incidentId: string): Promise<number | null> => {
  try {
    return (await desk.store?.findPostmortem(incidentId))?.version ?? null
  } catch {
    return null
  }
}

/** Replies in a run's thread; each part is said once, whoever says it. */
export const sayIn =
  (desk: Desk, request: Pick<RunRequest, 'id' | 'threadId' | 'place'>) =>
  async (draft: Draft, part: MessagePart | null, priority?: number): Promise<string> => {
    const place = placeOf(request.place)
    const posted = await desk.outbox.post({
      ...(part === null ? {} : { id: messageIdOf(request.id, part) }),
      threadId: request.threadId,
      threadTs: place.threadTs,
      channel: place.channel,
      draft,
      ...(priority === undefined ? {} : { priority }),
    })
    return posted.id
  }
