import type { Mask } from './rule.ts'

const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/
const END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/
/** What a line inside a key looks like, whatever a logger wrote in front of it. */
const KEY_BODY =
  /[A-Za-z0-9+/=]{16,}\s*(?:\\n|["',]){0,4}\s*$|^\s*(?:[A-Za-z-]{1,24}: \S{1,200})?\s*$|(?:^|[:\]] )[A-Za-z0-9+/]{1,15}={0,2}\s*$/
/** A key is at most this long; a BEGIN that never ends must not swallow a whole log. */
const LONGEST_KEY_LINES = 200

/** `password:` at the end of a line, the value on the next, as YAML and some loggers print it. */
const NAME_ALONE =
  /(?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|private[_-]?key|credentials?)["']?\s{0,4}[:=]\s{0,4}[|>]?-?\s{0,4}$/i

/** Secrets that do not fit on one line. Takes lines in order; gives the line to go on with. */
export class MultilineSecrets {
  #keyLines = 0
  #valueIsNext = false

  accept(line: string, mask: Mask): string {
    if (this.#keyLines > 0) return this.#insideKey(line, mask)
    const begin = BEGIN.exec(line)
    if (begin !== null) {
      const end = END.exec(line)
      const before = line.slice(0, begin.index)
      if (end !== null)
        return before + mask(line.slice(begin.index, end.index + end[0].length)) + line.slice(end.index + end[0].length)
      this.#keyLines = 1
      return before + mask(line.slice(begin.index))
    }
    if (this.#valueIsNext) {
      this.#valueIsNext = false
      const value = /^(\s*(?:[-"'] ?)?)([^\s"'#][^\n]{2,512})$/.exec(line)
      if (value !== null && !/^[\w.-]{1,64}\s{0,4}[:=]/.test(value[2] ?? ''))
        return (value[1] ?? '') + mask(value[2] ?? '')
    }
    this.#valueIsNext = NAME_ALONE.test(line.slice(-120))
    return line
  }

  #insideKey(line: string, mask: Mask): string {
    const end = END.exec(line)
    if (end !== null) {
      this.#keyLines = 0
      return mask(line.slice(0, end.index + end[0].length)) + line.slice(end.index + end[0].length)
    }
    this.#keyLines += 1
    if (this.#keyLines > LONGEST_KEY_LINES || !KEY_BODY.test(line.slice(-4096))) {
      this.#keyLines = 0
      return this.accept(line, mask)
    }
    return line.trim() === '' ? line : mask(line)
  }
}
