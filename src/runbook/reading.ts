import { ParseError } from '../domain/errors.ts'
import type { Reading } from '../domain/evidence.ts'
import type { StepResult } from '../domain/step.ts'
import type { Parser } from '../parsers/parser.ts'
import type { Unnumbered } from './numbering.ts'
import { cleanScreen, isTerminalSession, PTY_SIZE, readScreen, screenText, type Screen } from './screen.ts'

/** Takes control bytes and secrets out of a text, line by line. */
export type Clean = (text: string) => { readonly text: string; readonly redactions: number }

export type OnScreen = (step: string, screen: Screen) => void

interface Tools {
  readonly parsers: { readonly findParser: (id: string) => Parser | undefined }
  readonly clean: Clean
  readonly onScreen?: OnScreen | undefined
}

interface Raw {
  readonly step: string
  readonly subject: string | null
  readonly command: string
  readonly parser: string | null
  readonly pty: boolean
  /** Nothing printed is then no parser's business: the program or the file is not there. */
  readonly optional?: boolean
  readonly result: StepResult
  /** Counted already when evidence is read again. */
  readonly redactions?: number
}

/** Makes evidence of a result: picture to text, then clean, then read. Nothing raw is kept. */
export const readEvidence = async (tools: Tools, raw: Raw): Promise<Unnumbered> => {
  const printed = raw.pty ? await pictured(tools, raw) : raw.result.stdout
  const stdout = tools.clean(printed)
  const stderr = tools.clean(raw.result.stderr)
  const result = { ...raw.result, ...reasonOf(tools, raw.result), stdout: stdout.text, stderr: stderr.text }
  return {
    step: raw.step,
    subject: raw.subject,
    command: raw.command,
    parser: raw.parser,
    result,
    reading:
      raw.optional === true ? mildReading(tools, raw.parser, result) : readingOf(tools.parsers, raw.parser, result),
    redactions: (raw.redactions ?? 0) + stdout.redactions + stderr.redactions,
  }
}

/** A reason may hold words of the host, such as its file names. */
const reasonOf = (tools: Tools, result: StepResult): { reason?: string } =>
  result.outcome === 'unknown' || result.outcome === 'not-run' ? { reason: tools.clean(result.reason).text } : {}

const pictured = async (tools: Tools, raw: Raw): Promise<string> => {
  if (!isTerminalSession(raw.result.stdout)) return raw.result.stdout.replaceAll('\r\n', '\n')
  const { title, screen } = await readScreen(raw.result.stdout, PTY_SIZE)
  tools.onScreen?.(
    raw.step,
    cleanScreen(screen, (text) => tools.clean(text).text),
  )
  return screenText(title, screen)
}

/** An optional step that printed nothing useful has no reading; it is not a text that could not be understood. */
const mildReading = (tools: Tools, parserId: string | null, result: StepResult): Reading => {
  const reading = readingOf(tools.parsers, parserId, result)
  return reading.status === 'unparsed' && result.stdout.trim() === ''
    ? { status: 'none', reason: whyEmpty(result) }
    : reading
}

/** Facts of a text that is clean already, or why there are none. Also for evidence that was stored. */
export const readingOf = (
  tools: { readonly findParser: Tools['parsers']['findParser'] },
  parserId: string | null,
  result: StepResult,
): Reading => {
  if (result.stdout.trim() === '' && !(result.outcome === 'exited' && result.exitCode === 0)) {
    return { status: 'none', reason: whyEmpty(result) }
  }
  if (parserId === null) return { status: 'none', reason: 'text for people' }
  const parser = tools.findParser(parserId)
  if (parser === undefined) return { status: 'unparsed', parser: parserId, reason: `there is no parser "${parserId}"` }
  try {
    return { status: 'parsed', parser: parserId, facts: parser.parse(result.stdout) }
  } catch (error) {
    // A parser's own bug must not end a run on a dying host: it is said in the same place as a text that cannot be read.
    const reason = error instanceof ParseError ? error.message : `bug in the parser: ${String(error)}`
    return { status: 'unparsed', parser: parserId, reason }
  }
}

const whyEmpty = (result: StepResult): string => {
  const said = result.stderr.trim().split('\n')[0] ?? ''
  const tail = said === '' ? '' : `: ${said.slice(0, 200)}`
  if (result.outcome === 'exited') return `exit code ${result.exitCode} without output${tail}`
  if (result.outcome === 'killed') return `killed by ${result.signal} without output${tail}`
  return result.outcome === 'timed-out' ? `timed out without output${tail}` : result.reason
}
