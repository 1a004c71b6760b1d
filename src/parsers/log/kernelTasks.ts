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

const HEADER = /^\[ {1,6}pid {1,6}\] {1,8}([a-z_ -]{8,300}) name$/

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

const endOfNumber = (text: string, from: number): number => {
  let end = text.charAt(from) === '-' ? from + 1 : from
  const digits = end
  while (end - digits < 20 && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end += 1
  return end === digits ? from : end
}
