import type { Head } from './head.ts'
import { headOf, isoToMs, setSource, setTime } from './head.ts'
import { withoutControls } from './lines.ts'

type Fields = Record<string, unknown>

/** Takes the message out of a line that is one JSON object: journald, a container runtime, or an application's logger. */
export const stripJson = (head: Head): boolean => {
  const fields = parseFields(head.text)
  const found = fields === null ? stripTornDocker(head) : stripFields(head, fields)
  // Colours and carriage returns are escapes in JSON, and come to light only now.
  if (found) head.text = head.text.split('\n').map(withoutControls).join('\n')
  return found
}

const stripFields = (head: Head, fields: Fields, depth = 0): boolean => {
  if ('MESSAGE' in fields || '__REALTIME_TIMESTAMP' in fields) return stripJournal(head, fields)
  if (typeof fields['log'] === 'string' && ('stream' in fields || 'time' in fields)) {
    const log = fields['log']
    head.partial = !log.endsWith('\n')
    head.text = head.partial ? log : log.slice(0, -1)
    if (typeof fields['time'] === 'string') setTime(head, fields['time'], isoToMs(fields['time']))
    return true
  }
  return stripMongod(head, fields) || stripApplication(head, fields) || stripEnvelope(head, fields, depth)
}

/** Where viewers and collectors put the entry: Google Cloud, Elasticsearch, Splunk, Datadog, Azure. */
const ENTRY_KEYS = [
  'jsonPayload',
  '_source',
  'result',
  'content',
  'attributes',
  'properties',
  'event',
  'fields',
  'body',
]
/** An entry within an entry within an envelope: more would be a hostile line. */
const MAX_DEPTH = 3

const stripEnvelope = (head: Head, fields: Fields, depth: number): boolean => {
  if (depth >= MAX_DEPTH) return false
  const loki = lokiLine(fields)
  if (loki !== null) {
    head.text = loki
    head.boxed = true
    head.stamped = true
    return true
  }
  const key = ENTRY_KEYS.find((name) => typeof fields[name] === 'object' && fields[name] !== null)
  if (key === undefined) return false
  const inner = headOf(head.text)
  if (!stripFields(inner, fields[key] as Fields, depth + 1)) return false
  takeTimes(head, fields)
  if (inner.atText !== null) setTime(head, inner.atText, inner.atMs)
  if (inner.source !== null) setSource(head, inner.source, inner.sourcePid)
  head.unit ??= inner.unit
  head.messageId ??= inner.messageId
  head.bootSeconds ??= inner.bootSeconds
  head.boxed = true
  head.stamped = true
  head.text = inner.text
  return true
}

/** Loki: `{"stream": {…}, "values": [["1651745472132000000", "the line"]]}`; more lines in one are not taken apart. */
const lokiLine = (fields: Fields): string | null => {
  const { stream, values } = fields
  if (typeof stream !== 'object' || !Array.isArray(values)) return null
  const lines = values.map((value: unknown) => (Array.isArray(value) ? (value[1] as unknown) : null))
  return lines.every((line) => typeof line === 'string') && lines.length > 0 ? lines.join('\n') : null
}

/** Only what JSON allows in a string: the cut may have gone through an escape. */
const TORN_DOCKER = /^\{"log":"((?:[^"\\\p{Cc}]|\\u[0-9a-fA-F]{4}|\\["\\/bfnrt]){1,8000})/u

/** Docker's own form, cut behind the message: what is left of it is still the program's line. */
const stripTornDocker = (head: Head): boolean => {
  const text = TORN_DOCKER.exec(head.text)?.[1]
  if (text === undefined) return false
  head.text = (JSON.parse(`"${text}"`) as string).replace(/\n$/, '')
  return true
}

const parseFields = (text: string): Fields | null => {
  const trimmed = text.trim().replace(/,$/, '')
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) return null
  try {
    const value: unknown = JSON.parse(trimmed)
    return typeof value === 'object' && value !== null ? (value as Fields) : null
  } catch {
    return null
  }
}

/** journald: one entry a line. Text that is not UTF-8 comes as an array of byte numbers, too long text as null. */
const stripJournal = (head: Head, fields: Fields): boolean => {
  head.text = messageText(fields['MESSAGE'])
  applyJournalFields(head, (name) => textOf(fields[name]))
  return true
}

/** What journald's own fields say about an entry; `field` answers null for an absent one. */
export const applyJournalFields = (head: Head, field: (name: string) => string | null): void => {
  const realtime = field('__REALTIME_TIMESTAMP') ?? field('_SOURCE_REALTIME_TIMESTAMP')
  if (realtime !== null && /^\d{15,17}$/.test(realtime)) {
    const ms = Math.floor(Number(realtime) / 1000)
    setTime(head, new Date(ms).toISOString(), ms)
  }
  const kernel = field('_TRANSPORT') === 'kernel'
  const monotonic = field('_SOURCE_MONOTONIC_TIMESTAMP')
  if (kernel && monotonic !== null && /^\d{1,15}$/.test(monotonic)) head.bootSeconds = Number(monotonic) / 1e6
  const source = kernel ? 'kernel' : (field('SYSLOG_IDENTIFIER') ?? field('_COMM'))
  const pid = field('SYSLOG_PID') ?? field('_PID')
  if (source !== null) setSource(head, source, pid !== null && /^\d{1,10}$/.test(pid) && !kernel ? Number(pid) : null)
  head.unit = field('UNIT') ?? field('USER_UNIT') ?? field('_SYSTEMD_USER_UNIT') ?? field('_SYSTEMD_UNIT')
  head.messageId = field('MESSAGE_ID')
  head.stamped = true
}

