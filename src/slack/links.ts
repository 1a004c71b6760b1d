import type { Desk } from './desk.ts'

/** The address of a message of ours, null when Slack gives none. */
export const linkTo = async (desk: Desk, messageId: string): Promise<string | null> => {
  const where = await desk.outbox.placeOf(messageId)
  if (where === null) return null
  try {
    const answer = await desk.client.chat.getPermalink({ channel: where.channel, message_ts: where.ts })
    const link = answer.permalink
    return link !== undefined && /^https?:\/\/[^\s<>|]+$/.test(link) ? link : null
  } catch {
    return null
  }
}
