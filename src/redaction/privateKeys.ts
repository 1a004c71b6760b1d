/** A key of RSA 16384 has about 270 lines of 64 characters. */
const MAX_KEY_LINES = 400

const BEGIN = /(?:-{2,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?|PuTTY-User-Key-File-\d|Private-Lines: ?\d)/
const END = /(?:-{2,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-{0,5} ?-{0,5}|Private-MAC: ?\w+)/
/** The last word of a line of a key's body; what stands before it is a log prefix. */
const BODY = /(?:^|[\s:|>"'])((?:[A-Za-z0-9+/=_-]|\\[nr]){1,2048})["',;]{0,3}$/
/** Shorter last words may belong to a line that somebody else printed in between. */
const SURELY_BODY = 16

const HEADER =
  /^\s*$|(?:Proc-Type|DEK-Info|Comment|Version|Encryption|Private-Lines|Public-Lines|Key-Derivation|Argon2-\w+):/

const bodyOf = (line: string): string | undefined => BODY.exec(line.slice(-2200))?.[1]

const maskBody = (line: string, body: string, mask: () => string): string => {
  const at = line.lastIndexOf(body)
  return line.slice(0, at) + mask() + line.slice(at + body.length)
}

/** Masks private keys line by line: also with a log prefix, escaped on one line, or cut off at either end. */
export class PrivateKeyMasking {
  readonly #mask: () => string
  /** Lines that a key's later end may still mask, then lines whose key is not all there yet. */
  #held = ''
  /** Characters of them that have been looked at. */
  #seen = 0

  constructor(mask: () => string) {
    this.#mask = mask
  }

  /** Takes whole lines, each with its line feed, and gives those that are settled. */
  push(text: string): string {
    const all = this.#held + text
    if (!mayHoldKey(all, this.#seen)) {
      this.#hold(all, all.length)
      return this.#release(all, all.length)
    }
    const lines = all.split('\n')
    lines.pop()
    const next = maskLines(lines, lineFeeds(all, this.#seen), false, this.#mask)
    const masked = `${lines.join('\n')}\n`
    const seen = lines.slice(0, next).reduce((length, line) => length + line.length + 1, 0)
    this.#hold(masked, seen)
    return this.#release(masked, seen)
  }

  /** The rest of the text, which may end within a line. */
  finish(text: string): string {
    const all = this.#held + text
    if (!mayHoldKey(all, this.#seen)) return all
    const lines = all.split('\n')
    maskLines(lines, lineFeeds(all, this.#seen), true, this.#mask)
    return lines.join('\n')
  }

  #hold(text: string, seen: number): void {
    const from = settledEnd(text, seen)
    this.#held = text.slice(from)
    this.#seen = seen - from
  }

  #release(text: string, seen: number): string {
    return text.slice(0, settledEnd(text, seen))
  }
}

const mayHoldKey = (text: string, from: number): boolean =>
  text.indexOf('PRIVATE KEY', from) !== -1 || text.indexOf('Private-', from) !== -1

/** Where the lines begin that a key's end after `seen` could reach. */
const settledEnd = (text: string, seen: number): number => {
  let at = seen
  for (let count = 0; count < MAX_KEY_LINES && at > 0; count += 1) at = at < 2 ? 0 : text.lastIndexOf('\n', at - 2) + 1
  return at
}

const lineFeeds = (text: string, end: number): number => {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

/** Gives the number of lines that are done: a key that begins near the end waits for more, unless all is there. */
const maskLines = (lines: string[], from: number, isWhole: boolean, mask: () => string): number => {
  for (let index = from; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    if (!line.includes('PRIVATE KEY') && !line.includes('Private-')) continue
    const begin = lastBegin(line)
    if (begin !== undefined) {
      const isOneLine = END.test(line.slice(begin))
      if (!isOneLine && !isWhole && lines.length < index + 1 + MAX_KEY_LINES) return index
      lines[index] = maskWithin(line, mask)
      if (isOneLine) continue
      index = maskFollowing(lines, index + 1, mask)
    } else if (END.test(line)) {
      lines[index] = line.replace(END, mask)
      maskPreceding(lines, index - 1, mask)
    }
  }
  return lines.length
}

const lastBegin = (line: string): number | undefined => {
  let at = -1
  for (const match of line.matchAll(new RegExp(BEGIN, 'g'))) at = match.index
  return at === -1 ? undefined : at
}

/** Every key that begins on this line, up to its end or the line's. */
const maskWithin = (line: string, mask: () => string): string => {
  const parts: string[] = []
  let rest = line
  for (;;) {
    const begin = BEGIN.exec(rest)
    if (begin === null) break
    parts.push(rest.slice(0, begin.index), mask())
    const end = new RegExp(END, 'g')
    end.lastIndex = begin.index
    const ended = end.exec(rest)
    rest = ended === null ? '' : rest.slice(ended.index + ended[0].length)
  }
  return parts.join('') + rest
}

/** Returns the index of the last line that belongs to the key. */
const maskFollowing = (lines: string[], from: number, mask: () => string): number => {
  const limit = Math.min(lines.length, from + MAX_KEY_LINES)
  let end = from
  while (end < limit && !END.test(lines[end] ?? '') && !BEGIN.test(lines[end] ?? '')) end += 1
  const ended = end < limit && END.test(lines[end] ?? '')
  let strangers = 0
  let longBefore = true
  let index = from
  for (; index < end; index += 1) {
    const line = lines[index] ?? ''
    const body = bodyOf(line)
    if (body !== undefined && (ended || body.length >= SURELY_BODY || longBefore)) {
      lines[index] = maskBody(line, body, mask)
      longBefore = body.length >= 60
      strangers = 0
    } else if (!HEADER.test(line)) {
      strangers += 1
      if (!ended && strangers > 4) break
    }
  }
  if (ended) lines[end] = (lines[end] ?? '').replace(END, mask)
  return ended ? end : index - 1
}

const maskPreceding = (lines: string[], from: number, mask: () => string): void => {
  let strangers = 0
  for (let index = from; index >= 0 && index > from - MAX_KEY_LINES && strangers < 4; index -= 1) {
    const line = lines[index] ?? ''
    const body = bodyOf(line)
    if (body !== undefined && (index === from || body.length >= SURELY_BODY)) lines[index] = maskBody(line, body, mask)
    else strangers += 1
  }
}
