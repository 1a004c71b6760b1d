import type { LogEvent } from '../events.ts'
import { citedLine, numberOf, toldBy } from '../telling.ts'
import type { LogLine } from '../lines/line.ts'
import type { UserspaceKillEvent } from '../programEvents.ts'
import type { Recognizer } from '../recognizer.ts'

/**
 * earlyoom 1.0 to 1.9:
 *   low memory! at or below SIGTERM limits: mem 15.00%, swap 100.00%
 *   sending SIGTERM to process 354 uid 33 "MainThread": badness 971, VmRSS 213 MiB
 *   process exited after 0.6 seconds
 * No kill: `memory situation has recovered …`, `dryrun, not actually sending`, `sending 0 (no-op signal)`, `kill failed:`.
 */
export const earlyoomRecognizer: Recognizer = {
  id: 'earlyoom',
  start: () => {
    const events: LogEvent[] = []
    let state: State = { reason: null, open: null }
    return {
      accept: (line) => {
        if (line.source !== null && line.source !== 'earlyoom') return
        const { text } = line
        // Indented, or an item of somebody's list.
        const lead = /^ {0,40}(?:[-*•] )?/.exec(text)?.[0] ?? ''
        const bare = lead === '' ? line : { ...line, text: text.slice(lead.length).trimStart() }
        if (mayMatter(bare.text)) state = step(bare, state, events)
      },
      finish: () => events,
    }
  },
}

interface State {
  /** The `low memory!` line, until a signal or a recovery. */
  readonly reason: LogLine | null
  /** Index of the kill whose ending has not been seen. */
  readonly open: number | null
}

/** Up to 1.2 it printed `Low Memory! At or below …`, up to 1.0 `Out of memory! avail: … < min: …`. */
const REASON = /^(?:low memory! |Low Memory! At or below |(?:Out of|Low) memory! (?:mem |avail))/

const mayMatter = (text: string): boolean =>
  REASON.test(text) ||
  text.startsWith('sending SIG') ||
  text.startsWith('Killing process ') ||
  text.startsWith('killing process ') ||
  text.includes('exited after') ||
  text.includes('did not exit') ||
  text.startsWith('kill failed') ||
  text.startsWith('dryrun') ||
  text.startsWith('memory situation has recovered')

const SENDING =
  /^sending (SIGTERM|SIGKILL) to process (\d{1,10})(?: uid (\d{1,10}))? "(.{0,64}?)": (?:badness|oom_score) (-?\d{1,10})\b.{0,400}?VmRSS (\d{1,12}) MiB/
/** Between 1.2 and 1.3 the development version printed the signal's number. */
const NUMBERED =
  /^[Kk]illing process (?:(?<pid>\d{1,10}) "(?<comm>.{0,64}?)" with signal (?<signal>9|15): badness|'(?<comm>.{0,64}?)' with signal (?<signal>9|15), pid: (?<pid>\d{1,10}), badness:) -?\d{1,10}, VmRSS:? (?<mib>\d{1,12}) MiB/
const KILLING = /^Killing process (\d{1,10}) (?:\()?([^)]{1,64}?)(?:\))?$/
const MIB = 1024 * 1024

const step = (line: LogLine, state: State, events: LogEvent[]): State => {
  const { text } = line
  if (REASON.test(text)) return { reason: line, open: null }
  if (text.startsWith('memory situation')) return { reason: null, open: null }
  const kill = killOf(line, state.reason)
  if (kill !== null) {
    events.push(kill)
    return { reason: state.reason, open: events.length - 1 }
  }
  if (state.open === null) return state
  // The timer runs out when the process, signalled, has not gone after ten seconds.
  if ((text.startsWith('kill failed') && !text.includes('Timer expired')) || text.startsWith('dryrun')) {
    events.splice(state.open, 1)
    return { reason: null, open: null }
  }
  const event = events[state.open]
  const ending = /^process(?: \d{1,10})? exited after/.test(text)
    ? 'exited'
    : /^process \d{1,10} did not exit|^kill failed: Timer expired/.test(text)
      ? 'did-not-exit'
      : null
  if (ending === null || event?.type !== 'userspace-kill') return state
  events[state.open] = { ...event, ending, cited: [...event.cited, citedLine(line)] }
  return { reason: null, open: null }
}

const killOf = (line: LogLine, reason: LogLine | null): UserspaceKillEvent | null => {
  const numbered = NUMBERED.exec(line.text)
  if (numbered !== null) return numberedKillOf(line, reason, numbered)
  const sending = SENDING.exec(line.text)
  // Version 1.0 prints no signal and no numbers; without its prefix or its `low memory` line anybody could say this.
  const killing = sending === null && (line.source === 'earlyoom' || reason !== null) ? KILLING.exec(line.text) : null
  if (sending === null && killing === null) return null
  const rssMib = numberOf(sending?.[6])
  return {
    type: 'userspace-kill',
    ...toldBy(line),
    cited: reason === null ? [citedLine(line)] : [citedLine(reason), citedLine(line)],
    killer: 'earlyoom',
    signal: sending?.[1] === 'SIGTERM' || sending?.[1] === 'SIGKILL' ? sending[1] : null,
    pid: numberOf(sending?.[2] ?? killing?.[1]),
    comm: sending?.[4] ?? killing?.[2] ?? null,
    uid: numberOf(sending?.[3]),
    rssBytes: rssMib === null ? null : rssMib * MIB,
    ending: null,
    reason: reason === null ? null : reason.text.slice(0, 200),
  }
}

const numberedKillOf = (line: LogLine, reason: LogLine | null, match: RegExpExecArray): UserspaceKillEvent => {
  const { pid, comm, signal, mib } = match.groups ?? {}
  const rssMib = numberOf(mib)
  return {
    type: 'userspace-kill',
    ...toldBy(line),
    cited: reason === null ? [citedLine(line)] : [citedLine(reason), citedLine(line)],
    killer: 'earlyoom',
    signal: signal === '9' ? 'SIGKILL' : 'SIGTERM',
    pid: numberOf(pid),
    comm: comm ?? null,
    uid: null,
    rssBytes: rssMib === null ? null : rssMib * MIB,
    ending: null,
    reason: reason === null ? null : reason.text.slice(0, 200),
  }
}
