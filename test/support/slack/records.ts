/** The nouns of the fake workspace, shaped like Slack's own wherever they cross the wire. */

export type JsonObject = Record<string, unknown>

/** A JSON value as words: text, number or boolean; anything else is the fallback. */
export const asText = (value: unknown, otherwise = ''): string => {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? `${value}` : otherwise
}

export interface Person {
  readonly id: string
  readonly name: string
  readonly realName: string
  readonly tz: string
  readonly isBot?: boolean
  /** A user of another workspace in a shared channel. */
  readonly teamId?: string
}

export interface Channel {
  readonly id: string
  readonly name: string
  readonly kind: 'public' | 'private' | 'im'
  /** User ids; the bot can post only where its own is in the set. */
  readonly members: Set<string>
}

export interface Message {
  type: 'message'
  subtype?: string
  ts: string
  channel: string
  user: string
  text: string
  bot_id?: string
  app_id?: string
  blocks?: JsonObject[]
  attachments?: JsonObject[]
  thread_ts?: string
  metadata?: JsonObject
  client_msg_id?: string
  edited?: { user: string; ts: string }
  files?: StoredFile[]
  /** How many times the bot edited it; Slack itself does not say. */
  edits: number
  streaming?: boolean
}

export interface EphemeralMessage {
  ts: string
  channel: string
  /** The only reader. */
  user: string
  text: string
  blocks?: JsonObject[]
  thread_ts?: string
  /** Slackbot speaks when the app failed to answer. */
  from: 'app' | 'slackbot'
}

export interface StoredFile {
  readonly id: string
  readonly name: string
  title: string
  altText: string | null
  readonly declaredBytes: number
  mimetype: string
  /** Null until the bytes have arrived. */
  bytes: Buffer | null
  completed: boolean
  shares: { channel: string; ts: string; thread_ts?: string }[]
  readonly user: string
}

export interface View {
  readonly id: string
  readonly kind: 'modal' | 'home'
  readonly user: string
  readonly rootViewId: string
  readonly previousViewId: string | null
  hash: string
  body: JsonObject
}

export interface ApiCall {
  readonly method: string
  readonly args: JsonObject
  readonly atMs: number
  /** `ok`, Slack's error code, an HTTP status, or `dropped`. Null until it is answered. */
  outcome: string | null
  durationMs: number | null
}

export type DeliveryType = 'slash_commands' | 'interactive' | 'events_api'

export interface DeliveryAck {
  /** `{}` for a bare acknowledgement. */
  readonly payload: JsonObject
  readonly latencyMs: number
}

export interface Delivery {
  readonly envelopeId: string
  readonly type: DeliveryType
  readonly payload: JsonObject
  readonly attempt: number
  readonly sentAtMs: number
  /** Which socket or address it went to; null if there was none. */
  readonly to: string | null
  ack: DeliveryAck | null
  /** Why the user saw a failure, or null. */
  failure: string | null
  /** Settles with the acknowledgement, or null once the user has seen a failure. */
  readonly settled: Promise<DeliveryAck | null>
}

export type WorkspaceEvent =
  | { readonly kind: 'message' | 'update'; readonly message: Message }
  | { readonly kind: 'delete'; readonly channel: string; readonly ts: string }
  | { readonly kind: 'ephemeral'; readonly ephemeral: EphemeralMessage }
  | { readonly kind: 'ephemeral-delete'; readonly channel: string; readonly user: string; readonly ts: string }
  | { readonly kind: 'modal'; readonly how: 'open' | 'push' | 'update'; readonly view: View }
  | { readonly kind: 'modal-closed'; readonly viewId: string; readonly user: string }
  | { readonly kind: 'home'; readonly view: View }
  | { readonly kind: 'file'; readonly file: StoredFile; readonly message: Message }
  | { readonly kind: 'call'; readonly call: ApiCall }
  | { readonly kind: 'delivery' | 'ack' | 'no-ack'; readonly delivery: Delivery }
  | { readonly kind: 'sockets'; readonly open: number }
  | { readonly kind: 'status'; readonly channel: string; readonly thread_ts: string; readonly text: string }
