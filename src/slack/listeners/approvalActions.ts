import type { App } from '@slack/bolt'
import { ACTION } from '../actionIds.ts'
import { decideChange } from '../runs/changes.ts'
import { onClick } from '../clicks.ts'
import type { DeliveryBook } from '../delivery.ts'
import type { Desk } from '../desk.ts'

/** Approve and Deny. */
export const listenToApprovalActions = (app: App, desk: Desk, book: DeliveryBook): void => {
  onClick(app, desk, book, ACTION.approve, (click) => decideChange(desk, click.value, click.actor, 'approved'))
  onClick(app, desk, book, ACTION.deny, (click) => decideChange(desk, click.value, click.actor, 'denied'))
}
