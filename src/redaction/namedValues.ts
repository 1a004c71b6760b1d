import { isFileName, isHarmless, SECRET_NAME } from './names.ts'
import type { Mask, RedactionRule } from './rule.ts'
import { closing, QUOTE, valueAt } from './value.ts'
import type { Span } from './value.ts'

/** Finds introductions one by one and masks the value that follows each, unless `spanOf` says there is none. */
const maskAfter = (
  line: string,
  introduction: RegExp,
  mask: Mask,
  spanOf: (match: RegExpExecArray, end: number) => Span | null,
): string => {
  const parts: string[] = []
  let kept = 0
  introduction.lastIndex = 0
  for (let match = introduction.exec(line); match !== null; match = introduction.exec(line)) {
    const span = spanOf(match, introduction.lastIndex)
    if (span === null || span.end <= span.start || span.start < kept) continue
    parts.push(line.slice(kept, span.start), mask(line.slice(span.start, span.end)))
    kept = span.end
    introduction.lastIndex = Math.max(introduction.lastIndex, span.end)
  }
  return kept === 0 ? line : parts.join('') + line.slice(kept)
}

const NAMED = new RegExp(
  `${SECRET_NAME}([\\w.-]{0,40})(?:${QUOTE})?[\\])[]{0,3}[ \\t]{0,8}(=>|:=|={1,3}|:(?!:)|%3[Dd])[ \\t]{0,8}`,
  'g',
)
const LOOK_LENGTH = 256
/** Nothing but list marks before a name means that the whole rest of the line is its value. */
const LINE_START = /^[\s"'-]*(?:export |set )?$/

export const namedRule: RedactionRule = {
  id: 'named',
  hint: /pass|pwd?|secret|token|cred|key|auth|sess|csrf|xsrf|signature|otp|salt|bearer/i,
  apply: (line, mask) =>
    maskAfter(line, NAMED, mask, (match, end) => {
      const start = nameStart(line, match.index)
      const separator = match[2] ?? ''
      const name = line.slice(start, match.index) + (/^[\w.-]+/.exec(match[0])?.[0] ?? '')
      const spaced = /\s$/.test(match[0])
      if (separator === ':' && spaced && isFileName(name, line.slice(Math.max(0, start - 1), start))) return null
      const alone = /pass|secret/i.test(name) && start < 64 && LINE_START.test(line.slice(0, start))
      const rest = spaced && (alone || /phrase/i.test(name))
      if (name === 'key' && line.slice(Math.max(0, start - 7), start) === 'kernel ') return null
      // A look at the beginning decides, so that a long line of harmless names is not read once for each of them.
      const beginning = valueAt(line, end, rest, LOOK_LENGTH)
      if (isHarmless(name, line.slice(beginning.start, beginning.end))) return null
      return valueAt(line, end, rest)
    }),
}

/** Where the word begins that ends in a secret's name. */
const nameStart = (line: string, at: number): number => {
  let start = at
  while (start > 0 && at - start < 64 && /[\w.-]/.test(line[start - 1] ?? '')) start -= 1
  return start
}

const PAIR = new RegExp(
  `\\b(?:[Nn]ame|[Kk]ey)(?:${QUOTE})?\\s{0,4}[:=]\\s{0,4}${QUOTE}[\\w.-]{0,60}?${SECRET_NAME}[\\w.-]{0,40}${QUOTE}[\\s,;]{0,8}(?:${QUOTE})?[Vv]alue(?:${QUOTE})?\\s{0,4}[:=]\\s{0,4}`,
  'g',
)

/** `name="db.password" value="…"`, as in XML, container specifications and lists of parameters. */
export const pairRule: RedactionRule = {
  id: 'named',
  hint: /value/i,
  apply: (line, mask) => maskAfter(line, PAIR, mask, (_match, end) => valueAt(line, end, false)),
}

const XML = new RegExp(`<[\\w:.-]{0,40}?${SECRET_NAME}[\\w.-]{0,24}(?:\\s[^<>\\n]{0,200})?>`, 'g')

export const xmlRule: RedactionRule = {
  id: 'xml',
  hint: /</,
  apply: (line, mask) =>
    maskAfter(line, XML, mask, (_match, end) => {
      const close = line.indexOf('<', end)
      const span = { start: end, end: close === -1 ? line.length : close }
      return isHarmless('password', line.slice(span.start, span.end).trim()) ? null : span
    }),
}

const HEADER = new RegExp(
  `(?<!\\w)((?:proxy-)?authorization|(?:set-)?cookie2?|x-[a-z0-9-]{0,40}?(?:key|token|secret|auth|signature)[a-z0-9-]{0,24})(?:${QUOTE})?\\s{0,4}(?:=>|[:=])\\s{0,4}`,
  'gi',
)
/** Schemes whose value is a list with blanks and quotes. */
const LISTED = /^(?:digest|aws4|signature|hawk|oauth|escher)/i

export const headerRule: RedactionRule = {
  id: 'header',
  hint: /authorization|cookie|x-[a-z0-9-]{0,40}(?:key|token|secret|auth|signature)/i,
  apply: (line, mask) =>
    maskAfter(line, HEADER, mask, (match, end) => {
      if (line.startsWith('[redacted:', end)) return null
      // `-H "Cookie: …"`: the quote before the name ends the value.
      const before = new RegExp(`${QUOTE}$`).exec(line.slice(Math.max(0, match.index - 16), match.index))?.[0]
      if (before !== undefined && !new RegExp(`^[\\w-]+${QUOTE}`).test(match[0])) {
        return { start: end, end: closing(line, end, line.length, before) }
      }
      const quoted = valueAt(line, end, false)
      if (quoted.start > end) return quoted
      const rest = line.slice(end)
      if (/cookie/i.test(match[1] ?? '') || LISTED.test(rest)) return { start: end, end: end + rest.trimEnd().length }
      if (/^x-/i.test(match[1] ?? '')) return quoted
      return { start: end, end: end + (/^(?:[A-Za-z0-9-]{1,20} {1,2})?[^\s"',]{1,8192}/.exec(rest)?.[0].length ?? 0) }
    }),
}
