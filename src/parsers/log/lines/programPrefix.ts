import type { Head, Layer } from './head.ts'

/**
 * What build systems, viewers and logging libraries set in front of a program's last words, in whatever order:
 *   2024-05-05T10:11:12.131415Z 01E Killed                                   GitLab
 *   [10:11:12]W:  [Step 2/4] Segmentation fault (core dumped)                 TeamCity
 *   2022-05-05 10:11:12,131 ERROR [main] c.e.App - fatal error: runtime: out of memory
 * Such a prefix is a row of stamps, brackets, levels and names. It is taken off only where words follow that decide, for
 * a level or a logger's name tells much of any other line.
 */

/** The kernel's, which other programs quote: behind stamps and names of machines and builds only. */
const KERNEL = String.raw`(?:(?:Memory cgroup o|O)ut of memory: Kill(?:ed)? process \d{1,10} \(.{1,64}\) total-vm:\d|oom-kill:constraint=CONS)`
/** Words that decide wherever a log has them. */
const STRONG = String.raw`(?:FATAL ERROR: .{0,120}(?:JavaScript heap|process) out of memory|(?:[\w.]{1,60}\.)?_?(?:Array)?MemoryError: Unable to allocate |MemoryError: |fatal error: runtime: (?:out of memory|cannot allocate memory)|runtime: out of memory: |memory allocation of \d{1,20} bytes failed|java\.lang\.OutOfMemoryError: |terminate called after throwing an instance of 'std::bad_alloc'|Fatal Python error: Segmentation fault|\*\*\* caught segfault \*\*\*|sending SIG(?:TERM|KILL) to process \d{1,10} |Killed \/\S{1,400} due to memory |Out of memory (?:during|in perl)[ :]|Exhausted heap space, trying to allocate |Heap exhausted(?:;| during)|oh no: Bun has r|panic(?:\([^)]{1,40}\))?: (?:Out of memory|Segmentation fault|attempt to unwrap error: OutOfMemory)|Requested \d[\dx]{0,60} \([\d.]{1,12}[KMGTP]?B\) array exceeds |Error: cannot allocate vector of size |error: out of memory or dimension too large )`
/** Words that anybody may write: they decide as the whole rest of a line that a log stamped. */
const WEAK = String.raw`(?:(?:Killed(?:: 9)?|Segmentation fault(?:: 11)?(?: \(core dumped\))?|MemoryError|Out of memory!|Command terminated by signal 9)(?=\s{0,4}$|\[\/code\]|\{noformat\}|\{code\}|"[,}]?\s{0,4}$))`

/** Words begin behind a blank, a bracket or a quotation mark. */
const WORDS = new RegExp(String.raw`(?<=[\s"'\]>}|*\x60])(?:(${STRONG})|(${KERNEL})|${WEAK})`)
/** A cheap look before it. */
const QUICK = /illed|emory|egfault|egmentation fault|terminated by|FATAL|oom-kill|SIG|xhausted|out of|allocat/

