import type { CheckId, Level } from './snapshot.ts'

/** What became of one check since the digest before. */
export type DeltaState = 'new' | 'worse' | 'same' | 'better' | 'resolved' | 'stale'

/** One line of a digest: host, object, value, threshold, since. */
export interface DigestLine {
  readonly host: string
  readonly check: CheckId
  readonly object: string
  readonly state: DeltaState
  readonly level: Level
  readonly text: string
  readonly threshold: string
  readonly sinceMs: number
  /** Who looks after the host, from its tag `owner`. */
  readonly owner: string | null
}

/** Something that rises, in words that never give one date without its range. */
export interface DigestGrowth {
  readonly host: string
  readonly object: string
  readonly perHourBytes: number
  /** Null while it is too early to forecast. */
  readonly hours: { readonly soonest: number; readonly middle: number; readonly latest: number | null } | null
  readonly roomBytes: number | null
  /** Hourly values of the last days for a small picture, oldest first; null where an hour is missing. */
  readonly trend: readonly (number | null)[]
}

export interface DigestMover {
  readonly host: string
  readonly object: string
  readonly fromBytes: number
  readonly toBytes: number
}

export interface DigestChange {
  readonly host: string
  readonly kind: 'reboot' | 'packages' | 'limit' | 'system'
  readonly text: string
}

export interface NotChecked {
  readonly host: string
  readonly reason: string
  /** When it answered last, null when it never did. */
  readonly lastSeenMs: number | null
}

/** The morning message about a fleet, as data. */
export interface Digest {
  readonly schema: 'medic.digest/1'
  readonly id: string
  readonly name: string
  readonly hosts: string
  readonly atMs: number
  /** The time it looks at begins here. */
  readonly sinceMs: number
  /** When the digest before was made, null for the first. */
  readonly previousAtMs: number | null
  /** Nights without a digest since then, in words. */
  readonly missed: readonly string[]
  readonly total: number
  readonly checked: number
  readonly lines: readonly DigestLine[]
  readonly growing: readonly DigestGrowth[]
  readonly changes: readonly DigestChange[]
  readonly movers: readonly DigestMover[]
  readonly notChecked: readonly NotChecked[]
  /** Hosts that answered, of which some checks could not be seen. */
  readonly partly: readonly { readonly host: string; readonly text: string }[]
  /** Why there is no forecast where there is none: hosts by reason. */
  readonly unforecast: readonly { readonly reason: string; readonly count: number }[]
  readonly runId: string
}
