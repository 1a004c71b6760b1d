import type { LogEvent } from '../events.ts'
import type { LogLine } from '../lines/line.ts'
import type { KillCommandEvent } from '../programEvents.ts'
import type { Recognizer } from '../recognizer.ts'
import { citedLine, numberOf, toldBy } from '../telling.ts'

/**
 * People and programs that send SIGKILL:
 *   dora : PWD=/home/dora ; USER=root ; COMMAND=/usr/bin/kill -9 345                       (sudo)
 *   type=SYSCALL msg=audit(1763905960.513:88): … syscall=62 … a1=9 … + type=OBJ_PID … opid=345   (auditd)
 */
export const killSendersRecognizer: Recognizer = {
  id: 'kill-senders',
  start: () => {
    const events: LogEvent[] = []
    /** A kill() with signal 9 whose target record has not come yet. */
    let call: { serial: string; line: LogLine } | null = null
    return {
      accept: (line) => {
        const { text } = line
        if (text.includes('COMMAND=')) {
          const event = sudoOf(line)
          if (event !== null) events.push(event)
        } else if (text.includes('msg=audit(') || text.includes('audit(')) {
          const serial = /audit\((\d{1,12}\.\d{1,4}:\d{1,12})\)/.exec(text)?.[1]
          if (serial === undefined) return
          if (isKillCall(text)) call = { serial, line }
          else if (call?.serial === serial && text.includes('opid=')) {
            const event = auditOf(call.line, line)
            if (event !== null) events.push(event)
          }
        }
      },
      finish: () => events,
    }
  },
}

const SUDO = /^\s{0,20}(\S{1,64}) : .{0,2000}?\bCOMMAND=(\S{0,200}\/)?(kill|pkill|killall|skill)(?: (.{1,2000}))?$/
const SIGKILL = /(?:^|\s)(?:-(?:9|KILL|SIGKILL)|(?:-s|--signal)[ =]?(?:9|KILL|SIGKILL))(?=\s|$)/i

const sudoOf = (line: LogLine): KillCommandEvent | null => {
  if (line.source !== null && line.source !== 'sudo') return null
  const match = SUDO.exec(line.text.replace(/^sudo(?:\[\d{1,10}\])?: /, ''))
  const words = match?.[4] ?? ''
  if (match === null || !SIGKILL.test(words)) return null
  const targets = words
    .replace(SIGKILL, ' ')
    .split(/\s+/)
    .filter((word) => word !== '' && !word.startsWith('-'))
  const pids = match[3] === 'kill' ? targets.map((word) => numberOf(/^\d{1,10}$/.exec(word)?.[0])) : []
  return {
    type: 'kill-command',
    ...toldBy(line),
    by: match[1] ?? null,
    pids: pids.filter((pid) => pid !== null),
    names: match[3] === 'kill' ? [] : targets,
    command: `${match[3] ?? ''} ${words}`.slice(0, 300),
  }
}

/** kill is 62 on x86_64, 129 on arm64, 37 on i386; tkill and tgkill are not what people use. */
const isKillCall = (text: string): boolean =>
  (text.includes('type=SYSCALL') || text.includes('type=1300')) &&
  /\bsyscall=(?:62|129|37|kill)\b/.test(text) &&
  /\ba1=9\b/.test(text) &&
  !/\bsuccess=no\b/.test(text)

const auditOf = (call: LogLine, target: LogLine): KillCommandEvent | null => {
  const pid = numberOf(/\bopid=(\d{1,10})/.exec(target.text)?.[1])
  const comm = /\bocomm="([^"]{1,64})"/.exec(target.text)?.[1]
  if (pid === null) return null
  const exe = /\bexe="([^"]{1,400})"/.exec(call.text)?.[1] ?? /\bcomm="([^"]{1,64})"/.exec(call.text)?.[1] ?? 'kill'
  const user = /\bAUID="([^"]{1,64})"/.exec(call.text)?.[1] ?? /\bauid=(\d{1,10})/.exec(call.text)?.[1] ?? null
  return {
    type: 'kill-command',
    ...toldBy(target),
    cited: [citedLine(call), citedLine(target)],
    by: user === '4294967295' || user === 'unset' ? null : user,
    pids: [pid],
    names: comm === undefined ? [] : [comm],
    command: `${exe} (signal 9)`,
  }
}
