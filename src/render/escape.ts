/**
 * Makes data inert in one place of a document. Every value passes exactly one of these; a rendered text is never
 * rendered again. Process names, log lines and unit names are chosen by whoever runs on the host.
 */

/** Controls, direction marks and invisible characters: they can hide or reorder what a reader sees. */
const INVISIBLE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu

/** Also line ends of every kind, for texts that stay on one line. */
const LINE_ENDS = /\r\n|[\t\n\v\f\r\u0085\u2028\u2029]/g

const oneLine = (value: string): string =>
  value.toWellFormed().replace(LINE_ENDS, ' ').replace(INVISIBLE, '').replace(/ {2,}/g, ' ').trim()

/** Region marks and open questions are read back by program, so data must not be able to spell one. */
const withoutMarks = (value: string): string =>
  value.replaceAll('<!--', '<! --').replaceAll('TODO(human)', 'TODO (human)')

/** Shown for an empty value, so that a reader sees that nothing was there. */
export const EMPTY = '(empty)'

/**
 * Text inside a line or a table cell. Entities for the three HTML characters, backslashes for Markdown's own
 * (an underscore inside a word is left alone: it never means emphasis, and unit names are full of them);
 * `://`, `www.` and `@` are broken too, because GFM makes links of bare addresses.
 */
export const escapeCell = (value: string): string => {
  const line = withoutMarks(oneLine(value))
  if (line === '') return EMPTY
  return line
    .replace(/[\\`*[\]#|~$]|_(?![A-Za-z0-9])|(?<![A-Za-z0-9])_/g, String.raw`\$&`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', String.raw`\@`)
    .replaceAll('://', String.raw`\://`)
    .replace(/www\./gi, (match) => `${match.slice(0, 3)}${String.raw`\.`}`)
}

/** Text that may stand at the beginning of a line: list, quote, rule and heading marks are broken as well. */
export const escapeText = (value: string): string =>
  escapeCell(value)
    .replace(/^[-+=:]/, String.raw`\$&`)
    .replace(/^(\d{1,9})([.)])/, String.raw`$1\$2`)

const longestRun = (value: string): number => {
  let longest = 0
  for (const [run] of value.matchAll(/`+/g)) longest = Math.max(longest, run.length)
  return longest
}

/**
 * A code span. In a table a pipe must be escaped even here, and a backslash before a pipe is read in two ways by
 * different renderers: such a value is shown as plain text.
 */
export const codeSpan = (value: string, where: 'line' | 'table' = 'line'): string => {
  const line = withoutMarks(oneLine(value))
  if (line === '') return EMPTY
  if (where === 'table' && line.includes(String.raw`\|`)) return escapeCell(value)
  const inner = where === 'table' ? line.replaceAll('|', String.raw`\|`) : line
  const ticks = '`'.repeat(longestRun(inner) + 1)
  const pad = inner.startsWith('`') || inner.endsWith('`') ? ' ' : ''
  return `${ticks}${pad}${inner}${pad}${ticks}`
}

/** A fenced block, longer than any run of backticks inside; the info string is ours, never data. */
export const codeFence = (value: string, info = 'text'): string => {
  const body = withoutMarks(
    value
      .toWellFormed()
      .replace(/\r\n|[\u0085\u2028\u2029]/g, '\n')
      .replace(INVISIBLE, ''),
  ).replace(/\n+$/, '')
  const ticks = '`'.repeat(Math.max(3, longestRun(body) + 1))
  return `${ticks}${/^[a-z]{0,12}$/.test(info) ? info : 'text'}\n${body === '' ? EMPTY : body}\n${ticks}`
}

/** A link only to https and only in its own letters; anything else is shown as code. */
export const link = (value: string): string => {
  const parsed = URL.parse(value)
  if (parsed === null || parsed.protocol !== 'https:' || parsed.username !== '' || parsed.password !== '')
    return codeSpan(value)
  return `<${parsed.href.replace(/[<>|\\`*_~[\]\s]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)}>`
}

/** Text for a terminal: control, direction and invisible characters are shown as `\u00XX`, also line ends. */
export const escapeTerminal = (value: string): string =>
  value
    .toWellFormed()
    .replace(LINE_ENDS, (match) => (match === '\t' ? ' ' : unicode(match)))
    .replace(INVISIBLE, unicode)

const unicode = (text: string): string =>
  Array.from(text, (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`).join('')
