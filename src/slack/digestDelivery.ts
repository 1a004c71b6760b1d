import { digestPageName, publishDigest } from '../app/digest/digestPage.ts'
import type { DigestPageOutcome } from '../app/digest/digestPage.ts'
import type { NightTools } from '../app/digest/night.ts'
import { savePage } from '../app/postmortem/savePage.ts'
import type { Digest } from '../domain/digest.ts'
import { ExpectedError } from '../domain/errors.ts'
import { renderDigestPage } from '../render/digest/digestPage.ts'
import type { Store } from '../store/store.ts'
import type { Medic } from '../wire.ts'
import { digestMessage } from './blocks/digest.ts'
import { fileMessage } from './blocks/postmortem.ts'
import type { Desk } from './desk.ts'
import type { Draft } from './outbox/draft.ts'
import { messageIdOf } from './messageId.ts'
import { PRIORITY } from './outbox/outbox.ts'

/** A message that takes longer stays in the outbox, which sends it whenever Slack takes it. */
const PATIENCE_MS = 60_000

interface DigestDesk extends Pick<Desk, 'outbox' | 'inventory' | 'log'> {
  readonly store: Pick<Store, 'findOutgoing'>
  readonly medic: Pick<Medic, 'publishers' | 'nextRun' | 'settings'>
}

/**
 * Publishes a digest and posts it to the channel of its schedule. May be called again for the same digest: the same page
 * is written, and a message that was handed over before is not posted again.
 */
export const digestDelivery =
  (desk: DigestDesk): NightTools['deliver'] =>
  async (digest, setting, signal) => {
    await keepReport(desk, digest)
    const outcomes = setting.publish.length === 0 ? [] : await publishTo(desk, setting.publish, digest, signal)
    const { channel } = setting
    // Who lost the hold leaves the rest to whoever has it now.
    if (channel === undefined || signal.aborted) return
    const published = outcomes.filter((outcome) => outcome.status === 'published')
    const address = published.find((outcome) => outcome.address !== null)?.address ?? null
    const { atMs: nextRunAtMs } = await desk.medic.nextRun(setting)
    const threadId = messageIdOf(digest.id, 'digest')
    const posted = await postOnce(desk, {
      id: threadId,
      threadId: null,
      channel,
      draft: digestMessage({
        digest,
        address,
        notPublished: outcomes.flatMap((outcome) =>
          outcome.status === 'failed' ? [`${outcome.target}: ${outcome.message}`] : [],
        ),
        nextRunAtMs,
        canTriage: (host) => desk.inventory.list().some(({ name }) => name === host),
      }),
      priority: PRIORITY.reply,
    })
    if (address === null) {
      const name = digestPageName(digest)
      await postOnce(desk, {
        id: messageIdOf(digest.id, 'digest-report'),
        threadId,
        channel,
        draft: fileMessage(`${name}.md`, `Full report of digest ${digest.name}`, renderDigestPage(digest)),
        priority: PRIORITY.file,
      })
    }
    const result = posted === null ? null : await Promise.race([posted.settled, later(PATIENCE_MS, signal)])
    if (result?.status === 'refused')
      throw new ExpectedError(`digest ${digest.name}: Slack refused the message to ${channel}: ${result.reason}`, {
        hint: 'invite the bot to the channel with /invite, or give another `channel` in medic.yaml',
      })
  }

interface OneMessage {
  readonly id: string
  readonly threadId: string | null
  readonly channel: string
  readonly draft: Draft
  readonly priority: number
}

/** What stands in the store was handed over before: the outbox of whoever is alive sends it. */
const postOnce = async (desk: DigestDesk, message: OneMessage) => {
  if ((await desk.store.findOutgoing(message.id)) !== undefined) return null
  return desk.outbox.post(message)
}

/** The report is a file as well: it can be read where nothing is published. */
const keepReport = async (desk: DigestDesk, digest: Digest): Promise<void> => {
  try {
    await savePage(desk.medic.settings.home, `${digestPageName(digest)}.md`, renderDigestPage(digest), 'digests')
  } catch (error) {
    desk.log.warn({ error, digest: digest.id }, 'the report of a digest was not written')
  }
}

const publishTo = async (
  desk: DigestDesk,
  names: readonly string[],
  digest: Digest,
  signal: AbortSignal,
): Promise<readonly DigestPageOutcome[]> => {
  try {
    return await publishDigest(await desk.medic.publishers(), names, digest, signal)
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    desk.log.warn({ error, digest: digest.id }, 'a digest was not published')
    return [{ target: names.join(', '), status: 'failed', message: error.message }]
  }
}

const later = (ms: number, signal: AbortSignal): Promise<null> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), ms)
    timer.unref()
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
