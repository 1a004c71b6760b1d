import type { MemInfoReader } from './kernelMemInfo.ts'
import { isMemInfoLine, memInfoReader } from './kernelMemInfo.ts'
import type { LogLine } from '../lines/line.ts'
import { secondsApart } from '../lines/secondsApart.ts'

/** The block ends with some lines that only it has, and the table follows at once. */
const MAX_LINES = 12
const MAX_SECONDS = 2

/** Others print the same block: who could not get pages, and a person who asked for it. */
const OTHERS = /allocation failure|Show Memory|allocation failed|SysRq|sysrq/

/**
 * The host memory block at the very beginning of a copy that was cut above it: the first report's, when its table or
 * its kill follows. Nothing is taken once another report, or another printer of such blocks, was seen.
 */
export const headlessMemInfo = (): { see: (line: LogLine) => void; take: (line: LogLine) => MemInfoReader | null } => {
  let reader: MemInfoReader | null = null
  let last: LogLine | null = null
  let isOver = false
  return {
    see: (line) => {
      if (isOver) return
      if (OTHERS.test(line.text) || (reader === null && line.number > FIRST_LINES)) isOver = true
      else if (reader !== null || isMemInfoLine(line.text)) {
        reader ??= memInfoReader()
        if (reader.accept(line.text)) last = line
      }
    },
    take: (line) => {
      const found = isOver || last === null || !follows(last, line) ? null : reader
      isOver = true
      return found
    },
  }
}

/** A copy that was cut has the block at its beginning. Arbitrary. */
const FIRST_LINES = 500

const follows = (last: LogLine, line: LogLine): boolean => {
  const apart = secondsApart(last.time, line.time)
  return (
    last.source === line.source &&
    line.number - last.number <= MAX_LINES &&
    (apart === null || Math.abs(apart) <= MAX_SECONDS)
  )
}
