import type { Finding } from '../domain/finding.ts'
import type { Remedy } from '../domain/remedy.ts'
import type { FactView } from '../parsers/facts.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import type { UnitConfigWarningEvent } from '../parsers/log/systemd/unitEvents.ts'
import { advice } from './dropIn.ts'
import type { RemedyMaker } from './remedy.ts'
import { unitView, type UnitView, type Written } from './unitView.ts'

const LIMIT_KEYS = ['MemoryMax', 'MemoryHigh', 'MemoryLimit', 'MemorySwapMax', 'MemoryLow', 'MemoryMin', 'TasksMax']

const KILLS_AT_ONCE =
  'A limit that comes into force below what the unit holds kills at once: compare with MemoryCurrent first.'

/** What is wrong with one written line, and how it has to read. */
export interface Correction {
  readonly problem: string
  /** Lines as they should stand, section first. */
  readonly corrected: readonly string[]
}

const GOOD = /^(?:infinity|\d+(?:\.\d+)?%|\d+[KMGT]?)$/

/** The line as the author meant it; null when it is valid where it stands (oom.md 3.2). */
export const correctionOf = (written: Written, section: string): Correction | null => {
  const key = written.key === 'MemoryLimit' ? 'MemoryMax' : written.key
  const comment = /^(.*?)\s+[#;].*$/.exec(written.value)
  const bare = (comment?.[1] ?? written.value).trim()
  const value = valueOf(bare)
  const problems = [
    ...(written.section === section
      ? []
      : [`it stands in ${written.section === null ? 'no section' : `[${written.section}]`}, where systemd ignores it`]),
    ...(comment === null
      ? []
      : [
          'a comment at the end of a line is part of the value: systemd has no trailing comments, so the value is invalid and ignored',
        ]),
    ...(value === bare ? [] : [`"${bare}" has no suffix systemd knows: K, M, G and T, each 1024 times the one before`]),
    ...(written.key === 'MemoryLimit'
      ? ['MemoryLimit is the name of cgroup v1: it is ignored beside a modern key and gone since systemd 258']
      : []),
  ]
  if (problems.length === 0 || value === null) return null
  return { problem: problems.join('; '), corrected: [`[${section}]`, `${key}=${value}`] }
}

/** `150MB`, `150 M`, `1.5GiB` as systemd writes them; the text itself when it is good; null when nobody can tell. */
const valueOf = (text: string): string | null => {
  if (GOOD.test(text)) return text
  const match = /^(\d{1,15})\s*([KMGT])(?:i?B)?$/i.exec(text)
  return match === null ? null : `${match[1]}${match[2]?.toUpperCase()}`
}

/** The corrected line for the file that wins; a person has to edit their own file. */
export const correctedLimitMaker: RemedyMaker = {
  id: 'corrected-limit',
  answers: ['limit-not-in-force'],
  propose: (finding, facts) => {
    if (finding.unit === null) return []
    const view = unitView(finding.unit, facts)
    const section = finding.unit.endsWith('.slice') ? 'Slice' : finding.unit.endsWith('.scope') ? 'Scope' : 'Service'
    const corrections = LIMIT_KEYS.flatMap((key) => view.written(key)).flatMap((written) => {
      const correction = correctionOf(written, section)
      return correction === null ? [] : [correctionAdvice(view, written, correction)]
    })
    if (corrections.length > 0) return corrections
    const said = fromWarnings(finding, facts, section)
    return said.length > 0 ? said : other(view)
  },
}

const correctionAdvice = (view: UnitView, written: Written, correction: Correction): Remedy => {
  const winner = winnerOver(view, written, correction.corrected[0] ?? '')
  return advice({
    id: 'corrected-limit',
    title: `Correct line ${written.fileLine} of ${written.path} to ${correction.corrected[1] ?? ''} in ${correction.corrected[0] ?? ''}`,
    because:
      `It reads ${written.key}=${written.value}, and ${correction.problem}. So nothing limits ${view.unit} by that line. ` +
      `Put any comment on a line of its own, then daemon-reload and read the value back with systemctl show.`,
    warnings: [
      ...(winner === null
        ? []
        : [`${winner.path} sets ${winner.key}=${winner.value} later and wins: change it there.`]),
      KILLS_AT_ONCE,
    ],
  })
}

/** systemd's own warning names file, line and text, so a log alone is enough for the correction. */
const fromWarnings = (finding: Finding, facts: FactView, section: string): readonly Remedy[] => {
  const cited = new Set(finding.citations.map((citation) => `${citation.evidence}:${citation.line}`))
  const said = new Map<string, Remedy>()
  for (const item of facts.all(logParser))
    for (const event of eventsOf(item.facts, 'unit-config-warning')) {
      if (!event.cited.some((line) => cited.has(`${item.evidence}:${line.line}`))) continue
      const remedy = warningAdvice(event, section)
      if (remedy !== null) said.set(remedy.title, remedy)
    }
  return [...said.values()]
}

const warningAdvice = (event: UnitConfigWarningEvent, section: string): Remedy | null => {
  const where =
    event.file === null
      ? "the unit's file"
      : `${event.configLine === null ? '' : `line ${event.configLine} of `}${event.file}`
  if (event.problem === 'unknown-key' && event.key !== null && LIMIT_KEYS.includes(event.key))
    return advice({
      id: 'corrected-limit',
      title: `Move ${event.key}= of ${where} into [${section}]`,
      because: `systemd ignores it${event.section === null ? ' where it stands' : ` in [${event.section}]`}, so that line limits nothing.`,
      warnings: [KILLS_AT_ONCE],
    })
  if (event.problem !== 'invalid-value' || event.value === null) return null
  const line = {
    path: event.file ?? '',
    section,
    key: event.key ?? 'MemoryMax',
    value: event.value,
    line: 0,
    fileLine: 0,
  }
  const correction = correctionOf(line, section)
  if (correction === null) return null
  const value = (correction.corrected[1] ?? '').replace(/^[A-Za-z]+=/, '')
  return advice({
    id: 'corrected-limit',
    title: `Correct the value in ${where} to ${value}`,
    because: `It reads ${event.value}, and ${correction.problem}. So that line limits nothing. Put any comment on a line of its own, then daemon-reload and read the value back with systemctl show.`,
    warnings: [KILLS_AT_ONCE],
  })
}

/** A later line of the same key in the right section counts, whatever becomes of this one. */
const winnerOver = (view: UnitView, written: Written, section: string): Written | null => {
  const last = view.written(written.key).findLast((one) => `[${one.section}]` === section)
  return last === undefined || last.line <= written.line ? null : last
}

/** Right as written, and still not in force: a reload is due, or a later file says something else. */
const other = (view: UnitView): readonly Remedy[] => {
  if (view.state?.needDaemonReload === true)
    return [
      advice({
        id: 'corrected-limit',
        title: `Run systemctl daemon-reload for ${view.unit}`,
        because: 'The files changed since systemd read them, so what stands in them is not in force yet.',
        warnings: [KILLS_AT_ONCE],
      }),
    ]
  const twice = LIMIT_KEYS.flatMap((key) => {
    const all = view.written(key).filter((one) => one.section === 'Service')
    return all.length > 1 ? [{ first: all[0], last: all.at(-1) }] : []
  })
  return twice.flatMap(({ first, last }) =>
    first === undefined || last === undefined
      ? []
      : [
          advice({
            id: 'corrected-limit',
            title: `Change ${last.key} in ${last.path}, the file that wins`,
            because: `${first.path} says ${first.key}=${first.value}, and ${last.path} is read later and says ${last.value}.`,
          }),
        ],
  )
}
