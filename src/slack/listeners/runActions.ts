import type { App } from '@slack/bolt'
import { prepareRun } from '../../app/prepareRun.ts'
import { readStoredRun } from '../../app/postmortem/regenerate.ts'
import { ExpectedError } from '../../domain/errors.ts'
import type { RunRequest } from '../../domain/runRequest.ts'
import { ACTION } from '../actionIds.ts'
import { evidenceText } from '../blocks/evidenceText.ts'
import { notice } from '../blocks/notices.ts'
import { fileMessage } from '../blocks/postmortem.ts'
import { onClick, type Click } from '../clicks.ts'
import { sayIn } from '../runs/conclude.ts'
import type { DeliveryBook } from '../delivery.ts'
import { record, refusalOf, type Desk } from '../desk.ts'
import { cancelRun, startRun } from '../runs/startRun.ts'

/** Cancel, Run again, Raw evidence. */
export const listenToRunActions = (app: App, desk: Desk, book: DeliveryBook): void => {
  onClick(app, desk, book, ACTION.cancel, async (click) => {
    const request = await requestOf(desk, click)
    if (request !== undefined) await cancelRun(desk, request, click.actor)
  })
  onClick(app, desk, book, ACTION.again, async (click) => {
    const request = await requestOf(desk, click)
    if (request === undefined) return
    const prepared = prepareRun(
      { ...desk, nowMs: desk.now() },
      { host: request.host, runbook: request.runbook, parameters: request.parameters },
    )
    await startRun(desk, { prepared, actor: click.actor, threadTs: null, after: request })
  })
  onClick(app, desk, book, ACTION.raw, (click) => showRaw(desk, click))
}

export const requestOf = async (desk: Desk, { value, actor }: Click): Promise<RunRequest | undefined> => {
  const request = await desk.runs.find(value)
  if (request === undefined) await actor.answer(notice('This run is not known any more; start a new one.'))
  return request
}

/** Whole outputs leave the store only when somebody asks and may read. */
const showRaw = async (desk: Desk, click: Click): Promise<void> => {
  const request = await requestOf(desk, click)
  if (request === undefined) return
  const refusal = await refusalOf(desk, click.actor, 'read', desk.inventory.find(request.host))
  if (refusal !== null) {
    await click.actor.answer(notice(`Not shown: ${refusal}.`))
    return
  }
  if (desk.store === null || request.runId === null) {
    await click.actor.answer(notice('The evidence of this run was not stored.'))
    return
  }
  const { run, analysis } = await readStoredRun(desk.store, request.runId)
  if (analysis.evidence.length === 0) throw new ExpectedError('nothing of this run is stored')
  await record(desk, {
    actor: click.actor.user,
    verb: 'raw-evidence',
    subject: request.id,
    detail: { host: request.host, run: run.id, place: click.actor.channel },
  })
  const file = fileMessage(`${run.id}.txt`, `Raw evidence of ${run.id}`, evidenceText(analysis.evidence))
  await sayIn(desk, request)(file, null)
}