const HAS_NAME = /[\p{L}\d"]/u

/** Longer prefixes are prose. */
const PREFIX_LIMIT = 160

/** Shows that a machine wrote the line, also where the words behind are anybody's. */
const SURE: readonly RegExp[] = [
  // Times, with or without a day.
  /\d{4}[-/.]\d\d[-/.]\d\d(?:[T ,-]{1,2}\d\d[:.]\d\d[:.]\d\d(?:[.,:]\d{1,9})?)?(?: ?(?:Z|UTC|[A-Z]{3,4}|[+-]\d\d:?\d\d)\b)?/y,
  /\d{1,2}\/\d{1,2}\/\d{2,4},? \d{1,2}:\d\d:\d\d(?:\.\d{1,9})?(?: [AP]M)?/y,
  /(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d{1,9})?(?: \d{4})?(?: [AP]M)?/y,
  /\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?[AP]M)?/y,
  // klog: level, day and time in one.
  /[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{6} {1,8}\d{1,10} [\w.-]{1,80}:\d{1,6}\]/y,
  // What stands in brackets.
  /\[[^\][]{1,80}\]/y,
  /\{[^{}\s]{1,80}\}/y,
  // Build systems and those who pass on what another machine said.
  /Step #\d{1,4}(?: - "[^"]{1,80}")?:/y,
  /remote:/y,
  /={2,3}>|-{3,8}>/y,
  /[\w.[\]"-]{1,120} \(\w{1,20}-exec\):/y,
  /(?:time|ts|timestamp)="?\d{4}-[^\s"]{8,40}"?(?= )/y,
  /[\w@./-]{1,80} (?:build|test|dev|start|lint|install|postinstall|prepare):/y,
  /(?:message|msg|log|line|_raw)\t/y,
  /[^\t]{1,80}\t[^\t]{1,80}\t(?=\d{4}-\d\d-\d\dT)/y,
  /[\w.@-]{1,80} {0,40}[|│]/y,
  // Names that no sentence has: `@acme/web:build:`, `n1:`, `app[web.1]:`, `ERROR:root:`.
  /(?=[^\s:]{0,80}[@/[\d])[@\w][\w@./#[\]-]{0,80}:(?:[\w-]{1,40}:)?/y,
  /(?:ERROR|CRITICAL|WARNING|INFO):[\w.]{1,60}:/y,
]

/** The rest of a stamp. */
const MARKS: readonly RegExp[] = [/\d{2}[OE]\+?(?= )/y, /(?:[AP]M|UTC|GMT|[A-Z]{2,4}T|MSK)\b/y]

/** What may stand between, and shows nothing alone. */
const FILL: readonly RegExp[] = [
  ...MARKS,
  /\w{1,20}=(?:"[^"]{0,200}"(?= )|[^\s"]{1,80}(?= ))/y,
  /\w{1,20}="$/y,
  // Cells of an export.
  /"[^"]{0,100}",/y,
  /[\w.-]{1,60},/y,
  /(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|ERR|FATAL|CRITICAL|SEVERE|PANIC|error|warn|info|debug|fatal|fail|[EWIFD])\b/y,
  /\*?\d{1,10}(?:#\d{1,10}:)?/y,
  /- [\w.$-]{1,60}(?= - )/y,
  /[a-z]\w{0,40}(?:\.[\w$]{1,60}){1,8}/y,
  /[-|:>*•#»│,"']{1,3}/uy,
]

/** Vagrant's and Packer's indented name, a list's item in JSON, a line's number. */
const SURE_WHOLE = /^(?:\s{4,40}(?:default|[\w-]{1,40}\.[\w.-]{1,40}): {1,8}|\s{2,40}"|\s{1,8}\d{1,7} {2})$/

/** A name of a word only: a logger's before words that decide, and a label (`Status: Killed`) before anybody's. */
const LABEL: readonly RegExp[] = [/[@\w][\w@./#[\]()-]{0,80}:/y]

/** A host or a program without a colon, behind a stamp: it has a sign or a digit that words have not. */
const BARE = /[A-Za-z\d][\w@./-]{0,80}/y
const HAS_SIGN = /[-.\d@/]/

/** What the same tool set behind. */
const SUFFIX = /\s{0,4}(?:\[\/code\]|\{noformat\}|\{code\}|"[,}]{0,2}|'\)?|(?<!\*)\*\*|`)\s{0,4}$/

export const programPrefix: Layer = (head) => {
  if (!QUICK.test(head.text)) return false
  const match = WORDS.exec(head.text)
  if (match === null || match.index === 0 || match.index > PREFIX_LIMIT) return false
  const prefix = head.text.slice(0, match.index)
  // Signs and blanks alone are a comment's or a list's: a report in one stays as it is.
  if (match[2] !== undefined && !head.stamped && !HAS_NAME.test(prefix)) return false
  const between = match[1] !== undefined ? [...FILL, ...LABEL] : match[2] !== undefined ? MARKS : FILL
  const kind = kindOf(prefix, head, between)
  if (kind === null || (match[1] === undefined && kind !== 'sure')) return false
  head.text = head.text.slice(match.index).replace(SUFFIX, '')
  head.stamped = true
  if (head.source === null) head.boxed = true
  return true
}

/** Whether nothing but a log's signs stands in it, and whether they are sure; null for prose. */
const kindOf = (prefix: string, head: Head, between: readonly RegExp[]): 'sure' | 'fill' | null => {
  let isSure = head.stamped || (prefix.includes('\t') && HAS_NAME.test(prefix)) || SURE_WHOLE.test(prefix)
  let at = 0
  while (at < prefix.length) {
    if (/\s/.test(prefix.charAt(at))) {
      at += 1
      continue
    }
    const sure = endOf(SURE, prefix, at)
    const end = sure ?? endOf(between, prefix, at) ?? (isSure ? bareEnd(prefix, at) : null)
    if (end === null) return null
    isSure ||= sure !== null
    at = end
  }
  return isSure ? 'sure' : 'fill'
}

const endOf = (patterns: readonly RegExp[], text: string, at: number): number | null => {
  for (const pattern of patterns) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match !== null && match[0] !== '') return at + match[0].length
  }
  return null
}

const bareEnd = (text: string, at: number): number | null => {
  BARE.lastIndex = at
  const word = BARE.exec(text)?.[0]
  return word === undefined || !HAS_SIGN.test(word) ? null : at + word.length
}
