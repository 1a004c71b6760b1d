import {
  bar,
  buildStep,
  bullet,
  consolePrompt,
  droppedLines,
  grepPrefix,
  listSign,
  withoutBars,
  withoutMarks,
  withoutTags,
} from './decorations.ts'
import { chatPrefix } from './chatPrefix.ts'
import { beforeKernelStamp, epochBefore, hostPrefix, labelSet, lineNumber } from './carriers.ts'
import { logcatStamp } from './deviceStamps.ts'
import type { Head, Layer } from './head.ts'
import { headOf } from './head.ts'
import { stripJson } from './jsonPrefix.ts'
import { bracketIsoStamp, kernelWord, labelPrefix } from './kernelStamps.ts'
import { TEXT_LIMIT } from './lines.ts'
import { jsonMember, logfmtMessage, messageField, quotedLine, yamlMember } from './members.ts'
import { programPrefix } from './programPrefix.ts'
import { csvRow, plainRow } from './rows.ts'
import { columnRow, tableRow } from './tableRows.ts'
import {
  bareSpeaker,
  bootStamp,
  ctimeStamp,
  facilityPrefix,
  flyPrefix,
  fullStamp,
  isoStamp,
  kmsgPrefix,
  logreadStamp,
  priorityPrefix,
  relativeStamp,
  slashStamp,
  syslogStamp,
  tornBootStamp,
  unixStamp,
} from './stamps.ts'
import { clockStamp, csvStamp, phpStamp } from './plainStamps.ts'

/** More layers than a log that went through three collectors has; bounds the work for a hostile line. */
const MAX_LAYERS = 12

const pattern =
  (regex: RegExp, mark: (head: Head) => void = () => {}): Layer =>
  (head) => {
    const match = regex.exec(head.text)
    if (match === null) return false
    head.text = head.text.slice(match[0].length)
    mark(head)
    return true
  }

