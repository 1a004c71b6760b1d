/**
 * What a person can act on. Anything else that is thrown is a bug of ours.
 * Wording: `where: what`, lower case, input quoted, expected beside given; the hint says what to try.
 */
export class ExpectedError extends Error {
  readonly hint: string | null
  /** Process exit code, see docs/cli.md: 2 = could not look, 64 = usage. */
  readonly exitCode: number

  constructor(message: string, options: { hint?: string; cause?: unknown; exitCode?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.hint = options.hint ?? null
    this.exitCode = options.exitCode ?? 2
  }
}

/** The words typed on the command line or in chat are wrong. */
export class UsageError extends ExpectedError {
  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { ...options, exitCode: 64 })
  }
}

/** `.env` or `medic.yaml` is wrong; the message begins with file and line. */
export class ConfigError extends ExpectedError {
  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { ...options, exitCode: 64 })
  }
}

export interface RunbookProblem {
  readonly path: string
  readonly line: number
  readonly message: string
}

/** Every problem of one runbook at once. */
export class RunbookError extends ExpectedError {
  readonly problems: readonly RunbookProblem[]

  constructor(problems: readonly RunbookProblem[]) {
    super(problems.map((problem) => `${problem.path}:${problem.line}: ${problem.message}`).join('\n'), { exitCode: 64 })
    this.problems = problems
  }
}

/** The only error a parser may throw; `line` is 1-based within the step's output. */
export class ParseError extends Error {
  readonly parser: string
  readonly line: number

  constructor(parser: string, line: number, message: string) {
    super(`${parser}: line ${line}: ${message}`)
    this.name = 'ParseError'
    this.parser = parser
    this.line = line
  }
}

/** Why no connection to a host could be made or kept; the words stand in a run's `hosts[].state`. */
export type UnreachableReason = 'unreachable' | 'refused' | 'key-changed' | 'key-unknown' | 'login-failed' | 'timed-out'

export class UnreachableError extends ExpectedError {
  readonly reason: UnreachableReason

  constructor(reason: UnreachableReason, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options)
    this.reason = reason
  }
}

/** A page could not be written; nothing was overwritten. */
export class PublishError extends ExpectedError {}

/** The store is full, gone or damaged. */
export class StoreError extends ExpectedError {}
