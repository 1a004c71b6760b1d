type Fields = Record<string, unknown>

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
  '@x',
  'Exception',
]
const ERROR_KEYS = ['error', 'err', 'exception', 'throwable', 'thrown', 'exc', 'cause']
/** A stack is long; the error stands in its first lines and in its last. */
const STACK_LIMIT = 16_000

/** A logger puts the error beside the message: `"msg": "task failed", "exc_info": "Traceback …\nMemoryError"`. */
export const withError = (message: string, fields: Fields): string => {
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
