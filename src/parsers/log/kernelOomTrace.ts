import type { LogLine } from './line.ts'

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
    if (!text.includes('dump_header') && !text.includes('oom_kill_process')) return false
    if (PRINTS.test(text)) printed = number
    return KILLS.test(text) && number - printed <= MAX_BETWEEN
  }
}

const PRINTS = /(?:^|[\] ])dump_header(?:\.\w{1,16}){0,3}(?:\+0x| from )/
const KILLS = /(?:^|[\] ])oom_kill_process(?:\.\w{1,16}){0,3}\+0x/

/** Old compilers leave the remains of other calls between the two. */
const MAX_BETWEEN = 5
