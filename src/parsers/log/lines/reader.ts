import type { Head } from './head.ts'
import { entryReader } from './entries.ts'
import { listReader } from './lists.ts'
import { forEachLine, isQuotedPrintable, LINE_LIMIT, lineReader, TEXT_LIMIT } from './lines.ts'
import type { LineReader } from './lines.ts'
import type { LogLine, LogTime } from './line.ts'
import { NO_TIME } from './line.ts'
import { atSentences, atStamps, behindSentence } from './glued.ts'
import { stripPrefixes } from './prefix.ts'
import { inEnglish } from './languages.ts'
import type { LineEnd } from './sentences.ts'
import { joinTold, joinWrapped } from './unwrap.ts'

interface Held {
  readonly head: Head
  readonly number: number
  readonly raw: string
}

/** A wrapped line has few parts; more would be a flood of unprefixed lines. */
const MAX_PARTS = 24

/** journalctl indents the later lines of a message to the width of the prefix, which has at least a stamp. */
const CONTINUATION = /^ {15,200}/

/**
 * Reads a text line by line: prefixes off, cut lines joined, messages of several lines taken apart.
 * `visit` sees every line in order and nothing is kept.
 */
export const joinedLineReader = (softBreaks: boolean, visit: (line: LogLine) => void): LineReader => {
  const entries = entryReader()
  /** The line that a next one may still complete. */
  let pending: Held | null = null
  let parts = 0
  /** The raw text of its last part, whose end may be a window's edge. */
  let edge = ''
  let partial: Held | null = null
  /** The last line with a prefix, for the indented lines of its message. */
  let last: Head | null = null
  /** What the lines of the block at hand are indented by; null before its first. */
  let margin: number | null = null
  const column = cutColumn()

  const flush = (): void => {
    if (pending !== null) emit(pending, visit)
    pending = null
    parts = 0
  }

  const accept = (held: Held): void => {
    const { head } = held
    if (pending !== null && !head.stamped && parts < MAX_PARTS && followsPrefix(pending.head, head.text)) {
      parts += 1
      edge = held.raw
      return
    }
    if (!head.stamped && pending !== null && parts < MAX_PARTS && !isCutInNumber(head.text)) {
      const begun = pending.head.text.trimEnd()
      const rest = head.text.trim()
      const isAtBlank = head.text.startsWith(' ') || pending.head.text.length > begun.length
      const joined =
        joinWrapped(begun, rest, last !== null, isAtBlank ? 'blank' : column.endOf(edge)) ??
        joinTold(pending.head.source, begun, rest, { line: edge.length, longest: column.longest() })
      if (joined !== null) {
        pending.head.text = joined
        parts += 1
        edge = held.raw
        return
      }
    }
    margin = head.stamped || last !== null ? null : marginAfter(head.text, held.raw, margin)
    if (margin !== null) head.text = head.text.slice(Math.min(margin, Math.max(0, head.text.search(/\S/))))
    if (!head.stamped && last !== null) {
      if (CONTINUATION.test(head.text)) inherit(head, last)
      else if (head.text !== '') last = null
    }
    flush()
    if (head.stamped) last = head
    pending = held
    edge = held.raw
  }

  /** Digits below a line that a window's edge cut in a number are not the rest of it, and a name is not that number's. */
  const isCutInNumber = (next: string): boolean =>
    last === null && /^\s*[\d(]/.test(next) && /\d$/.test(edge) && column.endOf(edge) !== 'open'

  const takeLine = (raw: string, number: number, text: string): void => {
    column.see(raw)
    const isExport = entries.take(text, number)
    const entry = entries.ready()
    if (entry !== null) accept(entry)
    if (isExport) return
    for (const part of atStamps(text)) takePart(part, number, raw)
  }

  const takePart = (part: string, number: number, raw: string): void => {
    const head = stripPrefixes(part)
    const at = behindSentence(head.text)
    if (at > 0) {
      const pasted = head.text.slice(at)
      head.text = head.text.slice(0, at)
      takeHead(head, number, raw)
      takePart(pasted, number, raw)
      return
    }
    const sentences = atSentences(head.text)
    head.text = sentences[0] ?? head.text
    takeHead(head, number, raw)
    for (let index = 1; index < sentences.length; index += 1) {
      const other = sentences[index] ?? ''
      const inner = stripPrefixes(other)
      if (!inner.stamped) inherit(inner, head)
      else if (inner.source === null) inner.source = head.source
      inner.stamped = true
      takeHead(inner, number, raw)
    }
  }

  const takeHead = (head: Head, number: number, raw: string): void => {
    if (partial !== null) {
      if (partial.head.text.length < LINE_LIMIT) partial.head.text += head.text
      if (head.partial) return
      const whole = partial
      partial = null
      accept(whole)
    } else if (head.partial) partial = { head, number, raw }
    else accept({ head, number, raw })
  }

  const list = listReader(takeLine)
  const lines = lineReader(softBreaks, list.accept)
  return {
    accept: lines.accept,
    finish: () => {
      const lineCount = lines.finish()
      list.finish()
      entries.end()
      const entry = entries.ready()
      if (entry !== null) accept(entry)
      if (partial !== null) accept(partial)
      flush()
      return lineCount
    },
  }
}

/** The same for a text that is all there. Gives the number of its lines. */
export const readLines = (text: string, visit: (line: LogLine) => void): number => {
  const lines = joinedLineReader(isQuotedPrintable(text), visit)
  forEachLine(text, lines.accept)
  return lines.finish()
}

/** A kernel's stamp that was broken inside. */
const TORN_STAMP = /^\[ {0,12}(?:\d{1,10}(?:\.\d{0,9})?)?$/

/** A line was broken behind its prefix, or in the stamp: what follows is its message. */
const followsPrefix = (head: Head, rest: string): boolean => {
  if (!head.stamped || rest.trim() === '') return false
  if (head.text.trim() === '' && (head.source === 'kernel' || head.bootSeconds !== null)) {
    head.text = rest.trimStart()
    return true
  }
  if (!TORN_STAMP.test(head.text)) return false
  const whole = stripPrefixes(head.text + rest.trimStart())
  if (whole.bootSeconds === null) return false
  head.text = whole.text
  head.source ??= whole.source
  head.bootSeconds ??= whole.bootSeconds
  head.caller ??= whole.caller
  return true
}

/** Two lines of one greatest length, one of which ends in a number, are no chance: their rest was cut off. Arbitrary. */
const CUT_LINES = 2

/** One in so many lines ends at the edge of a window; where a mail program breaks at blanks, few reach the edge. Arbitrary. */
const CUT_PART = 6
const ENOUGH_LINES = 12

/** The column at which a text was cut, as far as its lines until now show it. */
const cutColumn = (): { see: (raw: string) => void; endOf: (raw: string) => LineEnd; longest: () => number } => {
  let longest = 0
  let count = 0
  let seen = 0
  return {
    see: (raw) => {
      seen += 1
      if (raw.length > longest) count = 0
      longest = Math.max(longest, raw.length)
      if (raw.length === longest) count += 1
    },
    longest: () => longest,
    endOf: (raw) => {
      if (raw.length < longest || count < CUT_LINES) return 'open'
      return seen >= ENOUGH_LINES && count * CUT_PART > seen ? 'cut' : 'edge'
    },
  }
}

/**
 * A code block in a page or mail is indented as a whole; what its lines have beyond that is theirs.
 * A line that lost a prompt's `> ` has lost what it was indented by.
 */
const marginAfter = (text: string, raw: string, before: number | null): number | null => {
  const left = text.search(/\S/)
  if (left < 0) return null
  const indent = left === 0 ? raw.search(/\S/) : left
  return Math.min(before ?? indent, indent)
}

const inherit = (head: Head, from: Head): void => {
  head.text = head.text.trimStart()
  head.source = from.source
  head.sourcePid = from.sourcePid
  head.atMs = from.atMs
  head.atText = from.atText
  head.bootSeconds = from.bootSeconds
  head.caller = from.caller
  head.quoted = from.quoted
  head.unit = from.unit
}

const timeOf = (head: Head): LogTime =>
  head.atText === null && head.bootSeconds === null
    ? NO_TIME
    : { atMs: head.atMs, atText: head.atText, bootSeconds: head.bootSeconds }

const emit = (held: Held, visit: (line: LogLine) => void): void => {
  const { head } = held
  const time = timeOf(head)
  const raw = held.raw.length > TEXT_LIMIT ? held.raw.slice(0, TEXT_LIMIT) : held.raw
  const { text } = head
  // Nearly every line is one part, and no writer put its break into words.
  if (!text.includes('\n') && !text.includes('#01') && !text.includes(String.raw`\n`)) {
    visit(lineOf(held, { text, raw, time, quoted: head.quoted }))
    return
  }
  const visitPart = (part: string, quoted: boolean): void => visit(lineOf(held, { text: part, raw, time, quoted }))
  if (text.includes('\n')) {
    for (const part of text.split('\n')) visitPart(innerText(part), head.quoted)
    return
  }
  if (text.includes('#01')) {
    // Syslog daemons write a line break inside a message as #012 and a tab as #011.
    for (const part of text.replaceAll('#011', '\t').split('#012')) visitPart(part, head.quoted)
    return
  }
  if (text.includes(String.raw`\n`) && ABOUT_MEMORY.test(text)) {
    // A whole report inside a string of some other program.
    const quoted = head.quoted || head.source !== 'kernel'
    for (const part of text.split(/\\r?\\n|\\n/)) visitPart(innerText(part), quoted)
    return
  }
  visitPart(text, head.quoted)
}

const lineOf = (
  { head, number }: Held,
  { text, raw, time, quoted }: Pick<LogLine, 'text' | 'raw' | 'time' | 'quoted'>,
): LogLine => ({
  number,
  text: inEnglish(text.length > TEXT_LIMIT ? text.slice(0, TEXT_LIMIT) : text),
  raw,
  source: head.source,
  sourcePid: head.sourcePid,
  time,
  caller: head.caller,
  quoted,
  unit: head.unit,
  messageId: head.messageId,
})

const ABOUT_MEMORY = /memory|oom|killed|heap/i

/** A line of a quoted report has its own prefixes; they were the quoted text's, so only the words are taken. */
const innerText = (part: string): string => stripPrefixes(part).text
