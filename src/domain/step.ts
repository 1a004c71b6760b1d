/** How a command ended. An exit status is only what the peer sent; no status and no signal is `unknown`. */
export type Outcome =
  | { readonly outcome: 'exited'; readonly exitCode: number }
  | { readonly outcome: 'killed'; readonly signal: string }
  | { readonly outcome: 'timed-out' }
  | { readonly outcome: 'unknown'; readonly reason: string }
  | { readonly outcome: 'not-run'; readonly reason: string }

/** The step could not be started, because the host, or its login there, can start no process. */
export const isRefusedFork = (outcome: Outcome): outcome is Extract<Outcome, { outcome: 'not-run' }> =>
  outcome.outcome === 'not-run' && /^cannot[ -]fork\b/i.test(outcome.reason)

/** What one step printed and how it ended. Partial output of a cut step is kept. */
export type StepResult = Outcome & {
  readonly step: string
  /** The unit a step with `each=suspects` was about, null otherwise. */
  readonly subject: string | null
  readonly stdout: string
  readonly stderr: string
  /** Bytes the limit removed; 0 means the output is whole. */
  readonly droppedBytes: number
  readonly startedAtMs: number
  readonly durationMs: number
}

/** Which end of a long output is kept. */
export interface ByteLimit {
  readonly bytes: number
  readonly keep: 'head' | 'tail' | 'both'
}

export type Risk = 'read' | 'change' | 'danger'

/** A shell step made ready for a transport: values travel as environment, never as shell text. */
export interface Command {
  readonly step: string
  readonly subject: string | null
  readonly script: string
  /** Names match `[A-Z_][A-Z0-9_]*`; values were validated, and are data. */
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly limit: ByteLimit
  /** `own`: slow or screen-like, runs beside the shared shell. */
  readonly channel: 'shared' | 'own'
  readonly sudo: boolean
  readonly pty: { readonly columns: number; readonly rows: number } | null
}

/** One file read without a process on the host (SFTP, the local file system, or stored evidence). */
export type FileResult = {
  readonly path: string
  readonly text: string
  readonly droppedBytes: number
  readonly startedAtMs: number
  readonly durationMs: number
} & (
  | { readonly status: 'read' }
  | { readonly status: 'missing' | 'denied' | 'timed-out' | 'failed'; readonly reason: string }
)
