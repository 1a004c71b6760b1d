import type { RespondFn } from '@slack/bolt'
import type { WebClient } from '@slack/web-api'
import type { Answer } from './desk.ts'
import type { Draft } from './outbox/draft.ts'
import type { Log } from './log.ts'

interface Ways {
  /** Works where the bot is no member, five times within 30 minutes; null when there is no such address. */
  readonly respond: RespondFn | null
  readonly client: WebClient
  readonly channel: string
  readonly user: string
  readonly threadTs: string | null
  readonly log: Log
}

/** An answer that only the person who asked can see. Tried in blocks, then in text; first the response address. */
export const answering =
  (ways: Ways): Answer =>
  async (draft) => {
    const thread = ways.threadTs === null ? {} : { thread_ts: ways.threadTs }
    for (const form of formsOf(draft)) {
      if (ways.respond !== null) {
        try {
          await ways.respond({
            response_type: 'ephemeral',
            replace_original: false,
            ...thread,
            ...form,
          })
          return
        } catch (error) {
          ways.log.info({ error: String(error) }, 'the response address did not take an answer')
        }
      }
      try {
        const { channel, user } = ways
        await ways.client.chat.postEphemeral({
          channel,
          user,
          ...thread,
          ...form,
        })
        return
      } catch (error) {
        ways.log.info({ error: String(error) }, 'an answer could not be shown')
      }
    }
  }

/** Text and blocks of an ephemeral answer, as the acknowledgement of a command carries them. */
export const ephemeral = (draft: Draft) => ({
  response_type: 'ephemeral' as const,
  text: draft.text,
  blocks: [...draft.portable],
})

const formsOf = (draft: Draft) => [{ text: draft.text, blocks: [...draft.portable] }, { text: draft.plain }]
