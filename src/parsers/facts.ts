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
  const all = <Facts>(parser: Parser<Facts>) => (byParser.get(parser.id) ?? []) as Sourced<Facts>[]
  return {
    window,
    evidence,
    all,
    latest: (parser, subject) => all(parser).findLast((sourced) => sourced.subject === subject),
    cite: (id, line) => ({ evidence: id, line, text: lineOf(byId.get(id)?.result.stdout ?? '', line) }),
  }
}

/** The 1-based line of a text, without splitting the whole of it. */
const lineOf = (text: string, line: number): string => {
  let start = 0
  for (let passed = 1; passed < line; passed += 1) {
    const end = text.indexOf('\n', start)
    if (end === -1) return ''
    start = end + 1
  }
  const end = text.indexOf('\n', start)
  return text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '')
}
