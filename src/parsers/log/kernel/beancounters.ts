import type { LogEvent } from '../events.ts'
import type { LogLine } from '../lines/line.ts'
import type { Recognizer } from '../recognizer.ts'
import { toldBy } from '../telling.ts'

/**
 * OpenVZ and Virtuozzo 6 count what a container was refused:
 *   Fatal resource shortage: privvmpages, UB 101.                                     the kernel, as it happens
 *          uid  resource           held    maxheld    barrier      limit    failcnt     /proc/user_beancounters, since the start
 *         101:  kmemsize        2752071    4501504   11055923   11377049          0
 *               privvmpages       65536      65536      65536      69632       1417
 */
export const beancountersRecognizer: Recognizer = {
  id: 'beancounters',
  start: () => {
    const events: LogEvent[] = []
    let isTable = false
    return {
      accept: (line) => {
        const { text } = line
        if (text.startsWith('Fatal resource shortage: ')) {
          const refusal = refusalOf(line, SHORTAGE.exec(text)?.[1])
          if (refusal !== null) events.push(refusal)
          return
        }
        if (HEADER.test(text)) isTable = true
        else if (isTable && text.trim() !== '') {
          const row = ROW.exec(text)
          isTable = row !== null
          const refusal = row?.[2] === undefined || row[2] === '0' ? null : refusalOf(line, row[1])
          if (refusal !== null) events.push(refusal)
        }
      },
      finish: () => events,
    }
  },
}

const SHORTAGE = /^Fatal resource shortage: (\w{3,20}), UB \d/
const HEADER =
  /^\s{0,20}uid\s{1,20}resource\s{1,40}held\s{1,40}maxheld\s{1,40}barrier\s{1,40}limit\s{1,40}failcnt\s{0,4}$/
const ROW = /^\s{0,20}(?:\d{1,12}:)?\s{0,40}([a-z]{3,20})(?:\s{1,40}\d{1,20}){4}\s{1,40}(\d{1,20})\s{0,4}$/

/** What holds memory. The counters of files, locks and packets are other limits. */
const MEMORY: ReadonlySet<string> = new Set([
  'privvmpages',
  'kmemsize',
  'physpages',
  'oomguarpages',
  'swappages',
  'shmpages',
])

const refusalOf = (line: LogLine, resource: string | undefined): LogEvent | null => {
  if (resource === undefined) return null
  if (resource === 'numproc') {
    return { type: 'fork-refused', ...toldBy(line), program: 'numproc', call: 'fork', errno: null }
  }
  if (!MEMORY.has(resource)) return null
  return { type: 'enomem', ...toldBy(line), program: resource, call: 'memory', requestedBytes: null }
}
