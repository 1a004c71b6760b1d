import type { App, ViewSubmitAction } from '@slack/bolt'
import { answerQuestions, openQuestions } from '../../app/postmortem/openQuestions.ts'
import { publishPostmortem } from '../../app/postmortem/publish.ts'
import { regeneratePostmortem } from '../../app/postmortem/regenerate.ts'
import type { RunRequest } from '../../domain/runRequest.ts'
import type { Store } from '../../store/store.ts'
import { ACTION, VIEW } from '../actionIds.ts'
import { postmortemModal } from '../blocks/modals.ts'
import { notice } from '../blocks/notices.ts'
import { fileMessage, postmortemMessage } from '../blocks/postmortem.ts'
import { publishedMessage } from '../blocks/published.ts'
import { onClick, type Click } from '../clicks.ts'
import { sayIn } from '../runs/conclude.ts'
import { deliveryKey, type DeliveryBook } from '../delivery.ts'
import { record, refusalOf, type Desk } from '../desk.ts'
import { messageIdOf } from '../messageId.ts'
import { isOutsider } from '../people.ts'
import { requestOf } from './runActions.ts'

/** Edit, Regenerate, Download, Publish, and what the form brings back. */
export const listenToPostmortemActions = (app: App, desk: Desk, book: DeliveryBook): void => {
  onClick(app, desk, book, ACTION.editPostmortem, async (click) => {
    const page = await pageOf(desk, click, 'change')
    if (page === null) return
    const questions = openQuestions(page.markdown)
    if (questions.length === 0) {
      await click.actor.answer(notice('No question is open any more.', 'Download the draft to change its text.'))
      return
    }
    await desk.client.views.open({
      trigger_id: click.triggerId,
      view: postmortemModal({
        requestId: page.request.id,
        incidentId: page.incidentId,
        version: page.version,
        questions,
      }),
    })
  })
  onClick(app, desk, book, ACTION.regeneratePostmortem, async (click) => {
    const page = await pageOf(desk, click, 'change')
    if (page === null) return
    await regeneratePostmortem(await desk.publishTools(), page.incidentId, desk.now())
    await changed(desk, page, click.actor.user, 'regenerated')
  })
  onClick(app, desk, book, ACTION.downloadPostmortem, async (click) => {
    const page = await pageOf(desk, click, 'read')
    if (page === null) return
    const title = `Postmortem draft ${page.incidentId}, version ${page.version}`
    await sayIn(desk, page.request)(fileMessage(`${page.incidentId}.md`, title, page.markdown), null)
  })
  const publishing = new Set<string>()
  onClick(app, desk, book, ACTION.publishPostmortem, async (click) => {
    const page = await pageOf(desk, click, 'change')
    if (page === null) return
    if (publishing.has(page.incidentId)) {
      await click.actor.answer(notice('This postmortem is being published already; the thread will say how it went.'))
      return
    }
    publishing.add(page.incidentId)
    try {
      await publish(desk, page, click.actor.user)
    } finally {
      publishing.delete(page.incidentId)
    }
  })
  app.view<ViewSubmitAction>(VIEW.postmortem, async ({ ack, body, view, context }) => {
    const claim = await book.claim(deliveryKey(context, body))
    if (claim === 'again') return ack()
    const { request: requestId, version } = JSON.parse(view.private_metadata) as { request: string; version: number }
    const answers = answersOf(view.state.values)
    const [firstBlock = 'question-0'] = Object.keys(view.state.values)
    const refuse = (reason: string) => ack({ response_action: 'errors', errors: { [firstBlock]: reason } })
    if (claim === 'silent') return refuse('Medic cannot store this just now. Try again in a minute.')
    if (isOutsider(context, body)) return refuse('Medic answers people of its own workspace only.')
    const request = await desk.runs.find(requestId)
    if (request === undefined || request.incidentId === null || desk.store === null) {
      return refuse('This run is not known any more.')
    }
    const actor = { user: body.user.id, channel: request.place.split('/')[0] ?? '' }
    const refusal = await refusalOf(desk, actor, 'change', desk.inventory.find(request.host))
    if (refusal !== null) return refuse(`Not saved: ${refusal}.`)
    const newest = await desk.store.findPostmortem(request.incidentId)
    if (newest === undefined || newest.version !== version) {
      return refuse('Somebody changed the draft in the meantime. Close this form and open it again.')
    }
    // A form sent back empty changed nothing, and nobody is said to have edited.
    if (answers.size === 0) return ack()
    await desk.store.savePostmortem(request.incidentId, answerQuestions(newest.markdown, answers), desk.now())
    await ack()
    const page = { request, incidentId: request.incidentId, store: desk.store, markdown: newest.markdown, version }
    return changed(desk, page, body.user.id, 'edited')
  })
}

