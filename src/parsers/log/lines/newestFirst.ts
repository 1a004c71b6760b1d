import { LINE_LIMIT } from './lines.ts'

/**
 * `journalctl -r`, cloud consoles and log queries give the newest line first. A kernel's report shows it: what it always
 * prints one below the other stands the other way round. Elsewhere the clock must run backwards and never forwards.
 */

/** In the order in which a report has them: the names of the pairs' first lines are printed above the second ones'. */
const MARK =
  /oom-kill:constraint=[^\n]{0,4000}?,pid=(?<chosen>\d{1,10}),uid=|(?:Memory cgroup o|O)ut of memory: Kill process (?<selected>\d{1,10}) \(|Killed process (?<killed>\d{1,10}) ?[(,]|(?<title>Tasks state \(memory)|(?<header>\[ {1,6}pid {1,6}\] {1,8}uid)/g

/** Further apart they are not one report's. */
const MAX_MARKS = 400

interface Mark {
  readonly sort: string
  readonly pid: string
}

const isPair = (first: Mark, second: Mark): boolean =>
  (first.sort === 'title' && second.sort === 'header') ||
  (first.sort === 'selected' && second.sort === 'killed') ||
  (first.sort === 'chosen' && second.sort === 'killed' && first.pid === second.pid)

const marksOf = (text: string): readonly Mark[] => {
  const marks: Mark[] = []
  for (const match of text.matchAll(MARK)) {
    const [sort, pid] = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined) ?? ['', '']
    marks.push({ sort, pid: pid ?? '' })
    if (marks.length >= MAX_MARKS) break
  }
  return marks
}

/** Null when no report is there that shows it. */
const isReportTurned = (text: string): boolean | null => {
  const marks = marksOf(text)
  let turned = 0
  for (const [index, mark] of marks.entries()) {
    const next = marks[index + 1]
    if (next === undefined) break
    if (isPair(mark, next)) return false
    if (isPair(next, mark)) turned += 1
  }
  return turned > 0 ? true : null
}

const CLOCK = /^.{0,60}?(?:\[ {0,6}(\d{1,7}\.\d{6})\]|(?:^|[ T])(\d\d:\d\d:\d\d(?:[.,]\d{3,9})?))/
const MAX_CLOCKS = 300
/** Fewer steps back are a midnight or two logs in one. Arbitrary. */
const STEPS_BACK = 3

const isClockTurned = (text: string): boolean => {
  let before: string | null = null
  let back = 0
  let seen = 0
  for (let at = 0; at < text.length && seen < MAX_CLOCKS;) {
    const found = text.indexOf('\n', at)
    const end = found < 0 ? text.length : found
    const match = CLOCK.exec(text.slice(at, Math.min(end, at + 120)))
    at = end + 1
    const clock = match?.[1]?.padStart(16) ?? match?.[2]
    if (clock === undefined) continue
    seen += 1
    if (before !== null && before.length === clock.length) {
      if (clock > before) return false
      if (clock < before) back += 1
    }
    before = clock
  }
  return back >= STEPS_BACK
}

/** Entries of several lines that a line alone does not show to be one. */
const ENTRIES = /^__CURSOR=|^\S{2,8} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} \S{1,10} \[s=/m
const PAIR = /^\s{0,40}"\d{19}",\s{0,4}$/

/** The lines from the oldest on, each with its number in the text; null when the text is in order. */
export const fromOldest = (text: string): readonly { readonly line: string; readonly number: number }[] | null => {
  if (!(isReportTurned(text) ?? isClockTurned(text)) || ENTRIES.test(text)) return null
  const lines = text.split('\n')
  const hasClocks = lines.some((line) => CLOCK.test(line.slice(0, 120)))
  const blocks: { line: string; number: number }[][] = []
  for (const [index, whole] of lines.entries()) {
    const line = whole.slice(0, LINE_LIMIT)
    const block = blocks.at(-1)
    const above = block?.at(-1)?.line ?? ''
    // What has no time is the rest of what has one above it, as is the text behind the time of a pair of Loki's.
    const isRest = hasClocks ? !CLOCK.test(line.slice(0, 120)) : PAIR.test(above)
    if (block !== undefined && isRest) block.push({ line, number: index + 1 })
    else blocks.push([{ line, number: index + 1 }])
  }
  return blocks.reverse().flat()
}
