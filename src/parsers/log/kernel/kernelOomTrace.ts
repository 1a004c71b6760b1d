import type { LogLine } from '../lines/line.ts'

/**
 * The killer in a call trace, where the lines above it are lost: the function that prints a report, called by the one
 * that kills. Neither frame alone is a kill: tasks that wait for the killer have one in their traces.
 *   dump_header+0x50/0x1f0
 *   oom_kill_process+0x1db/0x2c0
 *   dump_header from oom_kill_process+0x23c/0x248        (arm)
 */
export const killerTrace = (): ((line: LogLine) => boolean) => {
  let printed = Number.NEGATIVE_INFINITY
  return ({ text, number }) => {
    if (!text.includes('dump_header') && !text.includes('oom_kill_process') && !text.includes('out_of_memory.cold'))
      return false
    if (PRINTS.test(text)) printed = number
    return KILLS.test(text) && number - printed <= MAX_BETWEEN
  }
}

const PRINTS = /(?:^|[\] ])dump_header(?:\.\w{1,16}){0,3}(?:\+0x| from )/
const KILLS = /(?:^|[\] ])(?:oom_kill_process(?:\.\w{1,16}){0,3}|out_of_memory\.cold)\+0x/

/** Old compilers leave the remains of other calls between the two. */
const MAX_BETWEEN = 5

/**
 * Rows of the killer's table below a lost header: the process's number stands in them twice and nothing else of the
 * kernel's looks like it. True once, at the row that makes it sure.
 *   [  37007]  1000 37007  2444694  1703015 15257600        0             0 geth
 */
export const headlessRows = (): ((line: LogLine) => boolean) => {
  let count = 0
  return ({ text, source }) => {
    if (source !== 'kernel' || !text.startsWith('[') || !ROW.test(text)) return false
    count += 1
    return count === MIN_ROWS
  }
}

const ROW = /^\[ {0,10}(\d{1,10})\] {1,10}\d{1,10} {1,10}\1 {1,12}(?:\d{1,12} {1,16}){3,8}-?\d{1,4} \S/
/** Arbitrary. */
const MIN_ROWS = 3