const textOf = (value: unknown): string | null => {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  // A field that occurs several times in an entry is an array of strings.
  return Array.isArray(value) && typeof value[0] === 'string' ? value[0] : null
}

const messageText = (value: unknown): string => {
  if (!Array.isArray(value)) return textOf(value) ?? ''
  if (typeof value[0] === 'string') return value[0]
  const bytes = value.filter((byte): byte is number => typeof byte === 'number')
  return new TextDecoder().decode(Uint8Array.from(bytes))
}

/** MongoDB's error is a text, or an object with one. */
const errorText = (error: unknown): unknown =>
  typeof error === 'object' && error !== null ? (error as Fields)['errmsg'] : error

/** MongoDB since 4.4: what happened stands in `msg`, and the decisive words in `attr.message` or `attr.error`. */
const stripMongod = (head: Head, fields: Fields): boolean => {
  const { t: stamp, msg, attr, ctx } = fields
  if (typeof msg !== 'string' || typeof ctx !== 'string' || typeof stamp !== 'object' || stamp === null) return false
  const date = (stamp as Fields)['$date']
  if (typeof date !== 'string') return false
  const details = typeof attr === 'object' && attr !== null ? (attr as Fields) : {}
  const detail = typeof details['message'] === 'string' ? details['message'] : errorText(details['error'])
  head.text = typeof detail === 'string' ? `${msg}: ${detail.trimEnd()}` : msg
  head.boxed = true
  head.stamped = true
  setTime(head, date, isoToMs(date))
  setSource(head, 'mongod', null)
  return true
}

const MESSAGE_KEYS = [
  'msg',
  'message',
  'log',
  'line',
  'text',
  '@message',
  'textPayload',
  '_raw',
  'LogEntry',
  'LogMessage',
  'SyslogMessage',
]
const TIME_KEYS = ['time', 'timestamp', '@timestamp', 'ts', '_time', 'TimeGenerated']
const NAME_KEYS = ['ident', 'service', 'name', 'logger', 'app', 'appname', 'programname', 'program', 'ProcessName']

const stripApplication = (head: Head, fields: Fields): boolean => {
  const key = MESSAGE_KEYS.find((name) => typeof fields[name] === 'string')
  if (key === undefined) return false
  head.text = withError(String(fields[key]).replace(/\n$/, ''), fields)
  head.boxed = true
  head.stamped = true
  takeTimes(head, fields)
  const name = NAME_KEYS.map((candidate) => fields[candidate]).find((value) => typeof value === 'string')
  const pid = fields['pid']
  if (typeof name === 'string') setSource(head, name, typeof pid === 'number' ? pid : null)
  return true
}

const STACK_KEYS = [
  'stack_trace',
  'stackTrace',
  'stacktrace',
  'stack',
  'exc_info',
  'exception',
  'traceback',
  'error.stack_trace',
  'exception.stacktrace',
]
const ERROR_KEYS = ['error', 'err', 'exception', 'throwable', 'thrown', 'exc', 'cause']
/** A stack is long; the error stands in its first lines and in its last. */
const STACK_LIMIT = 16_000

/** A logger puts the error beside the message: `"msg": "task failed", "exc_info": "Traceback …\nMemoryError"`. */
const withError = (message: string, fields: Fields): string => {
  const nested = ERROR_KEYS.map((name) => fields[name]).find((value) => typeof value === 'object' && value !== null)
  const error =
    firstText(fields, STACK_KEYS) ??
    namedError(
      fields['error.type'] ?? fields['exception.type'],
      fields['error.message'] ?? fields['exception.message'],
    ) ??
    (nested === undefined ? null : errorOf(nested as Fields)) ??
    firstText(fields, ERROR_KEYS)
  return error === null || message.includes(error) ? message : `${message}\n${error.slice(0, STACK_LIMIT)}`
}

const errorOf = (error: Fields): string | null =>
  firstText(error, [...STACK_KEYS, 'extendedStackTrace']) ??
  namedError(error['type'] ?? error['name'] ?? error['class'], error['message'] ?? error['msg'])

const namedError = (type: unknown, message: unknown): string | null => {
  if (typeof message !== 'string') return null
  return typeof type === 'string' && !message.includes(type) ? `${type}: ${message}` : message
}

const firstText = (fields: Fields, names: readonly string[]): string | null => {
  const text = names.map((name) => fields[name]).find((value) => typeof value === 'string' && value !== '')
  return typeof text === 'string' ? text.trimEnd() : null
}

const takeTimes = (head: Head, fields: Fields): void => {
  for (const name of TIME_KEYS) {
    const value = fields[name]
    if (typeof value === 'string') setTime(head, value, isoToMs(value))
    // Node loggers write milliseconds; anything else is not read as a time.
    else if (typeof value === 'number' && value > 1e12 && value < 1e13) {
      setTime(head, new Date(value).toISOString(), Math.floor(value))
    }
  }
}
