import type { Citation, Evidence, EvidenceId } from '../domain/evidence.ts'
import type { Window } from '../domain/run.ts'
import type { Parser } from './parser.ts'

/** Facts together with the evidence they were read from. */
export interface Sourced<Facts> {
  readonly evidence: EvidenceId
  readonly step: string
  readonly subject: string | null
  /** The command or path; tells cgroup files of one unit apart. */
  readonly command: string
  readonly takenAtMs: number
  readonly facts: Facts
}

/** All parsed evidence of a run, looked up by the parser that read it. */
export interface FactView {
  readonly window: Window
  readonly evidence: readonly Evidence[]
  /** In evidence order; empty when nothing was read by this parser. */
  all<Facts>(parser: Parser<Facts>): readonly Sourced<Facts>[]
  /** The latest reading about one subject (null: the host). */
  latest<Facts>(parser: Parser<Facts>, subject: string | null): Sourced<Facts> | undefined
  /** The numbered line of an evidence's standard output, as it stands. */
  cite(evidence: EvidenceId, line: number): Citation
}

export const factsFrom = (evidence: readonly Evidence[], window: Window): FactView => {
  const byParser = new Map<string, Sourced<unknown>[]>()
  const byId = new Map<EvidenceId, Evidence>()
  for (const item of evidence) {
    byId.set(item.id, item)
    if (item.reading.status !== 'parsed') continue
    const sourced = {
      evidence: item.id,
      step: item.step,
      subject: item.subject,
      command: item.command,
      takenAtMs: item.result.startedAtMs,
      facts: item.reading.facts,
    }
    const list = byParser.get(item.reading.parser)
    if (list === undefined) byParser.set(item.reading.parser, [sourced])
    else list.push(sourced)
  }
  const startsById = new Map<EvidenceId, readonly number[]>()
  const all = <Facts>(parser: Parser<Facts>) => (byParser.get(parser.id) ?? []) as Sourced<Facts>[]
  return {
    window,
    evidence,
    all,
    latest: (parser, subject) => all(parser).findLast((sourced) => sourced.subject === subject),
    cite: (id, line) => {
      const item = byId.get(id)
      if (item?.longText !== undefined) return { evidence: id, line, text: item.longText.line(line) }
      const text = item?.result.stdout ?? ''
      const starts = startsById.get(id) ?? lineStarts(text)
      startsById.set(id, starts)
      return { evidence: id, line, text: lineOf(text, starts, line) }
    },
  }
}

/** Where each line of a text begins, reckoned once: a hostile log may be cited thousands of times. */
const lineStarts = (text: string): readonly number[] => {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** The 1-based line of a text; empty for a line it does not have. */
const lineOf = (text: string, starts: readonly number[], line: number): string => {
  const start = starts[line - 1]
  if (start === undefined) return ''
  const next = starts[line]
  return text.slice(start, next === undefined ? undefined : next - 1).replace(/\r$/, '')
}