interface Page {
  readonly request: RunRequest
  readonly incidentId: string
  readonly store: Store
  readonly markdown: string
  readonly version: number
}

const pageOf = async (desk: Desk, click: Click, verb: 'read' | 'change'): Promise<Page | null> => {
  const request = await requestOf(desk, click)
  if (request === undefined) return null
  const refusal = await refusalOf(desk, click.actor, verb, desk.inventory.find(request.host))
  if (refusal !== null) {
    await click.actor.answer(notice(`Not done: ${refusal}.`, 'Download shows the draft to everybody who may read.'))
    return null
  }
  const page = request.incidentId === null ? undefined : await desk.store?.findPostmortem(request.incidentId)
  if (desk.store === null || request.incidentId === null || page === undefined) {
    await click.actor.answer(notice('The draft of this run was not stored.'))
    return null
  }
  return { request, incidentId: request.incidentId, store: desk.store, ...page }
}

/** A wiki that says nothing for so long is not waited for any more. */
const PUBLISH_LIMIT_MS = 180_000

const publish = async (desk: Desk, page: Page, user: string): Promise<void> => {
  const report = await publishPostmortem(
    await desk.publishTools(),
    { incidentId: page.incidentId, targets: [], dryRun: false, requestedBy: user },
    AbortSignal.timeout(PUBLISH_LIMIT_MS),
  )
  await sayIn(desk, page.request)(publishedMessage(report, user), null)
  const isWritten = report.outcomes.some(({ status }) => status === 'published')
  await changed(desk, page, user, isWritten ? 'published' : 'tried to publish', {
    targets: report.outcomes.map(({ target, status }) => `${target} ${status}`).join(', '),
  })
}

/** Shows the new version on the card and writes down who made it. */
const changed = async (
  desk: Desk,
  page: Page,
  user: string,
  how: 'edited' | 'regenerated' | 'published' | 'tried to publish',
  detail: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const newest = await page.store.findPostmortem(page.incidentId)
  if (newest === undefined) return
  await record(desk, {
    actor: user,
    verb: `postmortem-${how.replaceAll(' ', '-')}`,
    subject: page.incidentId,
    detail: { host: page.request.host, version: String(newest.version), ...detail },
  })
  await desk.outbox.edit(
    messageIdOf(page.request.id, 'postmortem'),
    postmortemMessage({
      requestId: page.request.id,
      incidentId: page.incidentId,
      ...newest,
      editedBy: `<@${user}> (${how})`,
      canPublish: desk.canPublish,
    }),
    { final: true },
  )
}

const answersOf = (
  values: Readonly<Record<string, Readonly<Record<string, { readonly value?: string | null }>>>>,
): ReadonlyMap<number, string> => {
  const answers = new Map<number, string>()
  for (const [block, inputs] of Object.entries(values)) {
    const index = /^question-(\d{1,4})$/.exec(block)?.[1]
    const text = inputs['answer']?.value
    if (index !== undefined && typeof text === 'string') answers.set(Number(index), text)
  }
  return answers
}
