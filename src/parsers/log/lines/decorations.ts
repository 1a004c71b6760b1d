import type { Head, Layer } from './head.ts'

/**
 * What people and tools set around a log line: grep's file names and line numbers, list numbers, bullets, comment
 * signs, the bars of a table, the tags of a forum's page. Taken off only where a log line follows for certain.
 */

/** How a line of a log begins, as far as no program's own words do. */
export const STAMPED = String.raw`(?:\[ {0,12}\d{1,10}\.\d{3,9}\]|<\d{1,3}>\[|\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d |[^\s\d:[\]]{3,10}\.? {1,2}\d{1,2} \d\d:\d\d:\d\d |(?:\d{1,9},){1,4}[A-Z][a-z]{2},\d{1,2},\d\d:\d\d:\d\d,|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)`
/** How the decisive lines of a kernel report begin. */
export const DECISIVE = String.raw`(?:(?:Memory cgroup o|O)ut of memory: Kill(?:ed)? process \d|oom-kill:constraint=CONS|Killed process \d{1,10} \(|pid \d{1,10} \(.{1,40}\), .{0,40}was killed: )`

const SIGN = new RegExp(
  String.raw`^(?:#{1,4}|[*_]{2,3}|[*_+•·│|;:-]|\/\/|\d{1,5}[.):|]) {0,8}(?=${STAMPED}|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )`,
  'u',
)
const BULLET = new RegExp(String.raw`^(?:(?:[*•·-]|\d{1,3}[.)])[ \t]{1,6}|[*_]{1,3})(?=${DECISIVE})`, 'u')
/** `/var/log/syslog.1:4711:Nov 12 …`, `messages-Nov 12 …`, `4711:[ 12.3] …` */
const GREP = new RegExp(String.raw`^(?:[\w./@~-]{1,200}[:-])?(?:\d{1,9}[:-])?(?=${STAMPED})`)

/** Some mark a pasted log with bars, also where the kernel's own stamps were left out. */
const BAR =
  /^\| ?(?= ?(?:Node \d{1,4} [aDNHMh]|(?:DMA|DMA32|Normal|HighMem|Movable)(?: free:|: )\d|lowmem_reserve\[|(?:active_anon|active_file|unevictable|slab_reclaimable|mapped|free):\d|\d{1,15} (?:total pagecache pages|pages (?:RAM|reserved|HighMem|in swap cache|hwpoisoned|cma))|(?:Free|Total) swap {1,3}=|Mem-[Ii]nfo:|Tasks state|\[ {0,6}pid {0,6}\]|\[ {0,10}\d{1,10}\] {1,10}\d|Unreclaimable slab info|[\w-]{3,40} {1,30}\d{1,15}KB {1,30}\d{1,15}KB|(?:memory|swap|kmem|memory\+swap): usage \d|Task in \/|(?:Memory cgroup o|O)ut of memory|Killed process \d|oom-kill:|oom_reaper: |[\w./:-]{1,15} invoked oom-killer|CPU: \d{1,5} (?:UID: \d{1,10} )?PID: \d))/

/** BuildKit's `#12 297.8 `: the step and its seconds; without the step only before words that begin a message. */
const BUILDKIT =
  /^(?:#\d{1,4} \d{1,6}\.\d{1,3} |\d{1,6}\.\d{1,3} (?=FATAL ERROR: |\[\d{1,10}:0x|terminate called|fatal error: |Killed$|java\.lang\.|MemoryError|npm ERR!|Error: |error: ))/

const take =
  (regex: RegExp, isMessage: (head: Head) => boolean): Layer =>
  (head: Head) => {
    const match = isMessage(head) ? null : regex.exec(head.text)
    if (match === null || match[0] === '') return false
    head.text = head.text.slice(match[0].length)
    if (match[0].startsWith('|')) head.text = head.text.replace(/ {1,20}\|$/, '')
    return true
  }

/** A sign in front of a line that is stamped, or that a report cannot be without. */
const isNamed = (head: Head): boolean => head.source !== null
export const listSign: Layer = take(SIGN, isNamed)
export const bar: Layer = take(BAR, isNamed)
export const bullet: Layer = take(BULLET, isNamed)
export const buildStep: Layer = take(BUILDKIT, () => false)
/** Up to 4.10 the console says in the line itself how many it lost before it: `** 3 printk messages dropped ** [ 12.3] …` */
export const droppedLines: Layer = take(/^\*\* \d{1,10} printk messages dropped \*\* {0,4}(?=\[ {0,12}\d)/, () => false)
/** The file's name and the line's number, as grep prints them. */
export const grepPrefix: Layer = take(GREP, (head) => head.stamped)

/** A console's prompt, behind which the kernel spoke: `box login: [ 3905.333959] …`, `root@box:~# [ 3905.333959] …`. */
const PROMPT = /^[\w.@~:/ -]{0,72}(?:login:|[#$%>›]) ?(?=\[ {0,6}\d{1,10}\.\d{6}\] )/u
const LONGEST_PROMPT = 80

export const consolePrompt: Layer = (head) => {
  const at = head.text.indexOf('[')
  if (isNamed(head) || at < 1 || at > LONGEST_PROMPT) return false
  const match = PROMPT.exec(head.text)
  if (match === null) return false
  head.text = head.text.slice(match[0].length)
  return true
}

const HAS_TAG =
  /<\/?(?:pre|code|span|blockquote|tt|kbd|samp|br|p|div|li|font|strong|em|h[1-6]|title|t[dhr]|table|tbody)\b[^<>]{0,200}>/
const TAGS =
  /<\/?(?:pre|code|span|blockquote|tt|kbd|samp|br|p|div|li|font|strong|em|h[1-6]|title|t[dhr]|table|tbody)\b[^<>]{0,200}>/g
const CELL_BORDER = /<\/t[dh]>\s{0,8}<t[dh]\b[^<>]{0,200}>/g

/** The columns of a page's table behind a line: `… order=0 | |`. A name alone before a bar is a collector's. */
const BARS = /(?: {1,4}\|){1,3}\s{0,4}$| {1,60}│\s{0,4}$/

/** A line of a table that does not begin with a bar: what stands behind it is the table's. */
export const withoutBars = (line: string): string => {
  if (!(line.includes(' |') && !line.startsWith('|')) && !line.includes(' │')) return line
  const bare = line.replace(BARS, '')
  return /\S \S/.test(bare) ? bare : line
}

/** A page's tags around and inside a line. */
export const withoutTags = (line: string): string =>
  HAS_TAG.test(line) ? line.replace(CELL_BORDER, '\t').replace(TAGS, '') : line

/** Jira's and a forum's marks of a block, which often share a line with its first or last one. */
const MARKS = /\[\/?(?:code|quote|pre)(?:=[^\]]{0,60})?\]|\{(?:code|noformat|quote)(?::[^}]{0,60})?\}/g
export const withoutMarks = (line: string): string =>
  line.includes('code') || line.includes('{noformat') || line.includes('quote') || line.includes('[pre')
    ? line.replace(MARKS, '')
    : line
