import type { LogEvent } from '../events.ts'
import type { LogLine } from '../lines/line.ts'
import type { Recognizer } from '../recognizer.ts'
import { citedLine, toldBy } from '../telling.ts'

/**
 * Oracle's instance was refused its shared memory; the error number behind decides what that was:
 *   ORA-27102: out of memory
 *   Linux-x86_64 Error: 12: Cannot allocate memory          the system had none to give (read by the enomem recognizer)
 *   Linux-x86_64 Error: 28: No space left on device         kernel.shmall is too small: no memory, no disk is full
 */
export const oracleRecognizer: Recognizer = {
  id: 'oracle',
  start: () => {
    const events: LogEvent[] = []
    let refused: LogLine | null = null
    return {
      accept: (line) => {
        if (isOracleRefusal(line.text)) {
          refused = line
          return
        }
        if (refused === null) return
        if (line.number - refused.number > ERROR_WITHIN_LINES) refused = null
        else if (refused !== null && LIMIT.test(line.text)) {
          events.push({
            type: 'app-message',
            ...toldBy(refused),
            cited: [citedLine(refused), citedLine(line)],
            app: 'oracle',
            what: 'shared-memory',
            statedAvailableBytes: null,
            limitBytes: null,
          })
          refused = null
        }
      },
      finish: () => events,
    }
  },
}

/** ENOSPC of shmget, and EINVAL where one segment is larger than kernel.shmmax. */
const LIMIT = /^\S{1,60} Error: (?:28: No space left on device|22: Invalid argument)\s{0,4}$/

/** Blank lines may stand between in a copy. */
const ERROR_WITHIN_LINES = 3

/** The instance did not get its shared memory or its semaphores. */
export const isOracleRefusal = (text: string): boolean =>
  text.startsWith('ORA-27') && /^ORA-27(?:102|123|125|300)\b.{0,200}(?:memory|sem|shm)/.test(text)

/** The answer to such a refusal: ENOSPC here speaks of no disk. */
export const isOracleAnswer = (refused: LogLine | null, line: LogLine): boolean =>
  refused !== null &&
  line.number - refused.number <= ERROR_WITHIN_LINES &&
  /^(?:\S{1,60} Error: 28: |ORA-27301: )/.test(line.text)
