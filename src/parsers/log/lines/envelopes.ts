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

const takeCells = (head: Head, cells: readonly string[], message: string): void => {
  const others = cells.filter((cell) => cell !== message)
  const stamp = others.find((cell) => IS_STAMP.test(cell))
  if (stamp !== undefined) setTime(head, stamp, isoToMs(stamp))
  if (others.some((cell) => cell === 'kernel' || cell === 'kernel:')) setSource(head, 'kernel', null)
  head.stamped = true
  head.text = message
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

/** An entry's message in `journalctl -o verbose` or `-o export`, where the rest of the entry was lost. */
export const messageField: Layer = (head) => {
  if (head.source !== null || !head.text.startsWith('MESSAGE=')) return false
  head.text = head.text.slice('MESSAGE='.length)
  head.boxed = true
  head.stamped = true
  return true
}
