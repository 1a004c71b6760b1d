import { DECISIVE, STAMPED } from './decorations.ts'
import type { Layer } from './head.ts'
import { box, isoToMs, setTime } from './head.ts'
import { KERNEL_TEXT } from './kernelStamps.ts'
import { LOG_LINE, STAMP_CELL } from './rows.ts'

/** The message of a record that was printed one member a line (JSON, YAML, a journal's fields), or as `key=value`. */

const JSON_MEMBER =
  /^"(?:message|MESSAGE|@message|msg|log|line|text|_raw|textPayload|body|full_message)"\s{0,4}:\s{0,4}("(?:[^"\\]|\\.){0,60000}")\s{0,4},?\s{0,4}$/

/** `    "message": "Nov 12 09:15:02 web1 kernel: …",` of `jq`, `aws logs`, `journalctl -o json-pretty`. */
export const jsonMember: Layer = (head) => {
  const match = JSON_MEMBER.exec(head.text)
  const text = match === null ? null : parsed(match[1] ?? '')
  if (text === null) return false
  box(head, text.replace(/\n$/, ''))
  return true
}

const parsed = (literal: string): string | null => {
  try {
    return JSON.parse(literal) as string
  } catch {
    return null
  }
}

const OPENING = new RegExp(
  String.raw`^["'](?=${STAMPED}|${DECISIVE}|(?:[\w.-]{1,64} )?(?:kernel: ?(?:\[ {0,12}\d{1,10}\.\d{1,9}\] )?)?${KERNEL_TEXT})`,
  'u',
)
/** What is told behind the closing mark is somebody's own sentence. */
const LITERAL = /^"((?:[^"\\]|\\.){1,8000})"(?=[\s,;.:)\]?!]|$)|^'([^']{1,8000})'(?=[\s,;.:)\]?!]|$)/u
/** Cells of a row stand side by side. */
const CELLS = /^"[^"]{0,400}","/

/** One text of a list of texts, or a line that somebody quotes: `  "Nov 12 09:15:02 web1 kernel: …",` */
export const quotedLine: Layer = (head) => {
  if (head.source !== null || !OPENING.test(head.text) || CELLS.test(head.text)) return false
  const match = LITERAL.exec(head.text)
  const inside = match?.[1] === undefined ? match?.[2] : (parsed(`"${match[1]}"`) ?? match[1])
  box(head, inside ?? head.text.slice(1))
  return true
}

const YAML_MEMBER = /^(?:(MESSAGE|textPayload)|message|msg|log|_raw): {1,4}(\S.{0,60000})$/s

/** `  MESSAGE: 'oom-kill:constraint=…'` of `gcloud logging read`; other names may be anybody's sentence. */
export const yamlMember: Layer = (head) => {
  const match = head.source === null ? YAML_MEMBER.exec(head.text) : null
  if (match === null) return false
  const text = unquoted(match[2] ?? '')
  if (match[1] === undefined && !LOG_LINE.test(text)) return false
  box(head, text)
  return true
}

/** A long scalar is folded: its closing quotation mark may stand lines below. */
const unquoted = (scalar: string): string => {
  if (scalar.startsWith("'"))
    return scalar
      .slice(1)
      .replace(/(?<!')'\s{0,4}$/, '')
      .replaceAll("''", "'")
  if (scalar.startsWith('"')) return parsed(scalar.trimEnd()) ?? scalar.slice(1)
  return scalar
}

const LOGFMT = /^(?:time|ts|t|level)=("[^"]{1,60}"|\S{1,60}) .{0,200}?\bmsg=("(?:[^"\\]|\\.){0,8000}")/

/** `time="2026-11-12T09:15:02Z" level=info msg="oom-kill:constraint=…"` of a program that hands the kernel's log on. */
export const logfmtMessage: Layer = (head) => {
  if (head.source !== null || !head.text.includes('msg="')) return false
  const match = LOGFMT.exec(head.text)
  const text = match === null ? null : parsed(match[2] ?? '')
  if (match === null || text === null || !LOG_LINE.test(text)) return false
  const stamp = (match[1] ?? '').replaceAll('"', '')
  if (STAMP_CELL.test(stamp)) setTime(head, stamp, isoToMs(stamp))
  box(head, text)
  return true
}

/** An entry's message in `journalctl -o verbose` or `-o export`, where the rest of the entry was lost. */
export const messageField: Layer = (head) => {
  if (head.source !== null || !head.text.startsWith('MESSAGE=')) return false
  box(head, head.text.slice('MESSAGE='.length))
  return true
}
