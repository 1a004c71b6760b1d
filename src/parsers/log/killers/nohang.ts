import type { LogEvent } from '../events.ts'
import type { LogLine } from '../lines/line.ts'
import type { Recognizer } from '../recognizer.ts'
import { citedLine, numberOf, toldBy } from '../telling.ts'

/**
 * nohang's corrective action, over several lines:
 *   Implementing a corrective action:
 *     Sending SIGTERM to the victim
 *   [ OK ] Sending SIGTERM to PID 1234; Name: stress
 * Its first versions: `Implement a corrective action:` / `Send SIGTERM to the victim; total response time: 13 ms`, or
 * `Run the command: kill -TERM 1234`.
 */
export const nohangRecognizer: Recognizer = {
  id: 'nohang',
  start: () => {
    const events: LogEvent[] = []
    let intent: LogLine | null = null
    let victim: Named = { pid: null, comm: null }
    return {
      accept: (line) => {
        if (line.source !== null && line.source !== 'nohang' && line.source !== 'nohang-desktop') return
        const { text } = line
        victim = victimNamed(text, victim)
        if (INTENT.test(text)) intent = line
        const done = intent === null ? null : (OK.exec(text) ?? OLD.exec(text))
        if (done === null || intent === null) return
        const signal = (done[1] ?? done[2] ?? '').replace(/^(?!SIG)/, 'SIG')
        events.push({
          type: 'userspace-kill',
          ...toldBy(line),
          cited: [citedLine(intent), citedLine(line)],
          killer: 'nohang',
          signal: signal === 'SIGTERM' || signal === 'SIGKILL' ? signal : null,
          pid: numberOf(done[3] ?? /\bPID:? {1,4}(\d{1,10})/.exec(text)?.[1]) ?? victim.pid,
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

const INTENT = /\bImplement(?:ing)? a corrective action\b/
const OLD =
  /^\s{0,8}(?:Send (SIG[A-Z]{3,5}) to the victim;|Run the command: (?:\/bin\/)?kill -(?:SIG)?(TERM|KILL) (\d{1,10})$)/
const OK = /\[ {0,2}OK {0,2}\] Sending (SIG[A-Z]{3,5})\b/

interface Named {
  readonly pid: number | null
  readonly comm: string | null
}

/**
 * `Found a process with highest badness:` is followed by `PID: 1234, Name: stress, badness: 900`; `Victim status` has a
 * line for each.
 */
const victimNamed = (text: string, before: Named): Named => {
  if (!text.includes('PID: ') && !text.includes('ame: ')) return before
  const pid = numberOf(/\bPID: {1,12}(\d{1,10})/.exec(text)?.[1])
  const comm = /\b[Nn]ame: {1,12}([^,;]{1,64})/.exec(text)?.[1]?.trim() ?? null
  if (pid !== null && comm !== null) return { pid, comm }
  return { pid: pid ?? before.pid, comm: comm ?? before.comm }
}
