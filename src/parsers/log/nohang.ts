import type { LogEvent } from './events.ts'
import type { LogLine } from './line.ts'
import type { Recognizer } from './recognizer.ts'
import { citedLine, numberOf, toldBy } from './telling.ts'

/**
 * nohang's corrective action, over several lines:
 *   Implementing a corrective action:
 *     Sending SIGTERM to the victim
 *   [ OK ] Sending SIGTERM to PID 1234; Name: stress
 */
export const nohangRecognizer: Recognizer = {
  id: 'nohang',
  start: () => {
    const events: LogEvent[] = []
    let intent: LogLine | null = null
    let victim: { pid: number | null; comm: string | null } = { pid: null, comm: null }
    return {
      accept: (line) => {
        if (line.source !== null && line.source !== 'nohang' && line.source !== 'nohang-desktop') return
        const { text } = line
        if (line.source === null && intent === null && !text.includes('Implementing a corrective action')) return
        victim = victimNamed(text) ?? victim
        if (text.includes('Implementing a corrective action')) intent = line
        const done = OK.exec(text)
        if (done === null || intent === null) return
        events.push({
          type: 'userspace-kill',
          ...toldBy(line),
          cited: [citedLine(intent), citedLine(line)],
          killer: 'nohang',
          signal: done[1] === 'SIGTERM' || done[1] === 'SIGKILL' ? done[1] : null,
          pid: numberOf(/\bPID:? {1,4}(\d{1,10})/.exec(text)?.[1]) ?? victim.pid,
          comm: victim.comm,
          uid: null,
          rssBytes: null,
          ending: null,
          reason: null,
        })
        intent = null
        victim = { pid: null, comm: null }
      },
      finish: () => events,
    }
  },
}

const OK = /\[ {0,2}OK {0,2}\] Sending (SIG[A-Z]{3,5})\b/

/** `Found a process with highest badness:` is followed by `PID: 1234, Name: stress, badness: 900`. */
const victimNamed = (text: string): { pid: number | null; comm: string | null } | null => {
  if (!text.includes('PID: ') || !text.includes('ame: ')) return null
  const pid = /\bPID: {1,4}(\d{1,10})/.exec(text)?.[1]
  const comm = /\b[Nn]ame: {1,4}([^,;]{1,64})/.exec(text)?.[1]
  return { pid: numberOf(pid), comm: comm?.trim() ?? null }
}
