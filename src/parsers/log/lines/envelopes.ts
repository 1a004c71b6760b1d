import { DECISIVE, STAMPED } from './decorations.ts'
import type { Head, Layer } from './head.ts'
import { isoToMs, setSource, setTime } from './head.ts'

// What a log viewer's export sets around a line: the columns of a file with commas, semicolons or tabs, and the
// `key=value` of a collector. Taken off only where a log line stands inside for certain.

const STAMP = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d(?::?\d\d)?))?`
const IS_STAMP = new RegExp(String.raw`^${STAMP}$`)
const LINE = new RegExp(String.raw`^(?:${STAMPED}|${DECISIVE})`)
const NAME = /^(kernel|[A-Za-z][\w.@/-]{0,60})(?:\[(\d{1,10})\])?:?$/

/** More columns than an export has. */
const MAX_CELLS = 24

const CELL = /(?:"((?:[^"]|"")*)"|([^",;\t]*))([,;\t]|$)/y

/** The cells of a row, null where it is none. */
const cellsOf = (row: string): readonly string[] | null => {
  const cells: string[] = []
  CELL.lastIndex = 0
  while (cells.length < MAX_CELLS) {
    const match = CELL.exec(row)
    if (match === null) return null
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (match[3] === '') return cells
  }
  return null
}

const takeCells = (head: Head, cells: readonly string[], message: string): void => {
  const others = cells.filter((cell) => cell !== message)
  const stamp = others.find((cell) => IS_STAMP.test(cell))
  if (stamp !== undefined) setTime(head, stamp, isoToMs(stamp))
  if (others.some((cell) => cell === 'kernel' || cell === 'kernel:')) setSource(head, 'kernel', null)
  head.stamped = true
  head.text = message
}

/** `"2026-11-12T09:15:02Z","db1","kernel","Out of memory: Killed process …"`, also where the message alone is quoted. */
export const csvRow: Layer = (head) => {
  const row = head.text.trimEnd()
  if (head.source !== null || !row.endsWith('"')) return false
  const cells = cellsOf(row)
  if (cells === null || cells.length < 2) return false
  const message = cells.reduce((longest, cell) => (cell.length > longest.length ? cell : longest), '')
  const hasStamp = cells.some((cell) => IS_STAMP.test(cell))
  if (!hasStamp && !LINE.test(message)) return false
  takeCells(head, cells, message)
  return true
}

const PLAIN_ROW = new RegExp(String.raw`^(${STAMP})([,;|\t])`)

/** The same without quotation marks: the columns end where a log line begins. */
export const plainRow: Layer = (head) => {
  const row = PLAIN_ROW.exec(head.text)
  const sign = row?.[2]
  if (head.source !== null || row === null || sign === undefined) return false
  const cells = head.text.split(sign)
  for (let at = 1; at < Math.min(cells.length, MAX_CELLS); at += 1) {
    const message = cells.slice(at).join(sign)
    if (LINE.test(message) || (at === cells.length - 1 && sign === '\t' && NAME.test(cells[at - 1] ?? ''))) {
      takeCells(head, [...cells.slice(0, at), message], message)
      return true
    }
  }
  return false
}

const PAIRS =
  /^(?:[A-Za-z_@][\w.@-]{0,40}=(?:"(?:[^"\\]|\\.){0,400}"|[^\s"]{0,400}) ){0,16}(?:msg|message|MESSAGE|log|line)="((?:[^"\\]|\\.){1,4000})"/

/** `ts=… level=warn host=n1 msg="Out of memory: Killed process …"`: only for a line of a log; others read the pairs. */
export const logfmt: Layer = (head) => {
  if (head.source !== null || !head.text.includes('="')) return false
  const match = PAIRS.exec(head.text)
  const message = match?.[1]?.replaceAll(String.raw`\"`, '"')
  if (match === null || message === undefined || !LINE.test(message)) return false
  const stamp = new RegExp(String.raw`\b(?:ts|time|timestamp)="?(${STAMP})"?(?: |$)`).exec(match[0])?.[1]
  if (stamp !== undefined) setTime(head, stamp, isoToMs(stamp))
  head.text = message
  head.boxed = true
  head.stamped = true
  return true
}

const FIELD =
  /^"(?:MESSAGE|message|@message|msg|log|textPayload|_raw|LogEntry|LogMessage|SyslogMessage)" ?: ?("(?:[^"\\]|\\.){1,8000}"),?\s{0,4}$/

/** `"message": "Nov 12 09:15:02 db1 kernel: Out of memory: …",`: an entry whose JSON is printed over several lines. */
export const jsonField: Layer = (head) => {
  const value = head.source === null ? FIELD.exec(head.text)?.[1] : undefined
  if (value === undefined) return false
  const text = unescaped(value)
  if (text === null) return false
  head.text = text.replace(/\n$/, '')
  head.boxed = true
  head.stamped = true
  return true
}

/** An entry's message in `journalctl -o verbose` or `-o export`, where the rest of the entry was lost. */
export const messageField: Layer = (head) => {
  if (head.source !== null || !head.text.startsWith('MESSAGE=')) return false
  head.text = head.text.slice('MESSAGE='.length)
  head.boxed = true
  head.stamped = true
  return true
}

const unescaped = (json: string): string | null => {
  try {
    return JSON.parse(json) as string
  } catch {
    return null
  }
}
