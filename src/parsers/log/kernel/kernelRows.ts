import { isCutRow, joinedRow, readTaskRow } from './kernelTasks.ts'
import type { TaskRow } from './kernelTasks.ts'

/** The rows of a task table while they arrive. */
export interface TaskRows {
  readonly rows: TaskRow[]
  /** The beginning of a row that a mail broke. */
  cutRow: string | null
  /** The last row, if it was put together and its name may go on. */
  joined: TaskRow | null
}

/** Rows of the largest table that is kept; the biggest hosts have some ten thousand processes. */
const MAX_ROWS = 20_000

/** Takes a row or a part of one; false if it is none. */
export const acceptRow = (table: TaskRows, text: string, columns: readonly string[]): boolean => {
  const { cutRow, joined } = table
  table.cutRow = null
  table.joined = null
  const broken = cutRow === null ? null : joinedRow(cutRow, text.trim(), columns)
  const row = broken ?? readTaskRow(text, columns)
  // A row without its name says nothing that may be told; the name may follow.
  if (row !== null && row.comm.trim() !== '') {
    if (table.rows.length >= MAX_ROWS) return true
    table.rows.push(row)
    table.joined = broken
    return true
  }
  if (joined !== null && NAME_END.test(text) && joined.comm.length + text.length <= MAX_COMM) {
    table.rows[table.rows.length - 1] = { ...joined, comm: joined.comm + text }
    return true
  }
  if (!isCutRow(text.trimEnd())) return false
  table.cutRow = text.trimEnd()
  return true
}

const NAME_END = /^[\w.-]{1,14}$/
const MAX_COMM = 15
