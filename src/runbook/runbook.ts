import type { ByteLimit, Risk } from '../domain/step.ts'

export type ParameterType = 'unit' | 'duration' | 'integer' | 'path' | 'choice'

/** A typed value a person may give; it reaches a step as the environment value of its upper-case name. */
export interface Parameter {
  readonly name: string
  readonly type: ParameterType
  readonly description: string
  /** Empty string: optional without a default. */
  readonly default: string | null
  readonly choices: readonly string[]
}

/** One fence of a runbook. `line` is where its opening fence stands in the file. */
export interface RunbookStep {
  readonly name: string
  readonly kind: 'sh' | 'files'
  /** Shell text, or one path or glob a line. */
  readonly body: string
  readonly line: number
  /** Parser id; a `files` step without one takes the parser registered for the file's base name. */
  readonly parse: string | null
  readonly timeoutMs: number
  readonly limit: ByteLimit
  /** Runs only if this fact is present: a step name that parsed, or `systemd`, `php-fpm`, `node`. */
  readonly when: string | null
  readonly each: 'suspects' | null
  readonly channel: 'shared' | 'own'
  readonly sudo: boolean
  readonly pty: boolean
  readonly risk: Risk
  readonly undo: string | null
  /** Paths and globs of files that a changing step may write, with `{parameter}` marks. */
  readonly touches: readonly string[]
  /** Its absence is not a blind spot. */
  readonly optional: boolean
  /** The prose just above the fence, for help and reports. */
  readonly prose: string
}

export interface Phase {
  readonly title: string
  readonly line: number
  readonly steps: readonly RunbookStep[]
}

/** A procedure that people read and Medic runs. */
export interface Runbook {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly path: string
  /** SHA-256 of the file's text. */
  readonly hash: string
  readonly slash: string | null
  readonly timeoutMs: number
  readonly parameters: readonly Parameter[]
  readonly phases: readonly Phase[]
}
