import type { StepResult } from './step.ts'

export type EvidenceId = `E${number}`

/** Facts, or why there are none. */
export type Reading =
  | { readonly status: 'parsed'; readonly parser: string; readonly facts: unknown }
  | { readonly status: 'unparsed'; readonly parser: string; readonly reason: string }
  | { readonly status: 'none'; readonly reason: string }

/** A step's result with its reading. Text is already redacted. Ids count in runbook order. */
export interface Evidence {
  readonly id: EvidenceId
  readonly step: string
  /** The unit this evidence is about, null for the host. */
  readonly subject: string | null
  /** Shell text of the step, or the path of the file that was read. */
  readonly command: string
  /** Parser that read it (or will, when the bundle is diagnosed again), null for text only people read. */
  readonly parser: string | null
  readonly result: StepResult
  readonly reading: Reading
  /** How many secrets were removed. */
  readonly redactions: number
  /** Stands in for a standard output that is too long for one string; `result.stdout` then costs its whole size. */
  readonly longText?: LongText
}

/** A text of which parts can be had without the whole. */
export interface LongText {
  readonly byteLength: number
  /** The 1-based line as it stands, without its end; empty for a line that the text does not have. */
  line(number: number): string
  /** The text in stretches of whole lines. */
  stretches(): Iterable<string>
}

/** Evidence as kept: the reading is left out, because facts are always read anew from the text. */
export type StoredEvidence = Omit<Evidence, 'reading' | 'longText'>

/** The line that proves it. `line` is 1-based within the evidence's standard output. */
export interface Citation {
  readonly evidence: EvidenceId
  readonly line: number
  readonly text: string
}