const mailQuote = pattern(/^>(?: ?[>|]){0,40} ?/, (head) => {
  head.quoted = true
})
const podPrefix = pattern(/^\[pod\/[^\]\s]{1,400}\] /)
const composePrefix = pattern(/^[A-Za-z0-9][\w.-]{0,80}(?:[-_]\d{1,4} {1,40}| {2,40})\| ?/)
/** `pm2 logs`: `0|api      | `. */
const pm2Prefix = pattern(/^\d{1,4}\|[\w.@/-]{1,80} {1,40}\| ?/)
const pagerPrompt = pattern(/^--More--(?:\(\d{1,3}%\))? */)
const codeSpan: Layer = (head) => {
  // A fence with a language behind it is no line; text in one line with its fence is.
  if (head.text.startsWith('```')) {
    const inside = head.text.slice(3).replace(/`{3,8}\s{0,8}$/, '')
    head.text = / /.test(inside.trim()) ? inside : ''
    return true
  }
  if (head.text.length < 3 || !head.text.endsWith('`')) return false
  head.text = head.text.slice(1, -1)
  return true
}

const BY_BRACKET: readonly Layer[] = [
  bootStamp,
  ctimeStamp,
  relativeStamp,
  phpStamp,
  bracketIsoStamp,
  podPrefix,
  labelPrefix,
  hostPrefix,
  beforeKernelStamp,
  chatPrefix,
]
const BY_DIGIT: readonly Layer[] = [
  columnRow,
  plainRow,
  logcatStamp,
  isoStamp,
  kmsgPrefix,
  unixStamp,
  slashStamp,
  syslogStamp,
  clockStamp,
  csvStamp,
  pm2Prefix,
  composePrefix,
  listSign,
  bullet,
  buildStep,
  tornBootStamp,
  lineNumber,
  epochBefore,
  grepPrefix,
  csvRow,
  hostPrefix,
  beforeKernelStamp,
  chatPrefix,
]
const BY_LETTER: readonly Layer[] = [
  bareSpeaker,
  messageField,
  logcatStamp,
  logreadStamp,
  syslogStamp,
  facilityPrefix,
  fullStamp,
  composePrefix,
  kernelWord,
  flyPrefix,
  grepPrefix,
  consolePrompt,
  yamlMember,
  logfmtMessage,
  hostPrefix,
  beforeKernelStamp,
]
const SIGNS: readonly Layer[] = [listSign, bullet]
const IN_TABLE: readonly Layer[] = [tableRow, ...SIGNS]
const BY_SIGN: Readonly<Record<string, readonly Layer[]>> = {
  '>': [mailQuote],
  '<': [priorityPrefix, chatPrefix],
  '(': [chatPrefix, ...BY_LETTER],
  '{': [labelSet, stripJson],
  '"': [jsonMember, csvRow, quotedLine],
  "'": [quotedLine],
  '-': [pagerPrompt, listSign, bullet],
  '#': [listSign, buildStep, bullet, consolePrompt],
  '*': [droppedLines, listSign, bullet],
  '+': SIGNS,
  _: SIGNS,
  '•': SIGNS,
  '·': SIGNS,
  '│': IN_TABLE,
  '|': [bar, ...IN_TABLE],
  ';': SIGNS,
  ':': [listSign],
  '/': [listSign, grepPrefix, consolePrompt],
  '.': [tornBootStamp, kernelWord, grepPrefix],
  '`': [codeSpan],
  '[': [...BY_BRACKET, stripJson],
}

const layersFor = (first: string): readonly Layer[] => {
  const signed = BY_SIGN[first]
  if (signed !== undefined) return signed
  return first >= '0' && first <= '9' ? BY_DIGIT : BY_LETTER
}

const ENTITY = /&(?:gt|lt|amp|quot|apos|nbsp|#\d{2,4}|#x[\da-fA-F]{2,4});/
const ENTITIES = /&(gt|lt|amp|quot|apos|nbsp|#\d{2,4}|#x[\da-fA-F]{2,4});/g
const CHARACTERS: Readonly<Record<string, string>> = {
  gt: '>',
  lt: '<',
  amp: '&',
  quot: '"',
  apos: "'",
  nbsp: ' ',
}

const characterOf = (name: string): string => {
  if (!name.startsWith('#')) return CHARACTERS[name] ?? ''
  const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
  return code < 32 ? '' : String.fromCodePoint(code)
}

/** Markdown's escapes: `oom\\_reaper`. */
const unescaped = (line: string): string => (line.includes('\\_') ? line.replaceAll(/\\([_*[\]#>|])/g, '$1') : line)

/** Takes every prefix off a line, from the outside in, until none matches. */
export const stripPrefixes = (line: string): Head => {
  const bare = withoutBars(withoutMarks(line.includes('<') ? withoutTags(line) : unescaped(line)))
  const head = headOf(ENTITY.test(bare) ? bare.replace(ENTITIES, (_, name: string) => characterOf(name)) : bare)
  for (let layer = 0; layer < MAX_LAYERS; layer += 1) {
    if (!stripOne(head)) break
  }
  if (head.boxed && head.source === null) head.quoted = true
  return head
}

/** An indented line may be a pasted code block; the blanks are kept if nothing known stands behind them. */
const stripOne = (head: Head): boolean => {
  const whole = head.text
  if (whole.length > TEXT_LIMIT && !whole.startsWith('{')) {
    // The prefix stands in front; the long rest is put back untouched.
    const rest = whole.slice(TEXT_LIMIT)
    head.text = whole.slice(0, TEXT_LIMIT)
    const found = stripText(head)
    head.text += rest
    return found
  }
  return stripText(head)
}

const stripText = (head: Head): boolean => {
  const whole = head.text
  const indented = whole.startsWith(' ') || whole.startsWith('\t')
  if (indented) head.text = whole.trimStart()
  const first = head.text.charAt(0)
  if (first !== '' && layersFor(first).some((layer) => layer(head))) return true
  head.text = whole
  return programPrefix(head)
}
