/** What Slack allows, and a little less (slack.md section 2): posts a second in one channel, edits a minute in all. */
export const PACE = {
  postsPerSecond: 1,
  /** "Short bursts allowed": a head and the replies of one run. */
  postBurst: 6,
  editsPerMinute: 40,
  /** The last edits of a minute are kept for final states, which must always be sent. */
  progressEditsPerMinute: 28,
  editGapMs: 1_200,
  /** A minute, and what a call may take longer than the one before it on its way. */
  editWindowMs: 63_000,
  /** A settled message stays at hand this long; afterwards the store knows it. */
  keepSettledMs: 600_000,
} as const

/** Budgets of posting and editing. Every answer is "now" (0) or how long to wait. */
export class Pace {
  readonly #now: () => number
  readonly #channels = new Map<string, { tokens: number; atMs: number }>()
  #edits: number[] = []
  readonly #pausedUntil = new Map<string, number>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Slack asked to wait: everything of that lane stands still. A lane is a channel (posts) or a method. */
  pause(lane: string, forMs: number): void {
    this.#pausedUntil.set(lane, Math.max(this.#pausedUntil.get(lane) ?? 0, this.#now() + forMs))
  }

  waitForPost(channel: string): number {
    const { tokens } = this.#bucket(channel)
    return Math.max(this.#paused(`post ${channel}`), tokens >= 1 ? 0 : ((1 - tokens) / PACE.postsPerSecond) * 1000)
  }

  takePost(channel: string): void {
    this.#bucket(channel).tokens -= 1
  }

  waitForEdit(isFinal: boolean): number {
    const nowMs = this.#now()
    this.#edits = this.#edits.filter((atMs) => nowMs - atMs < PACE.editWindowMs)
    const limit = isFinal ? PACE.editsPerMinute : PACE.progressEditsPerMinute
    const full =
      this.#edits.length >= limit ? (this.#edits[this.#edits.length - limit] ?? nowMs) + PACE.editWindowMs - nowMs : 0
    return Math.max(this.#paused('edit'), full)
  }

  takeEdit(): void {
    this.#edits.push(this.#now())
  }

  #paused(lane: string): number {
    return Math.max(0, (this.#pausedUntil.get(lane) ?? 0) - this.#now())
  }

  #bucket(channel: string): { tokens: number; atMs: number } {
    const nowMs = this.#now()
    const bucket = this.#channels.get(channel) ?? { tokens: PACE.postBurst, atMs: nowMs }
    bucket.tokens = Math.min(PACE.postBurst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * PACE.postsPerSecond)
    bucket.atMs = nowMs
    this.#channels.set(channel, bucket)
    return bucket
  }
}
