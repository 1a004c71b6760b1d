import Handlebars from 'handlebars'
import { ConfigError } from '../domain/errors.ts'
import { wrapRegion, type Hash } from '../domain/region.ts'
import { codeFence, codeSpan, escapeCell, escapeText, link } from './escape.ts'
import { formatBytes, formatCount, formatDuration, formatList, formatUtc } from './format.ts'
import { problemsOfTemplate } from './templateCheck.ts'

/** A document's form, ready to be filled. Values are data: `{{` inside one is never expanded. */
export interface Template {
  readonly path: string
  render(context: object, hash: Hash): string
}

/** What a helper is told besides its values. */
interface Options {
  readonly name: string
  readonly hash: Readonly<Record<string, unknown>>
  readonly data: { readonly root?: unknown; readonly medicHash?: Hash }
  readonly loc?: { readonly start?: { readonly line?: number } }
  fn(context: unknown, options?: unknown): string
  inverse(context: unknown, options?: unknown): string
}

class HelperProblem extends Error {
  constructor(options: Options, message: string) {
    super(`${options.loc?.start?.line ?? 1}: {{${options.name}}} ${message}`)
    this.name = 'HelperProblem'
  }
}

const text = (value: unknown, options: Options): string => {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new HelperProblem(options, `was given ${kindOf(value)}, expected text or a number`)
}

const number = (value: unknown, options: Options): number | null => {
  if (value === null || typeof value === 'number') return value
  throw new HelperProblem(options, `was given ${kindOf(value)}, expected a number or null`)
}

const texts = (value: unknown, options: Options): readonly string[] => {
  if (Array.isArray(value)) return value.map((item) => text(item, options))
  throw new HelperProblem(options, `was given ${kindOf(value)}, expected a list`)
}

const kindOf = (value: unknown): string =>
  value === undefined
    ? 'nothing (is the name right?)'
    : value === null
      ? 'null'
      : Array.isArray(value)
        ? 'a list'
        : typeof value

const mark = (value: unknown, options: Options): string => {
  const ids = texts(value, options)
  for (const id of ids)
    if (!/^E\d{1,6}$/.test(id)) throw new HelperProblem(options, `was given "${id}", expected an evidence id like E4`)
  return ids.length === 0 ? '(no evidence mark)' : `[${[...new Set(ids)].join(', ')}]`
}

/** `strict` says nothing about a missing value inside `#if` or `#each`, so these two look for themselves. */
const isTrue = (value: unknown, options: Options): boolean => {
  if (value === undefined) throw new HelperProblem(options, 'was given nothing (is the name right?)')
  return Array.isArray(value) ? value.length > 0 : value !== null && value !== false && value !== '' && value !== 0
}

/** Every way a value can enter a document. A bare `{{x}}` is refused before anything is rendered. */
const HELPERS = {
  text: (value: unknown, options: Options) => escapeText(text(value, options)),
  cell: (value: unknown, options: Options) => escapeCell(text(value, options)),
  code: (value: unknown, options: Options) =>
    codeSpan(text(value, options), options.hash['table'] === true ? 'table' : 'line'),
  fence: (value: unknown, options: Options) => {
    const info = options.hash['info']
    return codeFence(text(value, options), typeof info === 'string' ? info : 'text')
  },
  url: (value: unknown, options: Options) => link(text(value, options)),
  /** An identifier of ours where nothing may be escaped, as in a mark that is read back. */
  key: (value: unknown, options: Options) => {
    const key = text(value, options)
    if (!/^[A-Za-z0-9_.@-]{1,200}$/.test(key)) throw new HelperProblem(options, `"${key}" is no identifier`)
    return key
  },
  time: (value: unknown, options: Options) => formatUtc(number(value, options)),
  bytes: (value: unknown, options: Options) => formatBytes(number(value, options)),
  dur: (value: unknown, options: Options) => formatDuration(number(value, options)),
  ev: mark,
  todo: (value: unknown, options: Options) => `**TODO(human):** ${escapeCell(text(value, options))}`,
  list: (value: unknown, options: Options) => escapeCell(formatList(texts(value, options))),
  plural: (value: unknown, one: unknown, ...rest: unknown[]) => {
    const options = rest.at(-1) as Options
    const many = rest.length > 1 ? text(rest[0], options) : `${text(one, options)}s`
    return escapeCell(formatCount(number(value, options) ?? 0, text(one, options), many))
  },
  region: function wrap(this: unknown, name: unknown, options: Options) {
    const region = text(name, options)
    if (!/^[a-z][a-z0-9-]*$/.test(region))
      throw new HelperProblem(options, `"${region}" is no region name, expected a-z, 0-9 and -`)
    const hash = options.data.medicHash
    if (hash === undefined) throw new HelperProblem(options, 'has no hash function')
    return `${wrapRegion(region, tidy(options.fn(this)), hash)}\n`
  },
  if: function ifTrue(this: unknown, value: unknown, options: Options) {
    return isTrue(value, options) ? options.fn(this) : options.inverse(this)
  },
  unless: function unlessTrue(this: unknown, value: unknown, options: Options) {
    return isTrue(value, options) ? options.inverse(this) : options.fn(this)
  },
  each: function each(this: unknown, value: unknown, options: Options) {
    if (!Array.isArray(value)) throw new HelperProblem(options, `was given ${kindOf(value)}, expected a list`)
    return value.length === 0 ? options.inverse(this) : value.map((item: unknown) => options.fn(item)).join('')
  },
}

export const HELPER_NAMES: readonly string[] = Object.keys(HELPERS)

/**
 * Never two blank lines, so that loops and conditions may stand in the template as they read best. What stands inside
 * a fence is evidence and keeps its blanks. Doing it twice changes nothing, which the regions' hashes rely on.
 */
const tidy = (markdown: string): string => {
  const lines: string[] = []
  let fence: string | null = null
  for (const line of markdown.split('\n')) {
    if (fence !== null) {
      lines.push(line)
      if (line === fence) fence = null
      continue
    }
    fence = /^`{3,}/.exec(line)?.[0] ?? null
    const kept = line.trimEnd()
    if (kept !== '' || lines.at(-1) !== '') lines.push(kept)
  }
  return lines.join('\n')
}

/** Checks the whole form first; every problem is named with its line, at once. */
export const compileTemplate = (source: string, path: string): Template => {
  const engine = Handlebars.create()
  for (const [name, helper] of Object.entries(HELPERS)) engine.registerHelper(name, helper as Handlebars.HelperDelegate)
  const problems = problemsOfTemplate(source, HELPER_NAMES, (input) => engine.parse(input))
  if (problems.length > 0) {
    throw new ConfigError(problems.map((problem) => `${path}:${problem.line}: ${problem.message}`).join('\n'), {
      hint: `every value passes a helper: ${HELPER_NAMES.join(', ')}`,
    })
  }
  const knownHelpers = Object.fromEntries(HELPER_NAMES.map((name) => [name, true]))
  const fill = engine.compile<object>(source, { noEscape: true, strict: true, knownHelpersOnly: true, knownHelpers })
  return {
    path,
    render: (context, hash) => {
      try {
        return `${tidy(fill(context, { data: { medicHash: hash } })).trim()}\n`
      } catch (error) {
        if (error instanceof HelperProblem) throw new ConfigError(`${path}:${error.message}`, { cause: error })
        throw new ConfigError(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
      }
    },
  }
}
