import type { LogLine } from '../lines/line.ts'
import { mentions } from '../needles.ts'

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
    if (!mayBeFrame(text)) return false
    if (PRINTS.test(text)) printed = number
    return KILLS.test(text) && number - printed <= MAX_BETWEEN
  }
}

/**
 * The end of a trace in which the killer ran, and the dump that follows it: the frame that prints may be lost as well.
 * A task that waits inside the killer has the frames, and no dump.
 */
export const killersDump = (): ((line: LogLine) => boolean) => {
  let kills = Number.NEGATIVE_INFINITY
  let ran = Number.NEGATIVE_INFINITY
  return ({ text, number }) => {
    if (mayBeFrame(text) && (text.includes('out_of_memory+') || text.includes('oom_kill_process'))) {
      if (KILLS.test(text)) kills = number
      else if (CALLS.test(text) && number - kills <= MAX_BETWEEN) ran = number
      return false
    }
    // The slabs are listed for a kill only, below the host's memory.
    return ((text === 'Mem-Info:' || text === 'Mem-info:') && number - ran <= MAX_TRACE) || text.startsWith(SLABS)
  }
}

const mayBeFrame = mentions('dump_header', 'oom_kill_process', 'out_of_memory')

const SLABS = 'Unreclaimable slab info:'

/** Who was at work when the trace was printed: `CPU: 2 PID: 22101 Comm: java Kdump: loaded Tainted: …`. */
const WORKER =
  /^(?:CPU: \d{1,5} (?:UID: \d{1,10} )?PID: (\d{1,10}) Comm: |Pid: (\d{1,10}), comm: )(.{1,15}?) {1,12}(?:Not tainted|Tainted: |Kdump: |Tainted\()/

export interface Worker {
  readonly pid: number
  readonly comm: string
}

/** Who was at work, as a trace's head says; null when the line is none. */
export const workerIn = (text: string): Worker | null => {
  const match = /^(?:CPU|Pid): /.test(text) ? WORKER.exec(text) : null
  return match === null ? null : { pid: Number(match[1] ?? match[2]), comm: match[3] ?? '' }
}

/** The last one named before a line, as far as it belongs to the trace in which the line stands. */
export const workers = (): { see: (line: LogLine) => void; before: (line: LogLine) => Worker | null } => {
  let last: { readonly line: LogLine; readonly worker: Worker } | null = null
  return {
    see: (line) => {
      const worker = workerIn(line.text)
      if (worker !== null) last = { line, worker }
    },
    before: ({ number, source, caller }) =>
      last !== null &&
      number - last.line.number <= MAX_ABOVE &&
      source === last.line.source &&
      caller === last.line.caller
        ? last.worker
        : null,
  }
}

/** The machine's name, a stack of old kernels and the first frames stand between. */
const MAX_ABOVE = 16
const CALLS = /(?:^|[\] (])(?:__|mem_cgroup_)?out_of_memory\+0x/
/** A trace has no more frames. */
const MAX_TRACE = 60

const PRINTS = /(?:^|[\] (])dump_header(?:\.\w{1,16}){0,3}(?:\+0x|\)? from )/
const KILLS = /(?:^|[\] (])(?:oom_kill_process(?:\.\w{1,16}){0,3}|out_of_memory\.cold)\+0x/

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
