import type { App } from '@slack/bolt'
import { DIGEST_BUTTONS, digestTriage } from '../actionIds.ts'
import { onClick, type Click } from '../clicks.ts'
import type { DeliveryBook } from '../delivery.ts'
import type { Desk } from '../desk.ts'
import { triageIn } from './shortcuts.ts'

/** The *Triage HOST* buttons below a digest: the run goes into the digest's thread. */
export const listenToDigestActions = (app: App, desk: Desk, book: DeliveryBook): void => {
  for (let index = 0; index < DIGEST_BUTTONS; index += 1) {
    onClick(app, desk, book, digestTriage(index), (click) => triageIn(desk, click.actor, click.value, messageOf(click)))
  }
}

const messageOf = ({ body, threadTs }: Click): string | null => threadTs ?? body.message?.ts ?? null
