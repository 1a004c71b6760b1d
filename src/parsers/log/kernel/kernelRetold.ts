import type { LogLine } from '../lines/line.ts'
import { mentions } from '../needles.ts'

/** A line as the kernel printed it: out of another's sentence, and out of an indented block that has no stamps. */
export const plain = (line: LogLine): LogLine => (mayBeRetold(line.text) ? retelling(line) : unpadded(line))

const retelling = (line: LogLine): LogLine => {
  // An editor's capital letter.
  if (line.text.startsWith('Oom-kill:')) return { ...line, text: `o${line.text.slice(1)}`, quoted: true }
  if (line.text.includes('OOMKilling') || MEMBER.test(line.text)) return retold(line)
  if (line.text.includes(' limit exceeded: ')) return hookTold(line)
  const title = line.text.indexOf('ut of memory: Kill') > 1 ? titled(line) : null
  if (title !== null) return title
  const said = QUOTES.test(line.text) ? quotedIn(line) : null
  if (said !== null) return said
  return unpadded(line)
}

/** Words of which one stands in every such sentence. */
const mayBeRetold = mentions(
  'OOMKilling',
  ' limit exceeded: ',
  'ut of memory: ',
  'UT OF MEMORY: ',
  'emory cgroup out of',
  'Killed process ',
  'om-kill',
  ' invoked oom',
)

/** An old tracker fills every line up with blanks. */
const unpadded = (line: LogLine): LogLine =>
  line.text.startsWith('  ') || line.text.endsWith('  ') ? { ...line, text: line.text.trim() } : line

/**
 * node-problem-detector and the events of Kubernetes hand the kernel's sentence on inside one of their own:
 *   5m  Warning  OOMKilling  node/n1  Memory cgroup out of memory: Killed process 1012 (app) total-vm:…
 */
const retold = (line: LogLine): LogLine => {
  const at = line.text.search(/(?:Memory cgroup o|O)ut of memory: Kill(?:ed)? process \d/)
  if (at < 0) return line
  const end = line.text.slice(at).search(/[}"']/)
  return { ...line, text: line.text.slice(at, end < 0 ? undefined : at + end).trimEnd(), quoted: true }
}

/** PBS copies the decisive line into the job's output: `Cgroup mem limit exceeded: oom-kill:constraint=…`. */
const hookTold = (line: LogLine): LogLine => {
  const match = /^Cgroup (?:mem|memsw|memory) limit exceeded: (?=oom-kill:|Memory cgroup out of|(Killed process))/.exec(
    line.text,
  )
  if (match === null) return line
  const scope = match[1] === undefined ? '' : 'Memory cgroup out of memory: '
  return { ...line, text: scope + line.text.slice(match[0].length), quoted: true }
}

/**
 * A report's title, or a person's two words in front of the sentence, which is all that stands behind them:
 *   Bug 1655842 - Out of memory: Kill process 4541 (mysqld) score 300 or sacrifice child
 */
const TITLE =
  /^\s{0,8}(?:#{1,4} )?(?<before>[\p{L}\p{N}#[][^"'`={}$;<>|()\\]{0,80}?)(?:: | [-–—] |：)(?=(?:Memory cgroup o|O)ut of memory: Kill(?:ed)? process \d{1,10} \([^)]{1,23}\)(?:,? (?:total-vm:|UID |score )[\w :,.-]{0,200})?\s{0,8}$)/u
const HEADING = /^#{1,4} (?=(?:Memory cgroup o|O)ut of memory: Kill(?:ed)? process \d)/
/** Manuals and advice say how such a line looks. */
const OF_NO_EVENT =
  /\b(?:if|when|see|like|such|example|e\.g|look|grep|search|expect|test|would|will|may|might|could|message|pattern|format|reports?|assert|should|zum Beispiel|z\.\s?B)\b|\.\w{1,4}:\d/i

const titled = (line: LogLine): LogLine | null => {
  const match = TITLE.exec(line.text) ?? HEADING.exec(line.text)
  if (match === null || OF_NO_EVENT.test(match.groups?.['before'] ?? '')) return null
  return { ...line, text: line.text.slice(match[0].length).trimEnd(), quoted: true }
}

/**
 * Whoever tells of a kill sets the kernel's words in quotation marks, or in a page's marks for code:
 *   - `Memory cgroup out of memory: Killed process 1974108 (in:imuxsock)` (rsyslog).
 *   the log says "Out of memory: Killed process 4541 (mysqld)"
 */
const QUOTED =
  /^(?<before>[^`"“”]{0,160})(?<mark>[`"“])(?<said>(?:(?:Memory cgroup o|O)ut of memory: Kill(?:ed)? process \d|Killed process \d{1,10} \(|oom-kill: ?(?:constraint=|\.{3}|…)|[\w./:-]{1,15} invoked oom-killer: ?(?:gfp|\.{3}|…))[^`"“”]{0,4000})[`"”](?<after>.{0,400})$/
const QUOTES = /[`"“](?:Memory cgroup out of|Out of memory: K|Killed process \d|oom-kill:|[\w./:-]{1,15} invoked oom)/
/** Numbers of nobody, as examples have them. */
const EXAMPLE = / process 1234(?:5)? \(/
/** Words only, and more than one: anything else may be a program's text. */
const PROSE =
  /^[\s>*-]{0,8}(?!(?:echo|print|puts|logger|say|log|grep)\b)\p{L}[\p{L}\p{N}'’]{0,30}(?:[\s,.:;()–—-]{1,4}[\p{L}\p{N}'’]{1,30}){1,24}[\s,.:;–—-]{1,4}$/u

const quotedIn = (line: LogLine): LogLine | null => {
  const found = QUOTED.exec(line.text)?.groups
  if (found === undefined) return null
  const { before = '', mark, said = '', after = '' } = found
  if (OF_NO_EVENT.test(before) || EXAMPLE.test(said) || /^ (?:lines?|messages?|entries|patterns?)\b/.test(after))
    return null
  if (mark !== '`' && (!PROSE.test(before) || /^\s{0,4}[)\],;:=]/.test(after))) return null
  return { ...line, text: said.trimEnd(), quoted: true }
}

/** The same sentence as a member of an object, or a field of an event, that was printed one a line. */
const MEMBER =
  /^\s{0,40}["']?(?:message|msg|note|log|text)["']?: {0,20}["']?(?:\(combined from similar events\): )?(?:Memory cgroup o|O)ut of memory: Kill/i
