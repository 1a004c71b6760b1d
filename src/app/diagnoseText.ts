import type { Evidence, StoredEvidence } from '../domain/evidence.ts'
import { createLogReading, logParser } from '../parsers/log/log.ts'
import { isQuotedPrintable } from '../parsers/log/lines/lines.ts'
import type { Cleaning } from '../redaction/clean.ts'
import type { Clean } from '../runbook/reading.ts'
import { analyse, readStored } from './analyse.ts'
import type { Analysis } from './analyse.ts'
import { KeptText } from './keptText.ts'

/** Shorter texts are handled as one string, as every step's output is. Arbitrary. */
const LONG_TEXT_LENGTH = 1024 * 1024

const NO_WINDOW = { fromMs: null, toMs: null }

/** Explains a log, a dmesg, a journal export or a pasted mess. No host is asked; lines are counted as given. */
export const diagnoseText = (text: string, source: string, clean: Clean, nowMs: number): Analysis => {
  const cleaned = clean(text)
  return diagnoseTexts([readStored(inputEvidence(cleaned.text, { source, number: 1, nowMs }, cleaned.redactions))])
}

/** Explains several texts about one trouble together: the kernel's log, the program's own. */
export const diagnoseTexts = (texts: readonly Evidence[]): Analysis => analyse(texts, NO_WINDOW)

/** One of the texts: its name for people, and its place among them from 1. */
export interface TextInput {
  readonly source: string
  readonly number: number
  readonly nowMs: number
}

/** A text that comes in pieces; becomes the evidence that the whole text would be. */
export interface TextReading {
  /** Takes a piece, cut anywhere. */
  push(piece: string): void
  finish(): Evidence
}

/** A reading whose memory is about the text's size in bytes, whatever characters it holds. */
export const createTextReading = (input: TextInput, cleaning: Cleaning): TextReading => {
  const kept = new KeptText()
  let length = 0
  let isBlank = true
  let softBreaks = false
  const keep = (text: string): void => {
    length += text.length
    isBlank &&= text.trim() === ''
    softBreaks ||= isQuotedPrintable(text)
    kept.push(text)
  }
  return {
    push: (piece) => {
      keep(cleaning.push(piece))
    },
    finish: () => {
      const { text, redactions } = cleaning.finish()
      keep(text)
      return length < LONG_TEXT_LENGTH || isBlank
        ? readStored(inputEvidence(kept.whole(), input, redactions))
        : longEvidence(kept, softBreaks, inputEvidence('', input, redactions))
    },
  }
}

const longEvidence = (kept: KeptText, softBreaks: boolean, input: StoredEvidence): Evidence => ({
  ...input,
  // Right for everybody who asks for the whole text, and nothing in memory until then.
  result: Object.defineProperty(input.result, 'stdout', { get: () => kept.whole(), enumerable: true }),
  longText: kept,
  reading: longReading(kept, softBreaks),
})

const longReading = (kept: KeptText, softBreaks: boolean): Evidence['reading'] => {
  try {
    const reading = createLogReading(softBreaks)
    kept.forEachLine(reading.accept)
    return { status: 'parsed', parser: logParser.id, facts: reading.finish() }
  } catch (error) {
    return { status: 'unparsed', parser: logParser.id, reason: `bug in the parser: ${String(error)}` }
  }
}

const inputEvidence = (stdout: string, { source, number, nowMs }: TextInput, redactions: number): StoredEvidence => ({
  id: `E${number}`,
  step: 'input',
  subject: null,
  command: source,
  parser: logParser.id,
  redactions,
  result: {
    step: 'input',
    subject: null,
    stdout,
    stderr: '',
    outcome: 'exited',
    exitCode: 0,
    droppedBytes: 0,
    startedAtMs: nowMs,
    durationMs: 0,
  },
})
