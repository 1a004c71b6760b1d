import type { App, MessageShortcut, ViewSubmitAction } from '@slack/bolt'
import { prepareRun } from '../../app/prepareRun.ts'
import { ACTION, SHORTCUT, VIEW } from '../actionIds.ts'
import { answering } from '../answering.ts'
import { chooseHostModal, hostOptions } from '../blocks/modals.ts'
import { guarded } from '../clicks.ts'
import { deliveryKey, type DeliveryBook } from '../delivery.ts'
import { type Actor, type Desk } from '../desk.ts'
import { explainMessage } from '../explain.ts'
import { hostsNamedIn, textOfMessage, type ReadMessage } from '../messageText.ts'
import { isOutsider, OUTSIDER } from '../people.ts'
import { startRun } from '../runs/startRun.ts'

/** The runbook behind *Triage this* and the Home tab. */
export const DEFAULT_RUNBOOK = 'oom-triage'

/** *Triage this* and *Explain this log* on any message, and the menu of hosts. */
export const listenToShortcuts = (app: App, desk: Desk, book: DeliveryBook): void => {
  onShortcut(app, desk, book, SHORTCUT.triage, async (actor, message, triggerId) => {
    const threadTs = message.thread_ts ?? message.ts ?? ''
    const named = hostsNamedIn(textOfMessage(message), desk.inventory)
    const [host] = named
    if (host !== undefined && named.length === 1) return triageIn(desk, actor, host.name, threadTs)
    await desk.client.views.open({ trigger_id: triggerId, view: chooseHostModal({ channel: actor.channel, threadTs }) })
    return undefined
  })
  onShortcut(app, desk, book, SHORTCUT.explain, (actor, message) => explainMessage(desk, actor, message))

  app.options(ACTION.homeHost, async ({ ack, payload }) => {
    const names = [...desk.inventory.list().map((host) => host.name), 'demo']
    await ack({ options: hostOptions([...new Set(names)], payload.value) })
  })

  app.view<ViewSubmitAction>(VIEW.chooseHost, async ({ ack, body, view, context }) => {
    const claim = await book.claim(deliveryKey(context, body))
    const chosen = view.state.values['host']?.[ACTION.homeHost]?.selected_option?.value
    if (chosen === undefined) return ack({ response_action: 'errors', errors: { host: 'Choose a host.' } })
    await ack()
    if (claim !== 'first' || isOutsider(context, body)) return undefined
    const { channel, threadTs } = JSON.parse(view.private_metadata) as { channel: string; threadTs: string }
    const actor = actorOf(desk, { user: body.user.id, channel, threadTs })
    return guarded(desk, actor, () => triageIn(desk, actor, chosen, threadTs))
  })
}

/** A run in a thread that was there before: an alert's. */
export const triageIn = async (desk: Desk, actor: Actor, host: string, threadTs: string | null): Promise<void> => {
  const prepared = prepareRun({ ...desk, nowMs: desk.now() }, { host, runbook: DEFAULT_RUNBOOK, parameters: {} })
  await startRun(desk, { prepared, actor, threadTs, after: null })
}

/** Somebody whose answers go beside a message. */
export const actorOf = (
  desk: Desk,
  where: { readonly user: string; readonly channel: string; readonly threadTs: string | null },
): Actor => ({
  user: where.user,
  channel: where.channel,
  answer: answering({ respond: null, client: desk.client, log: desk.log, ...where }),
})

const onShortcut = (
  app: App,
  desk: Desk,
  book: DeliveryBook,
  callbackId: string,
  work: (actor: Actor, message: ReadMessage, triggerId: string) => Promise<void>,
): void => {
  app.shortcut<MessageShortcut>(
    { callback_id: callbackId, type: 'message_action' },
    async ({ ack, shortcut, respond, context }) => {
      const claim = await book.claim(deliveryKey(context, shortcut))
      await ack().catch((error: unknown) => desk.log.info({ error: String(error) }, 'an acknowledgement was lost'))
      if (claim === 'again') return
      const message = shortcut.message as ReadMessage
      const channel = shortcut.channel.id
      const user = shortcut.user.id
      const threadTs = message.thread_ts ?? null
      const actor: Actor = {
        user,
        channel,
        answer: answering({ respond, client: desk.client, channel, user, threadTs, log: desk.log }),
      }
      if (isOutsider(context, shortcut)) return actor.answer(OUTSIDER)
      await guarded(desk, actor, () => work(actor, message, shortcut.trigger_id))
    },
  )
}
