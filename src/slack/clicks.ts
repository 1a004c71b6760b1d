import type { App, BlockAction, ButtonAction } from '@slack/bolt'
import { ExpectedError } from '../domain/errors.ts'
import { answering } from './answering.ts'
import { notice } from './blocks/notices.ts'
import { deliveryKey, type DeliveryBook } from './delivery.ts'
import type { Actor, Desk } from './desk.ts'
import { isOutsider, OUTSIDER } from './people.ts'

/** A button somebody pressed. */
export interface Click {
  /** The opaque id the button carries. */
  readonly value: string
  readonly actor: Actor
  readonly triggerId: string
  /** Where the button stands; null in a Home tab. */
  readonly threadTs: string | null
  readonly body: BlockAction
}

/** Registers one button: acknowledged at once, worked on once, errors answered to the person who clicked. */
export const onClick = (
  app: App,
  desk: Desk,
  book: DeliveryBook,
  actionId: string,
  work: (click: Click) => Promise<void>,
): void => {
  app.action<BlockAction>(actionId, async ({ ack, action, body, respond, context }) => {
    const claim = await book.claim(deliveryKey(context, body))
    await ack().catch((error: unknown) => desk.log.info({ error: String(error) }, 'an acknowledgement was lost'))
    if (claim === 'again') return
    const threadTs = threadOf(body)
    const channel = body.channel?.id ?? ''
    const actor: Actor = {
      user: body.user.id,
      channel,
      answer: answering({
        respond: body.response_url === '' || body.response_url === undefined ? null : respond,
        client: desk.client,
        channel: channel === '' ? body.user.id : channel,
        user: body.user.id,
        threadTs,
        log: desk.log,
      }),
    }
    if (isOutsider(context, body)) return actor.answer(OUTSIDER)
    if (claim === 'silent')
      return actor.answer(notice('Medic cannot write down your click just now: nothing was done.'))
    const value = (action as ButtonAction).value ?? ''
    await guarded(desk, actor, () => work({ value, actor, triggerId: body.trigger_id, threadTs, body }))
  })
}

/** Says what went wrong to the person who asked; a bug of ours gets a reference and a line in the log. */
export const guarded = async (
  desk: Desk,
  actor: Pick<Actor, 'answer' | 'user'>,
  work: () => Promise<void>,
): Promise<void> => {
  try {
    await work()
  } catch (error) {
    if (error instanceof ExpectedError) {
      await actor.answer(notice(error.message, error.hint))
      return
    }
    const reference = Math.random().toString(36).slice(2, 10)
    desk.log.error({ error, user: actor.user, reference }, 'a bug of ours')
    await actor.answer(notice(`Something went wrong inside Medic; nothing was changed. Reference ${reference}.`))
  }
}

const threadOf = (body: BlockAction): string | null => {
  const { container, message } = body as { container?: { thread_ts?: string }; message?: { thread_ts?: string } }
  return container?.thread_ts ?? message?.thread_ts ?? null
}
