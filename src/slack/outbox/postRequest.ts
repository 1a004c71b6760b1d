import type { Draft } from './draft.ts'

/** A message to say, and where. */
export interface PostRequest {
  /** Made up when left out; equal ids are one message, also for a process that takes over from a dead one. */
  readonly id?: string
  /** Id of the message that starts the thread; null starts one. */
  readonly threadId: string | null
  /** A thread that is not ours, by Slack's own name. */
  readonly threadTs?: string | null
  readonly channel: string
  readonly draft: Draft
  readonly priority?: number
}
