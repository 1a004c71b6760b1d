import { DECISIVE, STAMPED } from './decorations.ts'
import type { Head, Layer } from './head.ts'
import { isoToMs, setSource, setTime } from './head.ts'
import { KERNEL_TEXT } from './kernelStamps.ts'

/** The message of a record that was printed one member a line (JSON, YAML), and records as rows of a CSV file. */

const JSON_MEMBER =
  /^"(?:message|MESSAGE|@message|msg|log|line|text|_raw|textPayload|body|full_message)"\s{0,4}:\s{0,4}("(?:[^"\\]|\\.){0,60000}")\s{0,4},?\s{0,4}$/

/** `    "message": "Nov 12 09:15:02 web1 kernel: …",` of `jq`, `aws logs`, `journalctl -o json-pretty`. */
export const jsonMember: Layer = (head) => {
  const match = JSON_MEMBER.exec(head.text)
  const text = match === null ? null : parsed(match[1] ?? '')
  if (text === null) return false
  box(head, text.replace(/\n$/, ''))
  return true
}

const parsed = (literal: string): string | null => {
  try {
    return JSON.parse(literal) as string
  } catch {
    return null
  }
}

const box = (head: Head, text: string): void => {
  head.text = text
  head.boxed = true
  head.stamped = true
}

const LOG_LINE = new RegExp(String.raw`^(?:(?:\S{1,64} )?kernel: |${STAMPED}|${DECISIVE}|${KERNEL_TEXT})`, 'u')
const OPENING = new RegExp(
  String.raw`^["'](?=${STAMPED}|${DECISIVE}|(?:[\w.-]{1,64} )?(?:kernel: ?(?:\[ {0,12}\d{1,10}\.\d{1,9}\] )?)?${KERNEL_TEXT})`,
  'u',
)
/** What is told behind the closing mark is somebody's own sentence. */
const LITERAL = /^"((?:[^"\\]|\\.){1,8000})"(?=[\s,;.:)\]?!]|$)|^'([^']{1,8000})'(?=[\s,;.:)\]?!]|$)/u
/** Cells of a row stand side by side. */
const CELLS = /^"[^"]{0,400}","/

/** One text of a list of texts, or a line that somebody quotes: `  "Nov 12 09:15:02 web1 kernel: …",` */
export const quotedLine: Layer = (head) => {
  if (head.source !== null || !OPENING.test(head.text) || CELLS.test(head.text)) return false
  const match = LITERAL.exec(head.text)
  const inside = match?.[1] === undefined ? match?.[2] : (parsed(`"${match[1]}"`) ?? match[1])
  box(head, inside ?? head.text.slice(1))
  return true
}

const YAML_MEMBER = /^(?:(MESSAGE|textPayload)|message|msg|log|_raw): {1,4}(\S.{0,60000})$/s

/** `  MESSAGE: 'oom-kill:constraint=…'` of `gcloud logging read`; other names may be anybody's sentence. */
export const yamlMember: Layer = (head) => {
  const match = head.source === null ? YAML_MEMBER.exec(head.text) : null
  if (match === null) return false
  const text = unquoted(match[2] ?? '')
  if (match[1] === undefined && !LOG_LINE.test(text)) return false
  box(head, text)
  return true
}

/** A long scalar is folded: its closing quotation mark may stand lines below. */
const unquoted = (scalar: string): string => {
  if (scalar.startsWith("'"))
    return scalar
      .slice(1)
      .replace(/(?<!')'\s{0,4}$/, '')
      .replaceAll("''", "'")
  if (scalar.startsWith('"')) return parsed(scalar.trimEnd()) ?? scalar.slice(1)
  return scalar
}

const CELL = /\s{0,4}(?:"((?:[^"]|"")*)"|([^",]*))(?:,|\s{0,4}$)/y
const STAMP_CELL =
  /^(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d(?::?\d\d)?))?|\d{1,2}[/.]\d{1,2}[/.]\d{4},? \d{1,2}:\d\d:\d\d(?:\.\d{1,6})?(?: [AP]M)?|\d{10}(?:\d{3}|\d{6}|\d{9})?)$/
const MAX_CELLS = 24

/** The cells of a row; null when a cell is not closed. */
const cellsOf = (row: string): readonly string[] | null => {
  const cells: string[] = []
  let at = 0
  while (at < row.length && cells.length < MAX_CELLS) {
    CELL.lastIndex = at
    const match = CELL.exec(row)
    if (match === null || match[0] === '') return null
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    at += match[0].length
  }
  return at < row.length ? null : cells
}

/**
 * A row that a log service exported: `"2026-11-12T09:15:02Z","web1","kernel","oom-kill:constraint=…"`. It has its time
 * in a cell of its own, and either a log line or a speaker's name in another.
 */
export const csvRow: Layer = (head) => {
  if (head.source !== null || !head.text.includes(',')) return false
  const cells = cellsOf(head.text)
  if (cells === null || cells.length < 2) return false
  const stamp = cells.find((cell) => STAMP_CELL.test(cell))
  if (stamp === undefined) return false
  const isKernel = cells.includes('kernel')
  const message =
    cells.find((cell) => LOG_LINE.test(cell) && !STAMP_CELL.test(cell)) ??
    (isKernel ? cells.reduce((longest, cell) => (cell.length > longest.length ? cell : longest), '') : undefined)
  if (message === undefined || message === stamp) return false
  setTime(head, stamp, isoToMs(stamp))
  if (isKernel) setSource(head, 'kernel', null)
  box(head, message)
  return true
}

/** The same with tabs between, as a page's table is copied: `2026-11-12T09:15:02<tab>web1<tab>kernel<tab>…`. */
export const tabbedRow: Layer = (head) => {
  if (head.source !== null || !head.text.includes('\t')) return false
  const cells = head.text.split('\t', MAX_CELLS).map((cell) => cell.trim())
  const [stamp, ...others] = cells
  if (stamp === undefined || !STAMP_CELL.test(stamp) || others.length === 0) return false
  const isKernel = others.some((cell) => cell === 'kernel' || cell === 'kernel:')
  const message = others.at(-1) ?? ''
  if (!isKernel && !LOG_LINE.test(message)) return false
  setTime(head, stamp, isoToMs(stamp))
  if (isKernel) setSource(head, 'kernel', null)
  box(head, message)
  return true
}

const LOGFMT = /^(?:time|ts|t|level)=("[^"]{1,60}"|\S{1,60}) .{0,200}?\bmsg=("(?:[^"\\]|\\.){0,8000}")/

/** `time="2026-11-12T09:15:02Z" level=info msg="oom-kill:constraint=…"` of a program that hands the kernel's log on. */
export const logfmtMessage: Layer = (head) => {
  if (head.source !== null || !head.text.includes('msg="')) return false
  const match = LOGFMT.exec(head.text)
  const text = match === null ? null : parsed(match[2] ?? '')
  if (match === null || text === null || !LOG_LINE.test(text)) return false
  const stamp = (match[1] ?? '').replaceAll('"', '')
  if (STAMP_CELL.test(stamp)) setTime(head, stamp, isoToMs(stamp))
  box(head, text)
  return true
}
