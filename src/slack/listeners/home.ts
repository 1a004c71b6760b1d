import type { App, BlockAction, ExternalSelectAction } from '@slack/bolt'
import { ACTION } from '../actionIds.ts'
import { homeView } from '../blocks/home.ts'
import { requestLine } from '../blocks/notices.ts'
import { code, escaped, mention, when } from '../blocks/text.ts'
import { guarded } from '../clicks.ts'
import { deliveryKey, type DeliveryBook } from '../delivery.ts'
import { refusalOf, type Desk } from '../desk.ts'
import { linkTo } from '../links.ts'
import { isOutsider } from '../people.ts'
import { actorOf, triageIn } from './shortcuts.ts'

/** The Home tab: start a run, see what waits and what happened. */
export const listenToHome = (app: App, desk: Desk, book: DeliveryBook): void => {
  app.event('app_home_opened', async ({ event, body, context }) => {
    if (event.tab !== 'home' || isOutsider(context, body)) return
    if ((await book.claim(deliveryKey(context, body))) !== 'first') return
    await publish(desk, event.user, event.channel)
  })
  app.action<BlockAction>(ACTION.homeRefresh, async ({ ack, body }) => {
    await ack()
    await publish(desk, body.user.id, channelOf(body))
  })
  app.action<BlockAction>(ACTION.homeHost, async ({ ack, action, body, context }) => {
    const claim = await book.claim(deliveryKey(context, body))
    await ack()
    const host = (action as ExternalSelectAction).selected_option?.value
    // In a modal the same menu waits for its submit button.
    if (claim !== 'first' || host === undefined || body.view?.type !== 'home' || isOutsider(context, body)) return
    const actor = actorOf(desk, { user: body.user.id, channel: channelOf(body), threadTs: null })
    await guarded(desk, actor, () => triageIn(desk, actor, host, null))
    await publish(desk, body.user.id, channelOf(body))
  })
}

/** The direct channel with that person; posting to a person's id opens it. */
const channelOf = (body: BlockAction): string => {
  try {
    const { channel } = JSON.parse(body.view?.private_metadata ?? '{}') as { channel?: unknown }
    return typeof channel === 'string' && channel !== '' ? channel : body.user.id
  } catch {
    return body.user.id
  }
}

const publish = async (desk: Desk, user: string, channel: string): Promise<void> => {
  const refusal = await refusalOf(desk, { user, channel }, 'read', null)
  const requests = refusal === null ? await desk.runs.list({ limit: 10 }) : []
  const pending =
    refusal === null ? ((await desk.approvals?.store.listApprovals({ state: 'pending', limit: 10 })) ?? []) : []
  const waiting = await Promise.all(
    pending.map(async (approval) => {
      const link = await linkTo(desk, approval.messageId)
      const name = `${escaped(approval.plan.runbook)} on ${escaped(approval.plan.host)}`
      return `${link === null ? name : `<${link}|${name}>`} · asked by ${mention(approval.plan.requestedBy)} · until ${when(approval.plan.expiresAtMs)} · ${code(approval.planHash.slice(0, 12))}`
    }),
  )
  const recent = await Promise.all(
    requests.map(async (request) => requestLine(request, await linkTo(desk, request.headId))),
  )
  await desk.client.views
    .publish({ user_id: user, view: homeView({ waiting, recent, nowMs: desk.now(), channel }) })
    .catch((error: unknown) => desk.log.warn({ error: String(error) }, 'the Home tab could not be shown'))
}
