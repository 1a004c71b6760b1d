import type { Host } from '../domain/host.ts'
import type { ByteLimit, Command, FileResult, StepResult } from '../domain/step.ts'

/** A way to reach hosts. `connect` throws UnreachableError, whose reason says what a person has to mend. */
export interface Transport {
  /** `onReached` is called when a network connection to the host, or to the first machine on the way, stands. */
  connect(host: Host, signal: AbortSignal, onReached?: () => void): Promise<Connection>
}

export interface FileLimits {
  readonly limit: ByteLimit
  readonly timeoutMs: number
}

/** One login, kept for the length of an incident. Disposing it closes every channel. */
export interface Connection extends AsyncDisposable {
  /** What was learned while connecting, for reports: `ssh ops@10.0.0.7:22, SHA256:…`, `this machine`. */
  readonly description: string
  /** False once a process could not be started on the host; null before it was tried. */
  readonly canFork: boolean | null
  /**
   * Tier 1: files read without a process on the host, streamed as they arrive. A path may hold `*` in any part; a glob
   * without a match yields nothing, a missing plain path yields `missing`.
   */
  readFiles(paths: readonly string[], limits: FileLimits, signal: AbortSignal): AsyncIterable<FileResult>
  /**
   * Tier 2: all commands of a phase go out together; results are streamed as they end, in any order, exactly one for each
   * command, whatever happens (a lost connection gives `unknown`, a host that cannot fork gives `not-run`).
   */
  run(commands: readonly Command[], signal: AbortSignal): AsyncIterable<StepResult>
}
