import type { KernelVictim } from './kernelEvents.ts'

/** Whose memory was short, as far as the line of the kill says; macOS limits single processes. */
export type KillScope = 'memcg' | 'process' | 'global' | 'cpuset' | null

/** A line that says a process was killed, or (old kernels) selected. */
export interface KillLine {
  readonly verb: 'killed' | 'selected' | 'sharing'
  readonly scope: KillScope
  readonly victim: KernelVictim
  readonly whole: boolean
}
