import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  type ChatUpdateArguments,
  type WebClient,
} from '@slack/web-api'
import { formOf, type Draft, type Rung } from './draft.ts'

/** How one try ended. `unknown`: it may have been done; look before doing it again. */
export type Sent =
  | { readonly status: 'sent'; readonly ts: string }
  | { readonly status: 'limited'; readonly retryAfterMs: number }
  | { readonly status: 'unknown'; readonly reason: string }
  | { readonly status: 'later'; readonly reason: string }
  | { readonly status: 'refused-form'; readonly reason: string }
  | { readonly status: 'refused'; readonly reason: string }

/** Marks our messages, so that one can be found again after an answer that never came. */
export const METADATA_TYPE = 'medic_message'

/** The form is wrong, another may do. `invalid_arguments` is what strict servers say about blocks they do not know. */
const FORM_ERRORS = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'invalid_attachments',
  'invalid_arguments',
  'invalid_arg_name',
  'msg_too_long',
  'no_text',
])
/** A fault of the service or of our credentials: the message waits. */
const PASSING_ERRORS = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
  'accesslimited',
  'not_authed',
  'invalid_auth',
  'token_expired',
  'token_revoked',
  'account_inactive',
])

/** Sorts what the client threw into what to do next. */
export const sentFrom = (error: unknown): Sent => {
  if (error instanceof WebAPIRateLimitedError) return { status: 'limited', retryAfterMs: error.retryAfter * 1000 }
  if (error instanceof WebAPIPlatformError) {
    const code = error.data.error
    if (code === 'ratelimited' || code === 'rate_limited') return { status: 'limited', retryAfterMs: 1_000 }
    const messages = error.data.response_metadata?.messages ?? []
    const reason = [code, ...messages].join('; ').slice(0, 600)
    if (FORM_ERRORS.has(code)) return { status: 'refused-form', reason }
    return PASSING_ERRORS.has(code) ? { status: 'later', reason } : { status: 'refused', reason }
  }
  if (error instanceof WebAPIHTTPError) {
    // A 4xx is an answer about the request; anything else says nothing about what was done.
    const reason = `HTTP status ${error.statusCode}`
    return error.statusCode >= 400 && error.statusCode < 500
      ? { status: 'later', reason }
      : { status: 'unknown', reason }
  }
  return { status: 'unknown', reason: error instanceof Error ? error.message : String(error) }
}

export interface PostOrder {
  readonly id: string
  readonly channel: string
  readonly threadTs: string | null
  readonly draft: Draft
  readonly rung: Rung
  /** Only what every server knows: channel, text, blocks, thread. */
  readonly isBare?: boolean
}

/** Hosts choose log lines, so nothing is ever parsed, linked or unfurled. */
const INERT = { unfurl_links: false, unfurl_media: false, link_names: false, parse: 'none' } as const

const markOf = (id: string) => ({ metadata: { event_type: METADATA_TYPE, event_payload: { id } } })

export const sendPost = async (client: WebClient, order: PostOrder): Promise<Sent> => {
  const { text, blocks } = formOf(order.draft, order.rung)
  try {
    const answer = await client.chat.postMessage({
      channel: order.channel,
      text,
      ...(blocks === null ? { mrkdwn: false } : { blocks }),
      ...(order.threadTs === null ? {} : { thread_ts: order.threadTs }),
      ...(order.isBare === true ? {} : { ...INERT, ...markOf(order.id), client_msg_id: order.id }),
    })
    return typeof answer.ts === 'string'
      ? { status: 'sent', ts: answer.ts }
      : { status: 'unknown', reason: 'the answer names no message' }
  } catch (error) {
    return sentFrom(error)
  }
}

export const sendEdit = async (client: WebClient, order: PostOrder & { readonly ts: string }): Promise<Sent> => {
  const { text, blocks } = formOf(order.draft, order.rung)
  try {
    await client.chat.update({
      channel: order.channel,
      ts: order.ts,
      text,
      blocks: blocks ?? [],
      ...(order.isBare === true ? {} : { link_names: false, parse: 'none', ...markOf(order.id) }),
    } as unknown as ChatUpdateArguments)
    return { status: 'sent', ts: order.ts }
  } catch (error) {
    return sentFrom(error)
  }
}

export const sendFile = async (client: WebClient, order: PostOrder): Promise<Sent> => {
  const { file } = order.draft
  if (file === undefined) return { status: 'refused', reason: 'no file' }
  try {
    await client.filesUploadV2({
      channel_id: order.channel,
      ...(order.threadTs === null ? {} : { thread_ts: order.threadTs }),
      file: Buffer.from(file.content),
      filename: file.name,
      title: file.title,
    } as Parameters<WebClient['filesUploadV2']>[0])
    return { status: 'sent', ts: '' }
  } catch (error) {
    return sentFrom(error)
  }
}

/**
 * Looks for a message of ours by its mark. `not-allowed` when the history may not be read. A second copy is a double
 * and is deleted at once.
 */
export const findSent = async (
  client: WebClient,
  order: Pick<PostOrder, 'id' | 'channel' | 'threadTs' | 'draft'>,
  sinceMs: number,
): Promise<{ readonly found: string | null } | 'not-allowed'> => {
  const { file } = order.draft
  // A file carries no mark of ours, only its name: an earlier one of the same name is another's.
  const earlierS = file === undefined ? 60 : 2
  const range = { channel: order.channel, oldest: String(Math.floor(sinceMs / 1000) - earlierS), limit: 200 }
  try {
    const answer =
      order.threadTs === null
        ? await client.conversations.history({ ...range, include_all_metadata: true })
        : await client.conversations.replies({ ...range, ts: order.threadTs, include_all_metadata: true })
    const own = (answer.messages ?? [])
      .filter((message) => (file === undefined ? isMarked(message, order.id) : holdsFile(message, file.name)))
      .map((message) => message.ts)
    const [first, ...doubles] = own.filter((ts) => ts !== undefined).toSorted()
    if (file !== undefined) return { found: first ?? null }
    for (const ts of doubles) await client.chat.delete({ channel: order.channel, ts }).catch(() => {})
    return { found: first ?? null }
  } catch (error) {
    // A server that does not know the method answers with an error of its own or with a page.
    const isRefused = error instanceof WebAPIHTTPError && error.statusCode >= 400 && error.statusCode < 500
    if (error instanceof WebAPIPlatformError || isRefused) return 'not-allowed'
    throw error
  }
}

const holdsFile = (message: object, name: string): boolean => {
  const { files, bot_id: botId } = message as { files?: readonly { name?: string }[]; bot_id?: string }
  return botId !== undefined && files?.some((file) => file.name === name) === true
}

const isMarked = (message: object, id: string): boolean => {
  const { metadata, client_msg_id: clientId } = message as {
    metadata?: { event_type?: string; event_payload?: { id?: unknown } }
    client_msg_id?: string
  }
  return clientId === id || (metadata?.event_type === METADATA_TYPE && metadata.event_payload?.id === id)
}
