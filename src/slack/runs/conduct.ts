import type { PreparedRun } from '../../app/prepareRun.ts'
import type { TriageRequest } from '../../app/triage.ts'
import type { RunRequest } from '../../domain/runRequest.ts'
import { headMessage } from '../blocks/head.ts'
import { conclude } from './conclude.ts'
import type { Desk } from '../desk.ts'
import { Progress } from './progress.ts'

/** Follows a run for its head message. */
export const progressOf = (desk: Pick<Desk, 'now'>, prepared: PreparedRun, request: RunRequest): Progress =>
  new Progress(
    {
      requestId: request.id,
      host: request.host,
      runbook: request.runbook,
      title: prepared.runbook.title,
      startedBy: request.requestedBy,
      startedAtMs: request.createdAtMs,
    },
    desk.now,
  )

/** From the first step to the last message. Never throws: a bug of ours is said in the thread and logged. */
export const conduct = async (
  desk: Desk,
  prepared: PreparedRun,
  request: RunRequest,
  progress: Progress,
  resume?: TriageRequest['resume'],
): Promise<void> => {
  const concluding = async (): Promise<void> => {
    const ending = await desk.runs.carryOut(
      request,
      {
        host: prepared.host,
        runbook: prepared.runbook,
        requestedBy: `${request.requestedBy} (chat)`,
        ...(resume === undefined ? {} : { resume }),
      },
      (event) => {
        progress.take(event)
        void desk.outbox.edit(request.headId, headMessage(progress.head()), { final: false })
      },
    )
    await conclude(desk, { prepared, request, progress, ending })
  }
  await sayingBugs(desk, request, progress, concluding)
}

/** A bug of ours must not leave a message that says "looking" for ever. */
export const sayingBugs = async (
  desk: Desk,
  request: RunRequest,
  progress: Progress,
  work: () => Promise<void>,
): Promise<void> => {
  try {
    await work()
  } catch (error) {
    desk.log.error({ error, request: request.id }, 'a run could not be concluded')
    await desk.runs.finish(request.id, { state: 'failed', verdict: 'a bug of Medic' })
    const words = 'a bug of Medic, see its log'
    await desk.outbox.edit(request.headId, headMessage(progress.head({ state: 'failed', words })), { final: true })
  }
}
