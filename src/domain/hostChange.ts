import type { Citation } from './evidence.ts'

/** Something about a host that is not as it was: the first question on call is what changed. Never a cause by itself. */
export interface HostChange {
  readonly sort: 'file' | 'code' | 'package' | 'boot'
  /** In words, without the time. */
  readonly what: string
  /** ISO 8601 UTC, null when the text has no zone. */
  readonly at: string | null
  /** The unit whose code it is, null for the host. */
  readonly unit: string | null
  readonly citation: Citation
}
