import { LineCounter, isMap, isNode, parseDocument, visit, type Document } from 'yaml'
import { z } from 'zod'
import { parseDuration } from '../domain/duration.ts'
import type { Parameter } from './runbook.ts'
import { canonicalValue } from './parameters.ts'

/** A problem with its line in the file. */
export interface Problem {
  readonly line: number
  readonly message: string
}

export interface FrontMatter {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly slash: string | null
  readonly timeoutMs: number
  readonly parameters: readonly Parameter[]
}

/** Triage of a dying host has to end; three minutes hold two 40 s phases with room. Arbitrary beyond that. */
const DEFAULT_RUN_TIMEOUT_MS = 180_000
const LONGEST_RUN_MS = 3_600_000

/** Names a step must not lose: they steer the shell itself or are set by Medic. */
const RESERVED = new Set([
  'path',
  'home',
  'ifs',
  'env',
  'shell',
  'lc_all',
  'tz',
  'term',
  'lang',
  'cgroup',
  'pid',
  'ps1',
])

export const RUNBOOK_ID = /^[a-z0-9-]{1,64}$/

const parameterSchema = z.strictObject({
  type: z.enum(['unit', 'duration', 'integer', 'path', 'choice']),
  description: z.string().min(1),
  default: z.string().optional(),
  choices: z.array(z.string().regex(/^[A-Za-z0-9._-]{1,64}$/)).optional(),
})

const schema = z.strictObject({
  id: z.string().regex(RUNBOOK_ID, 'expected lower-case letters, digits and dashes, at most 64'),
  title: z.string().min(1),
  description: z.string().min(1),
  slash: z
    .string()
    .regex(/^\/[a-z0-9_-]{1,31}$/, 'expected a slash command such as /oom-triage')
    .optional(),
  timeout: z
    .string()
    .refine(
      (text) => (parseDuration(text) ?? Infinity) <= LONGEST_RUN_MS,
      'expected a duration of at most 1h, as 90s or 3m',
    )
    .optional(),
  parameters: z.record(z.string(), parameterSchema).optional(),
})

/** Reads the YAML between the dashes. `firstLine` is the file line of the YAML's first line. */
export const parseFrontMatter = (
  yaml: string,
  firstLine: number,
): { value: FrontMatter | null; problems: Problem[] } => {
  const lineCounter = new LineCounter()
  const document = parseDocument(yaml, { schema: 'failsafe', lineCounter, uniqueKeys: true, prettyErrors: false })
  const lineAt = (offset: number) => firstLine + Math.max(lineCounter.linePos(offset).line, 1) - 1
  const syntax = [...document.errors, ...document.warnings].map((error) => ({
    line: lineAt(error.pos[0]),
    message: `front matter: ${error.message}`,
  }))
  syntax.push(
    ...aliases(document).map((at) => ({ line: lineAt(at), message: 'front matter: an alias (*name) is not allowed' })),
  )
  if (syntax.length > 0) return { value: null, problems: syntax }
  if (!isMap(document.contents)) {
    return { value: null, problems: [{ line: firstLine, message: 'front matter: expected key: value lines' }] }
  }
  const checked = schema.safeParse(document.toJS())
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length).map(String), true)
      if (isNode(node) && node.range != null) return lineAt(node.range[0])
    }
    return firstLine
  }
  if (!checked.success) {
    const problems = checked.error.issues.flatMap((issue): Problem[] => {
      if (issue.code === 'unrecognized_keys') {
        return issue.keys.map((key) => ({
          line: lineOf([...issue.path, key]),
          message: `front matter: unknown key "${key}"`,
        }))
      }
      const where = issue.path.map(String).join('.')
      return [{ line: lineOf(issue.path), message: `front matter: ${where}: ${issue.message.toLowerCase()}` }]
    })
    return { value: null, problems }
  }
  const { parameters: given = {}, ...rest } = checked.data
  const parameters: Parameter[] = []
  const problems: Problem[] = []
  for (const [name, value] of Object.entries(given)) {
    const parameter = {
      name,
      type: value.type,
      description: value.description,
      default: value.default ?? null,
      choices: value.choices ?? [],
    }
    const complaint = complaintAbout(parameter)
    if (complaint !== null) problems.push({ line: lineOf(['parameters', name]), message: complaint })
    parameters.push(parameter)
  }
  const timeoutMs = rest.timeout === undefined ? DEFAULT_RUN_TIMEOUT_MS : (parseDuration(rest.timeout) ?? 0)
  const value = { ...rest, slash: rest.slash ?? null, timeoutMs, parameters }
  return { value, problems }
}

/** Where a value is repeated by reference; a few lines of them can unfold to gigabytes. */
const aliases = (document: Document): number[] => {
  const found: number[] = []
  visit(document, {
    Alias: (_, node) => {
      found.push(node.range?.[0] ?? 0)
    },
  })
  return found
}

const complaintAbout = (parameter: Parameter): string | null => {
  const { name } = parameter
  if (!/^[a-z][a-z0-9_]{0,31}$/.test(name)) {
    return `parameter "${name}": expected a name of lower-case letters, digits and _, at most 32`
  }
  if (RESERVED.has(name)) return `parameter "${name}": the name is taken by the shell or by Medic`
  if (parameter.type === 'choice' && parameter.choices.length === 0)
    return `parameter "${name}": a choice needs choices`
  if (parameter.type !== 'choice' && parameter.choices.length > 0)
    return `parameter "${name}": only a choice has choices`
  if (parameter.default === null || parameter.default === '') return null
  const value = canonicalValue(parameter, parameter.default)
  return value.ok ? null : `parameter "${name}": bad default "${parameter.default}", expected ${value.expected}`
}
