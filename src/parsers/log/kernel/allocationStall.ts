import type { AllocationStallEvent } from './kernelEvents.ts'
import { isQuoted } from './kernelOomReport.ts'
import type { LogLine } from '../lines/line.ts'
import type { Recognizer } from '../recognizer.ts'

/**
 * Kernels 4.10 to 4.14 say how long somebody has waited for pages:
 *   a.out: page allocation stalls for 10014ms, order:0, mode:0x24280ca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO)
 */
const STALL = /^(.{1,40}?): page allocation stalls for (\d{1,9}) ?ms, order: ?(\d{1,3})/

const MAX_CITED = 6

/** All stalls of a text are one event: the host was short of memory, whoever met it. */
export const allocationStall: Recognizer = {
  id: 'allocation-stall',
  start: () => {
    let event: AllocationStallEvent | null = null
    return {
      accept: (line) => {
        if (!line.text.includes('allocation stalls for ')) return
        const read = readStall(line)
        if (read === null) return
        event = event === null ? read : joined(event, read)
      },
      finish: () => (event === null ? [] : [event]),
    }
  },
}

const readStall = (line: LogLine): AllocationStallEvent | null => {
  const match = STALL.exec(line.text)
  if (match === null) return null
  return {
    type: 'allocation-stall',
    time: line.time,
    cited: [{ line: line.number, text: line.raw }],
    quoted: isQuoted(line),
    comm: match[1] ?? '',
    longestMs: Number(match[2]),
    order: Number(match[3]),
    repeats: 1,
  }
}

/** The longest wait speaks for all. */
const joined = (event: AllocationStallEvent, read: AllocationStallEvent): AllocationStallEvent => {
  const longest = read.longestMs > event.longestMs ? read : event
  return {
    ...longest,
    repeats: event.repeats + 1,
    quoted: event.quoted && read.quoted,
    cited: event.cited.length < MAX_CITED ? [...event.cited, ...read.cited] : event.cited,
  }
}
