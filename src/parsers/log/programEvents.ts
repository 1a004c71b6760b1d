import type { CitedLine, LogTime } from './line.ts'

/** Events that systemd, user-space killers, runtimes, containers and applications print. */
export type ProgramEvent = UnitExitEvent

export interface UnitExitEvent {
  readonly type: 'unit-exit'
  readonly time: LogTime
  readonly cited: readonly CitedLine[]
}
