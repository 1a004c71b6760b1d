import { UsageError } from '../domain/errors.ts'

/** What a person typed behind a command, or after a mention. */
export type Command =
  | { readonly type: 'help' }
  | { readonly type: 'list' }
  | { readonly type: 'status'; readonly run: string | null }
  | { readonly type: 'cancel'; readonly run: string }
  | {
      readonly type: 'run'
      readonly host: string
      readonly parameters: Readonly<Record<string, string>>
      readonly dryRun: boolean
    }

/** Slash text is short; more is a pasted mess (security-reliability.md section 3). */
const LONGEST_TEXT = 512

/**
 * What editors and Slack itself make of typed text is undone: blanks of all kinds, typographic quotes, long dashes for
 * `--`, backticks, and addresses turned into links. Throws UsageError for text nobody types.
 */
export const normalise = (text: string): string => {
  if (text.length > LONGEST_TEXT) {
    throw new UsageError(`the text is ${text.length} characters long, expected at most ${LONGEST_TEXT}`)
  }
  const plain = text
    .replaceAll(/[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\t]/g, ' ')
    .replaceAll(/<(?:https?:\/\/|mailto:)[^|>]*\|([^>]*)>/g, '$1')
    .replaceAll(/<https?:\/\/([^|>/]*)\/?[^|>]*>/g, '$1')
    .replaceAll(/[\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb"'`]/g, '')
    .replaceAll(/(^| )[\u2012-\u2015\u2212]+(?=[a-z])/gi, '$1--')
    .replaceAll(/ {2,}/g, ' ')
    .trim()
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(plain)) {
    throw new UsageError('the text holds a line end or an invisible character', { hint: 'type it anew on one line' })
  }
  return plain
}

const HELP = new Set(['help', '--help', '-h', '?', '-?', ''])

/** `example` is a right command of the same kind, shown beside a mistake. */
export const parseCommand = (text: string, example: string): Command => {
  const words = normalise(text)
    .split(' ')
    .filter((word) => word !== '')
  const [first = '', ...rest] = words
  const verb = first.toLowerCase()
  if (HELP.has(verb) && rest.length === 0) return { type: 'help' }
  if (verb === 'list' && rest.length === 0) return { type: 'list' }
  if (verb === 'status' && rest.length <= 1) return { type: 'status', run: rest[0] ?? null }
  if (verb === 'cancel') {
    if (rest.length === 1 && rest[0] !== undefined) return { type: 'cancel', run: rest[0] }
    throw new UsageError('cancel: expected one run', { hint: 'for example: cancel 1a2b3c4d; `status` lists runs' })
  }
  // "triage server1" is what people write to a bot they mention.
  return parseRun(verb === 'triage' && rest.length > 0 ? rest : words, example)
}

/** `HOST [UNIT] [--since 2h] [name=value] [--dry-run]` */
export const parseRun = (words: readonly string[], example: string): Command => {
  const parameters: Record<string, string> = {}
  const positional: string[] = []
  let dryRun = false
  const set = (name: string, value: string): void => {
    if (Object.hasOwn(parameters, name))
      throw new UsageError(`${name}: given twice`, { hint: `for example: ${example}` })
    parameters[name] = value
  }
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    const option = /^--([a-z][a-z0-9_-]*)(?:=(.*))?$/i.exec(word)
    if (option?.[1] !== undefined) {
      const name = option[1].toLowerCase()
      if (name === 'dry-run') {
        dryRun = true
        continue
      }
      const value = option[2] ?? words[(at += 1)]
      if (value === undefined || value === '' || value.startsWith('--')) {
        throw new UsageError(`--${name}: a value is missing`, { hint: `for example: ${example}` })
      }
      set(name.replaceAll('-', '_'), value)
      continue
    }
    const assignment = /^([a-z][a-z0-9_]*)=(.*)$/i.exec(word)
    if (assignment?.[1] !== undefined && positional.length > 0) set(assignment[1].toLowerCase(), assignment[2] ?? '')
    else if (word.startsWith('-')) {
      throw new UsageError(`unknown option "${word}"`, { hint: `for example: ${example}` })
    } else positional.push(word)
  }
  const [host, unit, extra] = positional
  if (host === undefined) throw new UsageError('which host?', { hint: `for example: ${example}` })
  if (extra !== undefined) throw new UsageError(`unexpected word "${extra}"`, { hint: `for example: ${example}` })
  if (unit !== undefined) set('unit', unit)
  return { type: 'run', host, parameters, dryRun }
}
