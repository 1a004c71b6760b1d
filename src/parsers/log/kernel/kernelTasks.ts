/**
 * The task table of a kernel report. The header names the columns, and only the header is believed: layouts differ by
 * kernel and vendor (reference: oom.md 2.2).
 *   [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
 *   [    118]     0   118    20751    20600   200704        0             0 hog
 */
export interface TaskRow {
  readonly pid: number
  /** Numbers by column name, the unit as the kernel prints it. */
  readonly columns: Readonly<Record<string, number>>
  readonly comm: string
}

/** Some kernels count the pages of single nodes too: `(01)nrss`. */
const HEADER = /^\[ {1,6}pid {1,6}\] {1,8}([a-z_ ()\d-]{8,300}) name$/

/** The columns between `[ pid ]` and `name`, or null if the line is no table header. */
export const readTaskHeader = (text: string): readonly string[] | null => {
  const match = HEADER.exec(text.trimEnd())
  return match === null ? null : (match[1] ?? '').trim().split(/ +/)
}

const ROW_START = /^\[ {0,12}(\d{1,10})\] /

/** A row under the given columns; null if it is none, or if it was cut among its numbers. */
export const readTaskRow = (text: string, columns: readonly string[]): TaskRow | null => {
  const start = ROW_START.exec(text)
  if (start === null) return null
  const values: Record<string, number> = {}
  let offset = start[0].length
  for (const [index, column] of columns.entries()) {
    while (text.charAt(offset) === ' ') offset += 1
    const end = endOfNumber(text, offset)
    if (end === offset) return null
    const isLast = index === columns.length - 1
    // The last number may be cut where the text ends; all others must have a blank behind them.
    if (text.charAt(end) !== ' ') {
      if (!isLast || end !== text.length) return null
      return { pid: Number(start[1]), columns: values, comm: '' }
    }
    values[column] = Number(text.slice(offset, end))
    offset = end
  }
  return { pid: Number(start[1]), columns: values, comm: text.slice(offset + 1) }
}

const CUT_ROW = /^\[ {0,12}\d{1,10}\](?: {1,24}-?\d{1,20}){2,12}$/
const REST_OF_ROW = /^(?:-?\d{1,20} .{0,80}[^\d\s].{0,40}|[^\d\s-].{0,14})$/

/** Whether a row ends among its numbers or before its name: a mail broke it at a blank. */
export const isCutRow = (text: string): boolean => CUT_ROW.test(text)

/** A row broken at a blank. Where a number was broken there is one too many, which then stands before the name. */
export const joinedRow = (begun: string, rest: string, columns: readonly string[]): TaskRow | null => {
  if (!REST_OF_ROW.test(rest)) return null
  const row = readTaskRow(`${begun} ${rest}`, columns)
  return row === null || row.comm.trim() === '' || /^\s|^-?\d{1,20}(?: |$)/.test(row.comm) ? null : row
}

const endOfNumber = (text: string, from: number): number => {
  let end = text.charAt(from) === '-' ? from + 1 : from
  const digits = end
  while (end - digits < 20 && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end += 1
  return end === digits ? from : end
}
