import { DECISIVE, STAMPED } from './decorations.ts'
import type { Head, Layer } from './head.ts'
import { isoToMs, setSource, setTime } from './head.ts'

/**
 * A log shown as a table: a page's, a database client's, a log viewer's export.
 *   | 2 | 2026-11-12 09:15:02 | db1 | Out of memory: Killed process 4242 (java) total-vm:… |
 *    2026-11-12 09:15:02.119+00 | db1 | kernel: | Out of memory: Killed process 4242 (java) …
 * A row of a manual looks alike: a time, a number of the row or a whole log line tells the log.
 */
const STAMP =
  /^(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d(?::?\d\d)?))?|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)$/
const ROW_NUMBER = /^#?\d{1,7}$/
const SPEAKER = /^(?:(kernel)|([A-Za-z][\w.@/-]{0,60})(?:\[(\d{1,10})\])?:)$/
const LINE = new RegExp(String.raw`^(?:${STAMPED}|${DECISIVE})`)

/** More columns than a table of a log has. */
const MAX_CELLS = 16

const cellsOf = (text: string): readonly string[] =>
  text.split(/ {1,200}[|│](?: {1,200}|$)/u).map((cell) => cell.trim())

/** Takes the message out of the cells, and what the others say of it. */
const takeCells = (head: Head, cells: readonly string[], isLog: (cells: readonly string[]) => boolean): boolean => {
  if (cells.length < 2 || cells.length > MAX_CELLS) return false
  const message = cells.reduce((longest, cell) => (cell.length > longest.length ? cell : longest), '')
  const others = cells.filter((cell) => cell !== message)
  if (!LINE.test(message) && !isLog(others)) return false
  const stamp = others.find((cell) => STAMP.test(cell))
  if (stamp !== undefined) setTime(head, stamp, isoToMs(stamp))
  const speaker = others.map((cell) => SPEAKER.exec(cell)).find((match) => match !== null)
  const name = speaker?.[1] ?? speaker?.[2]
  if (name !== undefined) setSource(head, name, speaker?.[3] === undefined ? null : Number(speaker[3]))
  head.stamped = true
  head.text = message
  return true
}

/** A row between bars; the last one may be lost with what stood behind it. */
export const tableRow: Layer = (head) => {
  const whole = head.text.trimEnd()
  if (head.source !== null || whole.length < 5) return false
  return takeCells(head, cellsOf(whole.slice(1).replace(/[|│]$/u, '')), (cells) =>
    cells.some((cell) => STAMP.test(cell) || ROW_NUMBER.test(cell)),
  )
}

/** A row without bars around it begins with its time, and names who spoke: a level there is an application's own line. */
export const columnRow: Layer = (head) => {
  if (head.source !== null || !head.text.includes(' | ')) return false
  const cells = cellsOf(head.text)
  return STAMP.test(cells[0] ?? '') && takeCells(head, cells, (others) => others.some((cell) => SPEAKER.test(cell)))
}
