/** Source of the pattern for an opening or closing quote, however it was escaped on its way. */
export const QUOTE = String.raw`(?:\\{0,15}["'\x60]|&quot;|&#3[49];|\\{1,4}u0022|\\{1,4}x22|%22)`
const OPENING = new RegExp(`[bur]?${QUOTE}`, 'y')
const CLOSERS = /[)}\],;]{1,8}$/
/** Where the next pair or the end of an enclosing quote begins within an unquoted word. */
const NEXT = /[&;,](?=[\w.%-]{1,64}=)|\\{0,15}["'`](?=[,}\])\\:;\s]|$)|<\/|&quot;|%26/

/** A value's borders within a text: what lies between is the secret. */
export interface Span {
  readonly start: number
  readonly end: number
}

const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end
}

/** Finds where the value that begins at `at` ends; never leaves its line, and an open quote runs to the line's end. */
export const valueAt = (text: string, at: number, rest: boolean, limit = Number.MAX_SAFE_INTEGER): Span => {
  const stop = Math.min(lineEnd(text, at), at + limit)
  if (text.startsWith('[redacted:', at)) return { start: at, end: at }
  OPENING.lastIndex = at
  const quote = OPENING.exec(text)?.[0]
  if (quote !== undefined) {
    const start = at + quote.length
    return { start, end: closing(text, start, stop, quote.replace(/^[bur]/, '')) }
  }
  if (text[at] === '{') return { start: at, end: at }
  if (text[at] === '[') {
    const close = text.indexOf(']', at)
    return { start: at, end: close === -1 || close > stop ? stop : close + 1 }
  }
  if (rest) return { start: at, end: at + text.slice(at, stop).trimEnd().length }
  let end = at
  while (end < stop && text[end] !== ' ' && text[end] !== '\t') end += 1
  const word = text.slice(at, end)
  const next = NEXT.exec(word)
  const cut = next === null || next.index === 0 ? word : word.slice(0, next.index)
  return { start: at, end: at + cut.replace(CLOSERS, '').length }
}

/** Index of the quote that ends what began at `start`, or `stop`. */
export const closing = (text: string, start: number, stop: number, quote: string): number => {
  for (let at = start; ; at += 1) {
    const found = text.indexOf(quote, at)
    if (found === -1 || found >= stop) return stop
    let slashes = 0
    while (found - slashes > start && text[found - slashes - 1] === '\\') slashes += 1
    if (quote.startsWith('\\') ? slashes === 0 : slashes % 2 === 0) return found
    at = found
  }
}
