import { environmentRule } from './environment.ts'
import { inert } from './inert.ts'
import { formsOf } from './knownSecrets.ts'
import { NAMED_RULES } from './namedRules.ts'
import { NextLineValues } from './nextLine.ts'
import { PrivateKeyMasking } from './privateKeys.ts'
import type { Mask, RedactionRule } from './rule.ts'
import { TOKEN_RULES } from './tokenRules.ts'

/** Rules that run over each line, in order. */
export const REDACTION_RULES: readonly RedactionRule[] = [environmentRule, ...TOKEN_RULES, ...NAMED_RULES]

/**
 * Longer lines go through in pieces. Every rule costs a line's length only (a test measures it), so this guards the
 * expression engine's stack; small pieces would tear secrets in two.
 */
const PIECE_LENGTH = 65_536

export interface Cleaned {
  readonly text: string
  /** How many secrets were removed. */
  readonly redactions: number
  readonly byRule: Readonly<Record<string, number>>
}

/**
 * Makes a text from a host fit to be kept and shown: nothing in it is obeyed, and secrets are masked
 * (`[redacted:RULE]`). Line N stays line N, which every citation relies on. Doing it twice changes nothing.
 */
export const clean = (text: string): Cleaned => cleaningWith([]).finish(text)

/** The same, and exact texts that are known to be secret are masked wherever and however they stand. */
export const createCleaner = (secrets: readonly string[]): ((text: string) => Cleaned) => {
  const forms = formsOf(secrets)
  return (text) => cleaningWith(forms).finish(text)
}

/** Cleans one text that comes in pieces; what it gives, put together, is what `clean` gives for the whole. */
export interface Cleaning {
  /** Takes a piece, cut anywhere, and gives the whole lines that are settled by now. */
  push(piece: string): string
  /** The last piece; gives the rest of the text, and the counts of all of it. */
  finish(piece?: string): Cleaned
}

/** A cleaning for one text, with exact texts that are known to be secret. */
export const createCleaning = (secrets: readonly string[] = []): Cleaning => cleaningWith(formsOf(secrets))

/** What a rule would still find on the way out; anything here is a bug of the way in. */
export const countSecrets = (text: string): number => clean(text).redactions

/** One look that most lines pass, before any rule is tried. */
const SUSPICIOUS =
  /pass|pwd?|secret|token|key|cred|auth|sess|[cx]srf|:\/\/|cookie|x-|bearer|basic |signature|salt|otp|identified|environment=|value|[?&](?:sig|x-|sid|code|state|jwt)|sig=|@(?:tcp|unix)|eyj|a(?:ki|si|gp|id|ro)a[a-z0-9]|gh[pousr]_|github_pat|gl[a-z]{2,5}[-_]|gr1348941|iqojb|f[wq]ogz|\bs\.[a-z0-9]{24}|\$[1-7aghy][a-z0-9]{0,7}\$|npm_|pypi-|dckr_|_(?:live|test)_|whsec_|sg\.|aiza|ya29|gocspx|do[opr]_v1|hv[sbr]\.|xox|xapp|hooks\.|webhooks|\d:aa|\bsk-|shp[acs]|dapi|nrak|pmak|hf_|sntrys|at[ac]tt3|atbb|lin_api|rubygems|pscale|dp\.[ps]t|dt0c|sbp_|xkeysib|mysql|mariadb|sshpass|redis-cli|login|curl|wget|ldap|mongo|cqlsh|mosquitto|sqlcmd|ipmitool|zip|smbclient|\bmachine |:(?:\d{2,5}|\*):[^:\s]+:[^:\s]+:/i

const cleaningWith = (forms: readonly string[]): Cleaning => {
  const counts = new Map<string, number>()
  const nextLine = new NextLineValues()
  const maskFor =
    (id: string): Mask =>
    (value) => {
      if (value.startsWith('[redacted:')) return value
      counts.set(id, (counts.get(id) ?? 0) + 1)
      return `[redacted:${id}]`
    }
  const keys = new PrivateKeyMasking(() => maskFor('private-key')(''))
  const maskNext = maskFor('named')
  const masks = REDACTION_RULES.map((rule) => ({ rule, mask: maskFor(rule.id) }))
  const maskKnown = maskFor('known')

  const cleanLine = (line: string): string => {
    let out = forms.length === 0 ? line : maskForms(line, forms, maskKnown)
    out = nextLine.accept(out, maskNext)
    if (!SUSPICIOUS.test(out)) return out
    return inPieces(out, (piece) =>
      masks.reduce((done, { rule, mask }) => (rule.hint.test(done) ? rule.apply(done, mask) : done), piece),
    )
  }

  /** A line whose end has not come. */
  let unfinished = ''
  return {
    push: (piece) => {
      const end = piece.lastIndexOf('\n') + 1
      if (end === 0) {
        unfinished += piece
        return ''
      }
      const text = keys.push(inert(unfinished + piece.slice(0, end)))
      unfinished = piece.slice(end)
      // Without the last line feed, or the nothing behind it would count as a line.
      return text === '' ? '' : `${mapLines(text.slice(0, -1), cleanLine)}\n`
    },
    finish: (piece = '') => {
      const text = mapLines(keys.finish(inert(unfinished + piece)), cleanLine)
      let redactions = 0
      for (const count of counts.values()) redactions += count
      return { text, redactions, byRule: Object.fromEntries(counts) }
    },
  }
}

/** Copies unchanged stretches whole: most of a log holds no secret, and 50 MB must not become half a million strings. */
const mapLines = (text: string, map: (line: string) => string): string => {
  const parts: string[] = []
  let kept = 0
  let start = 0
  while (start <= text.length) {
    const found = text.indexOf('\n', start)
    const end = found === -1 ? text.length : found
    const line = text.slice(start, end)
    const mapped = map(line)
    if (mapped !== line) {
      parts.push(text.slice(kept, start), mapped)
      kept = end
    }
    start = end + 1
  }
  if (kept === 0) return text
  parts.push(text.slice(kept))
  return parts.join('')
}

const maskForms = (line: string, forms: readonly string[], mask: Mask): string =>
  forms.reduce((text, form) => (text.includes(form) ? text.replaceAll(form, mask(form)) : text), line)

/** Cuts at a blank where there is one, so that a secret is seldom torn. */
const inPieces = (line: string, apply: (piece: string) => string): string => {
  if (line.length <= PIECE_LENGTH) return apply(line)
  const pieces: string[] = []
  for (let start = 0; start < line.length;) {
    let end = Math.min(start + PIECE_LENGTH, line.length)
    if (end < line.length) {
      const blank = line.lastIndexOf(' ', end)
      if (blank > start + PIECE_LENGTH / 2) end = blank
    }
    pieces.push(apply(line.slice(start, end)))
    start = end
  }
  return pieces.join('')
}
