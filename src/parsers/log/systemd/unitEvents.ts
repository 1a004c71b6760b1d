import type { Told } from '../lines/line.ts'

/** What systemd (PID 1 or a user manager) says about a unit. */
export type UnitEvent =
  | UnitOomNoticeEvent
  | UnitExitEvent
  | UnitResultEvent
  | UnitRestartEvent
  | UnitStartLimitEvent
  | UnitTimeoutEvent
  | UnitSignalEvent
  | UnitWatchdogEvent
  | UnitDeactivatedEvent
  | UnitConfigWarningEvent

export interface UnitOomNoticeEvent extends Told {
  readonly type: 'unit-oom-notice'
  /** Null in a copy of `systemctl status` that lost the unit's name. */
  readonly unit: string | null
  /** The main process, where a copied status names it. */
  readonly pid?: number | null
  readonly killer: 'kernel' | 'systemd-oomd'
  readonly processes: number | null
}

export interface UnitExitEvent extends Told {
  readonly type: 'unit-exit'
  readonly unit: string
  readonly process: 'main' | 'control' | 'child'
  readonly pid: number | null
  /** Only systemd's debug lines name it. */
  readonly comm?: string | null
  readonly code: 'exited' | 'killed' | 'dumped'
  /** Exit status, or signal number when `code` is not `exited`. */
  readonly status: number
  /** `SIGKILL`, `SIGABRT`; null for an exit status. */
  readonly signal: string | null
}

export interface UnitResultEvent extends Told {
  readonly type: 'unit-result'
  readonly unit: string
  /** Null before systemd 235, which did not print it. */
  readonly result: string | null
}

export interface UnitRestartEvent extends Told {
  readonly type: 'unit-restart'
  readonly unit: string
  /** Null before systemd 235. */
  readonly counter: number | null
}

export interface UnitStartLimitEvent extends Told {
  readonly type: 'unit-start-limit'
  readonly unit: string
}

export interface UnitTimeoutEvent extends Told {
  readonly type: 'unit-timeout'
  readonly unit: string
  /** `stop-sigterm`, `start`, `runtime`, as systemd names it. */
  readonly state: string
}

/** systemd itself sends a signal, in the course of a stop or a time-out. */
export interface UnitSignalEvent extends Told {
  readonly type: 'unit-signal'
  readonly unit: string
  readonly pid: number
  readonly comm: string | null
  readonly signal: string
}

export interface UnitWatchdogEvent extends Told {
  readonly type: 'unit-watchdog'
  readonly unit: string
  /** As printed (`3s`). */
  readonly limit: string | null
}

export interface UnitDeactivatedEvent extends Told {
  readonly type: 'unit-deactivated'
  readonly unit: string
}

/** A line of a unit file that systemd does not apply as it is written. */
export interface UnitConfigWarningEvent extends Told {
  readonly type: 'unit-config-warning'
  /** From the file's name or the line's prefix; for a drop-in the unit its folder belongs to. */
  readonly unit: string | null
  readonly file: string | null
  readonly configLine: number | null
  readonly key: string | null
  readonly section: string | null
  readonly value: string | null
  readonly problem: 'unknown-key' | 'invalid-value' | 'deprecated' | 'outside-section'
  readonly text: string
}
