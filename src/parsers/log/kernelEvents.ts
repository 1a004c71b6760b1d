import type { CitedLine, LogTime } from './line.ts'

/** Events the kernel prints. Sizes in bytes; null is "not stated". */
export type KernelEvent = KernelOomEvent

export interface KernelOomEvent {
  readonly type: 'kernel-oom'
  readonly time: LogTime
  readonly cited: readonly CitedLine[]
}
