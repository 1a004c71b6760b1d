import type { App } from '@slack/bolt'
import type { DeliveryBook } from './delivery.ts'
import type { Desk } from './desk.ts'
import { listenToApprovalActions } from './listeners/approvalActions.ts'
import { listenToCommands } from './listeners/commands.ts'
import { listenToDigestActions } from './listeners/digestActions.ts'
import { listenToHome } from './listeners/home.ts'
import { listenToMentions } from './listeners/mentions.ts'
import { listenToPostmortemActions } from './listeners/postmortemActions.ts'
import { listenToRunActions } from './listeners/runActions.ts'
import { listenToShortcuts } from './listeners/shortcuts.ts'

/** One line a listener; each is thin and calls what it needs. */
const LISTENERS: readonly ((app: App, desk: Desk, book: DeliveryBook) => void)[] = [
  listenToCommands,
  listenToRunActions,
  listenToPostmortemActions,
  listenToApprovalActions,
  listenToShortcuts,
  listenToMentions,
  listenToHome,
  listenToDigestActions,
]

export const listen = (app: App, desk: Desk, book: DeliveryBook): void => {
  for (const register of LISTENERS) register(app, desk, book)
  app.error(async (error) => {
    desk.log.error({ error: error.original ?? error }, 'a listener failed')
  })
}
