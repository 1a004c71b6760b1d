/**
 * A paste may come as a list: pastebin's numbered lines (`  1. …`), bullets in front of each (`- …`). Where a log line
 * follows for certain one sign alone is taken off; here a run of them shows that all lines of the text have one.
 */
export interface ListReader {
  /** `raw` is the line as given, `text` the one without the sign. */
  readonly accept: (raw: string, number: number) => void
  readonly finish: () => void
}

/** Line numbers as `cat -n`, `nl`, `less -N` and `grep -n` set them: each is one more than the last. */
const COUNTED = /^ {0,8}(\d{1,7})(\t| {1,2}(?=\S)|[:-](?=[^\d\s]))/
const NUMBER = /^ {0,8}(\d{1,5})\.(?: |$)/
/** A mail's bar and a list's sign; a row of a table ends in a bar as well, and has a reader of its own. */
const BULLET = /^ {0,8}([-*•:|])(?: (?!.*\|\s{0,4}$)|$)/u

/** As many in a row are a list; two may stand in anybody's sentence. Arbitrary. */
const LIST_LINES = 3

interface Sign {
  readonly length: number
  /** The list number, null for a bullet. */
  readonly at: number | null
  readonly sign: string
}

const signOf = (raw: string): Sign | null => {
  const numbered = NUMBER.exec(raw)
  if (numbered !== null) return { length: numbered[0].length, at: Number(numbered[1]), sign: '.' }
  const counted = COUNTED.exec(raw)
  if (counted !== null) return { length: counted[0].length, at: Number(counted[1]), sign: counted[2] ?? '' }
  const bullet = BULLET.exec(raw)
  return bullet === null ? null : { length: bullet[0].length, at: null, sign: bullet[1] ?? '' }
}

/** Takes the signs of a list off its lines and hands all lines on in their order. */
export const listReader = (visit: (raw: string, number: number, text: string) => void): ListReader => {
  /** Lines that may be the beginning of a list. */
  let held: { readonly raw: string; readonly number: number; readonly sign: Sign }[] = []
  let last: Sign | null = null
  let isList = false

  const release = (): void => {
    for (const { raw, number, sign } of held) visit(raw, number, isList ? raw.slice(sign.length) : raw)
    held = []
  }

  const leave = (): void => {
    release()
    last = null
    isList = false
  }

  return {
    accept: (raw, number) => {
      const sign = signOf(raw)
      const follows = sign !== null && last !== null && isNext(last, sign)
      if (sign === null || (last !== null && !follows)) leave()
      if (sign === null) {
        visit(raw, number, raw)
        return
      }
      last = sign
      held.push({ raw, number, sign })
      if (held.length >= LIST_LINES) isList = true
      if (isList) release()
    },
    finish: leave,
  }
}

const isNext = (last: Sign, sign: Sign): boolean => {
  if (last.sign !== sign.sign) return false
  if (last.at === null || sign.at === null) return last.at === sign.at
  return sign.sign === '.' ? sign.at > last.at : sign.at === last.at + 1
}
