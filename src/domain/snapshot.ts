/** What the digest checks, by stable id; thresholds in medic.yaml use these names. */
export const CHECK_IDS = [
  'memory-available',
  'unit-memory',
  'oom-kills',
  'memory-pressure',
  'swap-used',
  'swap-out',
  'major-faults',
  'disk-used',
  'disk-filling',
  'inodes-free',
  'failed-unit',
  'unit-restarts',
  'load',
  'clock',
  'reboot-wanted',
  'certificate',
] as const

export type CheckId = (typeof CHECK_IDS)[number]

export type Level = 'ok' | 'warn' | 'critical'

/** One thing that was measured: host, object, value, threshold. */
export interface CheckReading {
  readonly check: CheckId
  /** A unit, a mount point, a file; `host` for the whole machine. */
  readonly object: string
  /** Larger is worse, whatever the check; null when the check is yes or no. */
  readonly badness: number | null
  readonly level: Level
  /** The value is past the clearing value too: between the two an open state stays open. */
  readonly isClear: boolean
  /** The value in words, with its unit. */
  readonly text: string
  /** What it is compared with, in words. */
  readonly threshold: string
}

/** The last known state of one check of one object. */
export interface Snapshot {
  readonly check: CheckId
  readonly object: string
  readonly level: Level
  readonly badness: number | null
  readonly text: string
  readonly threshold: string
  /** When this level began. */
  readonly sinceMs: number
  /** When it was last seen; older than the host's last answer means stale. */
  readonly seenAtMs: number
}

/** A machine as the fleet remembers it, whatever it is called today. */
export interface Machine {
  /** Fingerprint of the machine id; the host's name where there is none, or two hosts share one. */
  readonly key: string
  readonly host: string
  readonly bootId: string | null
  readonly lastSeenMs: number
}

/** Numbers of one moment, by series: `memory-available`, `unit-memory:queue_worker.service`. */
export interface Sample {
  readonly atMs: number
  readonly bootId: string | null
  readonly values: Readonly<Record<string, number>>
  /** Process ids of units, few each: none in common with the sample before means a restart. */
  readonly pids?: Readonly<Record<string, readonly number[]>>
}
