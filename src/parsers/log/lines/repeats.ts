import type { LogLine } from './line.ts'

const FOLDED = /^message repeated (\d{1,9}) times: \[ ?(.{0,65536}?)\]?\s{0,4}$/s
/** The host's name may stand in front: these lines name no program. */
const LAST = /^(?:\S{1,255} )?last message (?:buffered|repeated) (\d{1,9}) times?\s{0,4}$/

/**
 * Takes off what syslog daemons fold repeats into, and says how many lines it stands for:
 *   `message repeated 5 times: [ fork: Cannot allocate memory]` and, in older ones, `last message repeated 5 times`
 * which stands for the line before it. The kernel's lines are left as they are: its reports are no repeats.
 */
export const unfoldRepeats = (line: LogLine, before: LogLine | null): LogLine => {
  const { text } = line
  if (text.startsWith('message repeated ')) {
    const folded = FOLDED.exec(text)
    return folded === null ? line : { ...line, text: folded[2] ?? '', repeats: Number(folded[1]) }
  }
  if (!text.includes('last message ') || before === null || before.source === 'kernel') return line
  const last = LAST.exec(text)
  return last === null
    ? line
    : { ...line, text: before.text, source: before.source, sourcePid: before.sourcePid, repeats: Number(last[1]) }
}
