import type { Head } from './head.ts'
import { isoToMs, setSource, setTime } from './head.ts'
import { withError } from './jsonError.ts'
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

const stripFields = (head: Head, fields: Fields): boolean => {
  if ('MESSAGE' in fields || '__REALTIME_TIMESTAMP' in fields) return stripJournal(head, fields)
  if (typeof fields['log'] === 'string' && ('stream' in fields || 'time' in fields)) {
    const log = fields['log']
    head.partial = !log.endsWith('\n')
    head.text = head.partial ? log : log.slice(0, -1)
    if (typeof fields['time'] === 'string') setTime(head, fields['time'], isoToMs(fields['time']))
    return true
  }
  if (stripMongod(head, fields) || stripApplication(head, fields)) return true
  const lines = lokiLines(fields)
  if (lines !== null) {
    head.text = lines
    head.boxed = true
    head.stamped = true
    return true
  }
  const inner = RECORD_KEYS.map((key) => fields[key]).find((value): value is Fields => isFields(value))
  if (inner === undefined) return false
  takeTimes(head, fields)
  return stripFields(head, inner)
}

/** Where a log service keeps the record that it wraps. */
const RECORD_KEYS = [
  'result',
  '_source',
  'jsonPayload',
  'fields',
  'attributes',
  'record',
  'event',
  'data',
  'body',
  'content',
  'properties',
  'message',
  'exception',
]

/** Loki: `{"stream": {…}, "values": [["1651745472132000000", "the line"]]}`. */
const lokiLines = (fields: Fields): string | null => {
  const { stream, values } = fields
  if (typeof stream !== 'object' || !Array.isArray(values) || values.length === 0) return null
  const lines = values.map((value: unknown) => (Array.isArray(value) ? (value[1] as unknown) : null))
  return lines.every((line) => typeof line === 'string') ? lines.join('\n') : null
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

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
  // One object of an array may stand on a line of its own.
  const trimmed = text
    .trim()
    .replace(/^\[(?=\{)/, '')
    .replace(/[,\]]$/, '')
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
const errorText = (error: unknown): unknown => (isFields(error) ? error['errmsg'] : error)

/** MongoDB since 4.4: what happened stands in `msg`, and the decisive words in `attr.message` or `attr.error`. */
const stripMongod = (head: Head, fields: Fields): boolean => {
  const { t: stamp, msg, attr, ctx } = fields
  if (typeof msg !== 'string' || typeof ctx !== 'string' || typeof stamp !== 'object' || stamp === null) return false
  const date = (stamp as Fields)['$date']
  if (typeof date !== 'string') return false
  const details = isFields(attr) ? attr : {}
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
  '_raw',
  'textPayload',
  'body',
  'content',
  'SyslogMessage',
  'Message',
  'short_message',
  'LogEntry',
  'LogMessage',
  'stringValue',
  '@m',
  '@mt',
  'RenderedMessage',
  'MessageTemplate',
  'errorMessage',
]
const TIME_KEYS = ['time', 'timestamp', '@timestamp', 'ts']
const NAME_KEYS = [
  'ident',
  'service',
  'name',
  'logger',
  'app',
  'program',
  'programname',
  'appname',
  'ProcessName',
  'syslog.identifier',
]

/** A search engine's answer has every field as an array. */
const soleText = (value: unknown): string | null => {
  const sole: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value
  return typeof sole === 'string' ? sole : null
}

const stripApplication = (head: Head, fields: Fields): boolean => {
  const message = MESSAGE_KEYS.map((name) => soleText(fields[name])).find((value) => value !== null)
  if (typeof message !== 'string') return false
  head.text = withError(message.replace(/\n$/, ''), fields)
  head.boxed = true
  head.stamped = true
  takeTimes(head, fields)
  const name = NAME_KEYS.map((candidate) => soleText(fields[candidate])).find((value) => value !== null)
  const pid = fields['pid']
  if (typeof name === 'string') setSource(head, name, typeof pid === 'number' ? pid : null)
  return true
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
