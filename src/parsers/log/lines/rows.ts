import { DECISIVE, STAMPED } from './decorations.ts'
import type { Head, Layer } from './head.ts'
import { box, isoToMs, setSource, setTime } from './head.ts'
import { KERNEL_TEXT } from './kernelStamps.ts'

// Rows of a log viewer's export: columns with commas, semicolons, bars or tabs between, with or without quotation marks.

/** A line of a log, as a cell or a member holds it. */
export const LOG_LINE = new RegExp(String.raw`^(?:(?:\S{1,64} )?kernel: |${STAMPED}|${DECISIVE}|${KERNEL_TEXT})`, 'u')

const ISO = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d(?::?\d\d)?))?`

/** A cell that is a time, in the forms that exports have. */
export const STAMP_CELL = new RegExp(
  String.raw`^(?:${ISO}|\d{1,2}[/.]\d{1,2}[/.]\d{4},? \d{1,2}:\d\d:\d\d(?:\.\d{1,6})?(?: [AP]M)?|\d{10}(?:\d{3}|\d{6}|\d{9})?)$`,
)

/** No export has more columns. Arbitrary. */
const MAX_CELLS = 24

const takeRow = (head: Head, stamp: string, isKernel: boolean, message: string): void => {
  setTime(head, stamp, isoToMs(stamp))
  if (isKernel) setSource(head, 'kernel', null)
  head.stamped = true
  head.text = message
}

const isKernelCell = (cell: string): boolean => cell === 'kernel' || cell === 'kernel:'

const CELL = /\s{0,4}(?:"((?:[^"]|"")*)"|([^",]*))(?:,|\s{0,4}$)/y

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
  const isKernel = cells.some(isKernelCell)
  const message =
    cells.find((cell) => LOG_LINE.test(cell) && !STAMP_CELL.test(cell)) ??
    (isKernel ? cells.reduce((longest, cell) => (cell.length > longest.length ? cell : longest), '') : undefined)
  if (message === undefined || message === stamp) return false
  takeRow(head, stamp, isKernel, message)
  box(head, message)
  return true
}

const ROW = new RegExp(String.raw`^(${ISO})([,;|\t])`)
const LINE = new RegExp(String.raw`^(?:${STAMPED}|${DECISIVE})`)
const SPEAKER = /^(?:kernel|[A-Za-z][\w.@/-]{0,60})(?:\[\d{1,10}\])?:?$/

/** The same without quotation marks: the columns end where a log line begins. */
export const plainRow: Layer = (head) => {
  const [, stamp, sign] = (head.source === null ? ROW.exec(head.text) : null) ?? []
  if (stamp === undefined || sign === undefined) return false
  const cells = head.text.split(sign)
  for (let at = 1; at < Math.min(cells.length, MAX_CELLS); at += 1) {
    const message = cells.slice(at).join(sign)
    const isLast = at === cells.length - 1
    if (LINE.test(message) || (isLast && sign === '\t' && SPEAKER.test(cells[at - 1] ?? ''))) {
      takeRow(head, stamp, cells.slice(0, at).some(isKernelCell), message)
      return true
    }
  }
  return false
}
