import { storedResult } from '../../app/storedResult.ts'
import { BOOT_ID_PATH, type TriageRequest } from '../../app/triage.ts'
import type { PreparedRun } from '../../app/prepareRun.ts'
import type { RunEnding } from '../../app/runDesk.ts'
import { ExpectedError } from '../../domain/errors.ts'
import type { Run } from '../../domain/run.ts'
import type { RunRequest } from '../../domain/runRequest.ts'
import { formatDuration } from '../../render/format.ts'
import { headMessage } from '../blocks/head.ts'
import { conclude } from './conclude.ts'
import { conduct, progressOf, sayingBugs } from './conduct.ts'
import { record, type Desk } from '../desk.ts'
import { placeOf } from '../place.ts'
import { PRIORITY } from '../outbox/outbox.ts'
import { takeUpChange } from './takeUpChange.ts'

/** A bot that is back within this time goes on with what it was doing (security-reliability.md section 10). */
export const RESUME_WITHIN_MS = 10 * 60_000
/** A run in which Medic ends again and again may be the reason. Our choice. */
const MOST_TAKEOVERS = 3

/**
 * Takes up what dead processes left, each request in one process only: a run goes on in its own messages, or is said to
 * be interrupted there. Resolves when everything is settled or under way.
 */
export const takeUpRuns = async (desk: Desk): Promise<void> => {
  for (const request of await desk.runs.takeOver()) {
    desk.log.warn({ request: request.id, host: request.host }, 'a run was left behind by another process')
    try {
      await takeUp(desk, request)
    } catch (error) {
      desk.log.error({ error, request: request.id }, 'a run that was left behind could not be taken up')
      await interrupt(desk, request, 'it could not be taken up again; the log says why')
    }
  }
}

const takeUp = async (desk: Desk, request: RunRequest): Promise<void> => {
  if (await takeUpChange(desk, request)) return
  const known = preparedOf(desk, request)
  const awayMs = desk.now() - request.heartbeatAtMs
  if ('problem' in known) return interrupt(desk, request, known.problem)
  if (awayMs > RESUME_WITHIN_MS) return interrupt(desk, request, `it was away for ${formatDuration(awayMs)}`)
  if ((request.takenOver ?? 0) > MOST_TAKEOVERS) {
    return interrupt(desk, request, `that happened ${MOST_TAKEOVERS + 1} times during this run`)
  }
  await goOn(desk, request, known.prepared)
}

const preparedOf = (
  desk: Desk,
  request: RunRequest,
): { readonly prepared: PreparedRun } | { readonly problem: string } => {
  const runbook = desk.library.runbooks.find((one) => one.id === request.runbook)
  if (runbook === undefined) return { problem: 'its runbook is not known any more' }
  try {
    return { prepared: { host: desk.inventory.find(request.host), runbook, parameters: request.parameters } }
  } catch (error) {
    if (error instanceof ExpectedError) return { problem: 'its host is not in the inventory any more' }
    throw error
  }
}

const goOn = async (desk: Desk, request: RunRequest, prepared: PreparedRun): Promise<void> => {
  const progress = progressOf(desk, prepared, request)
  const place = placeOf(request.place)
  await desk.outbox.post({
    id: request.headId,
    threadId: request.threadId === request.headId ? null : request.threadId,
    threadTs: place.threadTs,
    channel: place.channel,
    draft: headMessage(progress.head()),
    priority: PRIORITY.head,
  })
  const run = request.runId === null ? undefined : await desk.store?.findRun(request.runId)
  await record(desk, {
    actor: 'medic',
    verb: 'resume',
    subject: request.id,
    detail: { host: request.host, runbook: request.runbook, place: request.place, run: run?.id ?? 'none yet' },
  })
  const ended = run === undefined || run.state === 'running' ? null : await endingOf(desk, run)
  if (ended !== null) {
    await sayingBugs(desk, request, progress, () => conclude(desk, { prepared, request, progress, ending: ended }))
    return
  }
  const resume = run === undefined ? undefined : await resumable(desk, run, prepared)
  if (run !== undefined && resume === undefined) {
    const error = 'the process that ran it ended before anything could be gone on with'
    await desk.store?.finishRun(run.id, 'interrupted', desk.now(), { error })
  }
  // Not waited for: commands are answered while it goes on.
  void conduct(desk, prepared, request, progress, resume)
}

/** A run that had ended is told from what is stored; the host is not asked again. */
const endingOf = async (desk: Desk, run: Run): Promise<RunEnding | null> => {
  if (desk.store === null) return null
  if (run.state === 'failed') {
    return { state: 'failed', error: new ExpectedError(run.error ?? 'the run failed'), by: null }
  }
  if (run.state !== 'done' && run.state !== 'cancelled') return null
  return { state: run.state, result: await storedResult(desk.store, run), by: null }
}

/** What may be kept of a run: the same runbook, and evidence that says which boot it saw. Else it begins anew. */
const resumable = async (desk: Desk, run: Run, prepared: PreparedRun): Promise<TriageRequest['resume']> => {
  if (desk.store === null || run.runbookHash !== prepared.runbook.hash) return undefined
  const evidence = await desk.store.readEvidence(run.id)
  const knowsBoot = evidence.some((item) => item.command === BOOT_ID_PATH && item.result.stdout.trim() !== '')
  return knowsBoot ? { run, evidence } : undefined
}

const interrupt = async (desk: Desk, request: RunRequest, why: string): Promise<void> => {
  const title = desk.library.runbooks.find((runbook) => runbook.id === request.runbook)?.title ?? request.runbook
  const words = `Medic ended in the middle of it, and ${why}. Nothing was changed on the host. *Run again* looks anew`
  await desk.outbox.edit(
    request.headId,
    headMessage({
      requestId: request.id,
      host: request.host,
      runbook: request.runbook,
      title,
      startedBy: request.requestedBy,
      runId: request.runId,
      startedAtMs: request.createdAtMs,
      elapsedMs: desk.now() - request.createdAtMs,
      state: 'interrupted',
      phases: [],
      outcome: words.replaceAll('*', ''),
    }),
    { final: true },
  )
  await desk.runs.finish(request.id, { state: 'interrupted', verdict: `interrupted: ${why}` })
  const { runId } = request
  if (runId !== null) {
    await desk.store?.finishRun(runId, 'interrupted', desk.now(), { error: `the process that ran it ended; ${why}` })
  }
}
