/**
 * What a paste set around every line of it: a host's or a file's name, quotation marks, signs for bold letters. One line
 * may have these of its own; where all lines have them they are nobody's words. Only a kernel's log is looked at.
 */

/** Fewer lines show nothing. Arbitrary. */
const FRAMED_LINES = 3

const OF_A_KERNEL = /oom-kill(?:er)?:|Killed process \d|Out of memory: Kill|\bMem-Info:/
/** A name in front, without blanks, times, the names of those who speak themselves, and the first words of a report's lines. */
const LABEL =
  /^(?!(?:oom|lowmem|memory|swap|kmem|sysrq|CPU|Code|R[IS]P|Mem-|Workqueue|kern|user|daemon|auth|syslog|local\d|mail|cron)[\w+-]{0,20}:)(?!\S{0,80}(?:kernel|systemd|\d\d:\d\d|\]: ))[A-Za-z/.[(][\w./@()[\]=-]{0,80}(?:: ?|\t| {0,4}\| ?|> )/
const MARKS: readonly (readonly [string, string])[] = [
  ['**', '**'],
  ['__', '__'],
  ['~~', '~~'],
  ['*', '*'],
  ["'", "'"],
]
const LITERAL = /^\s{0,80}"(?:[^"\\]|\\.)*",?\s{0,4}$/
/** An entry of several lines that somebody quoted or moved to the right: its lines are known by where they stand. */
const ENTRY = /^((?:[>|] ?|[ \t]){1,16})(?:__CURSOR=|\S{2,8} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} \S{1,10} \[s=)/m

/** The text with the same lines, bare; the text itself when they have nothing in common. */
export const withoutFrame = (text: string): string => {
  if (!OF_A_KERNEL.test(text)) return text
  const lines = text.split('\n')
  const bare = (lines.at(-1) === '' ? lines.slice(0, -1) : lines).map((line) => line.replace(/\r$/, ''))
  const told = bare.filter((line) => line.trim() !== '')
  if (told.length < FRAMED_LINES) return text
  const take = unframer(told, text)
  return take === null ? text : bare.map(take).join('\n')
}

const unframer = (told: readonly string[], text: string): ((line: string) => string) | null => {
  const [first = ''] = told
  const label = LABEL.exec(first)?.[0]
  if (label !== undefined && told.every((line) => line.startsWith(label.trimEnd()))) {
    return (line) => (line.startsWith(label) ? line.slice(label.length) : line.slice(label.trimEnd().length))
  }
  const marks = MARKS.find(([before, after]) =>
    told.every((line) => line.startsWith(before) && line.trimEnd().endsWith(after) && line.length > 4),
  )
  if (marks !== undefined) {
    return (line) => line.trimEnd().slice(marks[0].length, line.trim() === '' ? undefined : -marks[1].length)
  }
  if (told.every((line) => LITERAL.test(line) || line.trim() === '[' || line.trim() === ']')) return literalOf
  const margin = ENTRY.exec(text)?.[1]
  return margin !== undefined && told.every((line) => line.startsWith(margin.trimEnd()))
    ? (line) => line.slice(margin.length)
    : null
}

const literalOf = (line: string): string => {
  try {
    return String(JSON.parse(line.trim().replace(/,$/, ''))).replace(/\n$/, '')
  } catch {
    return line
  }
}
