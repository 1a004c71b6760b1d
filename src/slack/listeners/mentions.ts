import type { App } from '@slack/bolt'
import { ownNotice } from '../blocks/notices.ts'
import { guarded } from '../clicks.ts'
import { normalise, parseCommand } from '../commandText.ts'
import { deliveryKey, type DeliveryBook } from '../delivery.ts'
import type { Actor, Desk } from '../desk.ts'
import { explainMessage } from '../explain.ts'
import { hostsNamedIn, textOfMessage, type ReadMessage } from '../messageText.ts'
import { isOutsider, OUTSIDER } from '../people.ts'
import { prepareRun } from '../../app/prepareRun.ts'
import { startRun } from '../runs/startRun.ts'
import { planCommand } from './commands.ts'
import { actorOf, DEFAULT_RUNBOOK, triageIn } from './shortcuts.ts'

interface Mention {
  readonly text: string
  readonly user: string
  readonly channel: string
  readonly ts: string
  readonly threadTs: string | null
  readonly message: ReadMessage
}

/** `@medic server1`, `@medic explain`, also in the thread of an alert: the answer stays in that thread. */
export const listenToMentions = (app: App, desk: Desk, book: DeliveryBook): void => {
  app.event('app_mention', async ({ event, body, context }) => {
    if ((await book.claim(deliveryKey(context, body))) !== 'first' || event.user === undefined) return
    const threadTs = event.thread_ts ?? null
    const actor = actorOf(desk, { user: event.user, channel: event.channel, threadTs })
    if (isOutsider(context, { team_id: event.team ?? body.team_id })) return actor.answer(OUTSIDER)
    const text = event.text.replaceAll(/<@[UW][A-Z0-9]+(?:\|[^>]*)?>/g, ' ')
    const mention = {
      text,
      user: event.user,
      channel: event.channel,
      ts: event.ts,
      threadTs,
      message: event as ReadMessage,
    }
    await guarded(desk, actor, () => answerMention(desk, actor, mention))
  })
}

const answerMention = async (desk: Desk, actor: Actor, mention: Mention): Promise<void> => {
  const [first = ''] = mention.text.trim().split(/\s+/)
  if (first.toLowerCase() === 'explain') {
    const rest = { ...mention.message, text: mention.text.trim().slice('explain'.length) }
    const isAlone = rest.text.trim() === '' && mention.message.files === undefined
    const message = isAlone ? await rootOf(desk, mention) : rest
    if (message !== null) await explainMessage(desk, actor, message)
    else await actor.answer(CANNOT_READ)
    return
  }
  if (normaliseOrEmpty(mention.text) === '' || /^triage$/i.test(mention.text.trim())) {
    await triageThread(desk, actor, mention)
    return
  }
  const command = parseCommand(mention.text, '@medic demo --since 2h')
  if (command.type === 'run' && !command.dryRun) {
    const { host, parameters } = command
    const prepared = prepareRun({ ...desk, nowMs: desk.now() }, { host, runbook: DEFAULT_RUNBOOK, parameters })
    await startRun(desk, { prepared, actor, threadTs: mention.threadTs, after: null })
    return
  }
  const plan = planCommand(desk, '@medic', command, DEFAULT_RUNBOOK)
  await ('answer' in plan ? actor.answer(plan.answer) : plan.work(actor))
}

/** A bare mention in a thread is about what the thread is about. */
const triageThread = async (desk: Desk, actor: Actor, mention: Mention): Promise<void> => {
  const root = mention.threadTs === null ? null : await rootOf(desk, mention)
  const named = root === null ? [] : hostsNamedIn(textOfMessage(root), desk.inventory)
  const [host] = named
  if (host !== undefined && named.length === 1) return triageIn(desk, actor, host.name, mention.threadTs)
  return actor.answer(
    ownNotice(
      mention.threadTs !== null && root === null
        ? 'I may not read this thread. Name the host: `@medic server1`.'
        : 'Which host? For example `@medic demo`, or `@medic explain` under a log. `@medic help` tells more.',
    ),
  )
}

const CANNOT_READ = ownNotice(
  'I may not read this thread. Use the message shortcut *Explain this log* on the message, or paste the log behind `@medic explain`.',
)

/** The message that began the thread; null without the scope to read it. */
const rootOf = async (desk: Desk, mention: Mention): Promise<ReadMessage | null> => {
  if (mention.threadTs === null) return null
  try {
    const answer = await desk.client.conversations.replies({ channel: mention.channel, ts: mention.threadTs, limit: 1 })
    const [root] = answer.messages ?? []
    return root === undefined ? null : { ...(root as ReadMessage), thread_ts: mention.threadTs }
  } catch (error) {
    desk.log.info({ error: String(error) }, 'a thread could not be read')
    return null
  }
}

const normaliseOrEmpty = (text: string): string => (text.trim() === '' ? '' : normalise(text))
