import { PACE } from '../../src/slack/outbox/pace.ts'

// Loaded into the bot before its own program, by `node --import`: a Slack whose minutes are shorter has budgets of the
// same size in them, and whoever soaks the bot may ask how much it holds. Nothing else of the bot is changed.

const speed = Number(process.env['MEDIC_SOAK_SPEED'] ?? 1)

Object.assign(PACE, {
  postsPerSecond: PACE.postsPerSecond * speed,
  editGapMs: PACE.editGapMs / speed,
  editWindowMs: PACE.editWindowMs / speed,
  // Ten minutes of messages at hand are so many as the minute holds.
  keepSettledMs: PACE.keepSettledMs / speed,
})

/** What the bot answers to any message: bytes, and microseconds of CPU since it began. */
export interface Held {
  readonly heap: number
  readonly resident: number
  readonly cpuMicros: number
}

process.on('message', () => {
  globalThis.gc?.()
  const { heapUsed: heap, rss: resident } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  process.send?.({ heap, resident, cpuMicros: user + system } satisfies Held)
})
// The channel alone must not keep a stopped bot alive.
process.channel?.unref()
