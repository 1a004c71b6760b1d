/** Calls per minute of each tier (Slack's rate limit page). */
const TIER_PER_MINUTE = { 1: 1, 2: 20, 3: 50, 4: 100 } as const

/** The tier of each method the bot may call; posting has a limit of its own. */
export const METHOD_TIERS: Readonly<Record<string, 1 | 2 | 3 | 4>> = {
  'apps.connections.open': 1,
  'chat.update': 3,
  'chat.delete': 3,
  'chat.postEphemeral': 4,
  'views.open': 4,
  'views.push': 4,
  'views.update': 4,
  'views.publish': 4,
  'files.getUploadURLExternal': 4,
  'files.completeUploadExternal': 4,
  'files.info': 4,
  'canvases.create': 2,
  'canvases.edit': 3,
  'usergroups.users.list': 2,
  'conversations.members': 4,
  'conversations.replies': 3,
  'conversations.history': 3,
  'chat.startStream': 2,
  'chat.appendStream': 4,
  'chat.stopStream': 2,
  'users.info': 4,
  'reactions.add': 3,
}

export interface RateLimitOptions {
  /** Messages a second in one channel, and how many may come at once. */
  readonly posting?: { readonly perSecond: number; readonly burst: number }
  /** Enforce the tiers of the methods. */
  readonly tiers?: boolean
  /** How much faster this Slack's seconds and minutes pass, for tests that are too long at its own pace; default 1. */
  readonly speed?: number
}

interface Bucket {
  tokens: number
  atMs: number
}

/** Token buckets, one a channel for posting and one a method for its tier. */
export class RateLimits {
  readonly #buckets = new Map<string, Bucket>()
  readonly #now: () => number
  options: RateLimitOptions

  constructor(now: () => number, options: RateLimitOptions) {
    this.#now = now
    this.options = options
  }

  /** Null when the call may go ahead, else after how many seconds to try again. */
  refusal(method: string, channel: string | null): number | null {
    const posting = this.options.posting
    if (posting !== undefined && method === 'chat.postMessage' && channel !== null) {
      return this.#take(`post ${channel}`, posting.perSecond, posting.burst)
    }
    const tier = METHOD_TIERS[method]
    // Opening sockets at tier 1 would refuse the second of two instances; Slack allows bursts there.
    if (this.options.tiers !== true || tier === undefined || tier === 1) return null
    const perMinute = TIER_PER_MINUTE[tier]
    return this.#take(method, perMinute / 60, perMinute)
  }

  #take(key: string, perSecond: number, burst: number): number | null {
    const nowMs = this.#now() * (this.options.speed ?? 1)
    const bucket = this.#buckets.get(key) ?? { tokens: burst, atMs: nowMs }
    this.#buckets.set(key, bucket)
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * perSecond)
    bucket.atMs = nowMs
    if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond))
    bucket.tokens -= 1
    return null
  }
}
