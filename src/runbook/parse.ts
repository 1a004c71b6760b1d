import { createHash } from 'node:crypto'
import { marked, type Token, type Tokens } from 'marked'
import { RunbookError } from '../domain/errors.ts'
import { parseAttributes } from './attributes.ts'
import { findBackgroundChild } from './background.ts'
import { parseFence, PRESENCES } from './fence.ts'
import { parseFrontMatter, type FrontMatter, type Problem } from './frontMatter.ts'
import type { Phase, Runbook, RunbookStep } from './runbook.ts'

/** security-reliability.md section 3. */
export const LARGEST_RUNBOOK_BYTES = 64 * 1024

interface PhaseDraft {
  readonly title: string
  readonly line: number
  readonly steps: RunbookStep[]
}

/**
 * A runbook's Markdown made into steps, or a RunbookError with every problem at once.
 * Headings of level 1 and 2 start a phase; deeper ones only order the prose. Top-level `sh` and `files` fences with
 * attributes run; every other fence is documentation.
 */
export const parseRunbook = (text: string, path: string, parserIds: ReadonlySet<string>): Runbook => {
  const bytes = Buffer.byteLength(text)
  if (bytes > LARGEST_RUNBOOK_BYTES) {
    throw new RunbookError([
      { path, line: 1, message: `the file has ${bytes} bytes, expected at most ${LARGEST_RUNBOOK_BYTES}` },
    ])
  }
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  const problems: Problem[] = [...hiddenCharacters(source)]
  const { matter, body, bodyLine } = cutFrontMatter(source, problems)
  const phases = readPhases(body, bodyLine, parserIds, problems)
  checkTogether(phases, problems)
  if (matter !== null) checkTouches(phases, matter, problems)
  if (problems.length > 0 || matter === null) {
    const sorted = problems.toSorted((one, other) => one.line - other.line)
    throw new RunbookError(sorted.map((problem) => ({ path, ...problem })))
  }
  return { ...matter, path, hash: createHash('sha256').update(text).digest('hex'), phases }
}

/** Characters that make a text read other than it runs. */
const hiddenCharacters = (source: string): Problem[] =>
  source.split('\n').flatMap((line, index) =>
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/.test(line)
      ? [{ line: index + 1, message: 'holds a control, zero-width or direction character' }]
      : [],
  )

const cutFrontMatter = (
  source: string,
  problems: Problem[],
): { matter: FrontMatter | null; body: string; bodyLine: number } => {
  const match = /^---\n([\s\S]*?)(?:^|\n)---[ \t]*(?:\n|$)/.exec(source)
  if (match === null) {
    problems.push({ line: 1, message: 'front matter is missing, expected the file to begin with "---"' })
    return { matter: null, body: source, bodyLine: 1 }
  }
  const front = parseFrontMatter(match[1] ?? '', 2)
  problems.push(...front.problems)
  return { matter: front.value, body: source.slice(match[0].length), bodyLine: newlines(match[0]) + 1 }
}

const newlines = (text: string): number => text.split('\n').length - 1

const readPhases = (body: string, bodyLine: number, parserIds: ReadonlySet<string>, problems: Problem[]): Phase[] => {
  const phases: PhaseDraft[] = []
  const reader = { parserIds, problems }
  let current: PhaseDraft = { title: '', line: bodyLine, steps: [] }
  let prose: string[] = []
  let line = bodyLine
  for (const token of marked.lexer(body)) {
    const start = line + newlines(/^\n*/.exec(token.raw)?.[0] ?? '')
    line += newlines(token.raw)
    if (isHeading(token)) {
      prose = []
      if (token.depth > 2) continue
      current = { title: token.text, line: start, steps: [] }
      phases.push(current)
    } else if (isStepFence(token)) {
      if (phases.length === 0) phases.push(current)
      current.steps.push(readStep(token, start, prose.join('\n\n'), reader))
      prose = []
    } else if (token.type !== 'space') {
      problems.push(...buriedSteps(token, start))
      if (token.type !== 'code') prose.push(token.raw.trim())
    }
  }
  const filled = phases.filter((phase) => phase.steps.length > 0)
  if (filled.length === 0)
    problems.push({ line: bodyLine, message: 'no step: expected a fence such as ```sh {name=free}' })
  return filled
}

const isHeading = (token: Token): token is Tokens.Heading => token.type === 'heading'

/** Fenced, `sh` or `files`, with attributes. */
const isStepFence = (token: Token): token is Tokens.Code =>
  token.type === 'code' && token.codeBlockStyle !== 'indented' && /^(?:sh|files)\s*\{/.test(infoOf(token))

/** The info string as written: `token.lang` has lost its backslashes, which quoted values need. */
const infoOf = (token: { readonly raw: string }): string =>
  /^\s*(?:`{3,}|~{3,})[ \t]*([^\n]*)/.exec(token.raw)?.[1]?.trim() ?? ''

interface Reader {
  readonly parserIds: ReadonlySet<string>
  readonly problems: Problem[]
}

const readStep = (token: Tokens.Code, line: number, prose: string, { parserIds, problems }: Reader): RunbookStep => {
  const info = infoOf(token)
  const attributes = parseAttributes(info) ?? { entries: new Map(), problems: [] }
  const kind = info.startsWith('sh') ? 'sh' : 'files'
  const fence = { kind, attributes, body: token.text, line, prose } as const
  const { step, problems: own } = parseFence(fence, (id) => parserIds.has(id))
  problems.push(...own.map((message) => ({ line, message: `${label(step)}: ${message}` })))
  if (!/\n\s*(?:```+|~~~+)\s*$/.test(token.raw))
    problems.push({ line, message: `${label(step)}: the fence is not closed` })
  if (kind === 'files') problems.push(...pathProblems(step))
  else {
    const child = findBackgroundChild(step.body)
    if (child !== undefined) {
      const message = `${label(step)}: "&" leaves a child behind that no time limit ends; run it in the foreground`
      problems.push({ line: line + child, message })
    }
  }
  return step
}

const label = (step: RunbookStep): string => (step.name === '' ? 'step' : `step "${step.name}"`)

const pathProblems = (step: RunbookStep): Problem[] =>
  step.body.split('\n').flatMap((text, index) => {
    const line = step.line + 1 + index
    const say = (message: string) => ({ line, message: `${label(step)}: ${message}` })
    const path = text.trim()
    if (path === '') return []
    const found: Problem[] = []
    if (!path.startsWith('/') && !path.startsWith('{cgroup}')) found.push(say(`"${path}" is not an absolute path`))
    if (path.split('/').includes('..')) found.push(say(`"${path}" holds ".."`))
    if (/\s/.test(path)) found.push(say(`"${path}" holds blanks, expected one path a line`))
    for (const [mark] of path.matchAll(/\{[^}]*\}?|\}/g)) {
      if (mark !== '{cgroup}' && mark !== '{pid}') found.push(say(`unknown "${mark}", expected {cgroup} or {pid}`))
      else if (step.each === null) found.push(say(`${mark} needs each=suspects`))
    }
    return found
  })

/** Steps inside lists or quotes look as if they ran, and never do. */
const buriedSteps = (token: Token, start: number): Problem[] => {
  if (!('tokens' in token) && token.type !== 'list') return []
  const found: Problem[] = []
  void marked.walkTokens([token], (inner) => {
    if (inner === token || !isStepFence(inner)) return
    const offset = token.raw.indexOf(infoOf(inner))
    const line = start + newlines(token.raw.slice(0, Math.max(offset, 0)))
    found.push({ line, message: 'a step inside a list or quote never runs; move its fence to the margin' })
  })
  return found
}

/** A mark in a touched path stands for a parameter of the runbook. */
const checkTouches = (phases: readonly Phase[], matter: FrontMatter, problems: Problem[]): void => {
  for (const step of phases.flatMap((phase) => phase.steps)) {
    for (const [mark] of step.touches.join(' ').matchAll(/\{[^}]*\}?|\}/g)) {
      if (matter.parameters.some(({ name }) => mark === `{${name}}`)) continue
      problems.push({ line: step.line, message: `${label(step)}: touches: "${mark}" is no parameter of this runbook` })
    }
  }
}

/** What is wrong with steps beside each other: names, and facts nobody has read by then. */
const checkTogether = (phases: readonly Phase[], problems: Problem[]): void => {
  const lineOf = new Map<string, number>()
  const earlier = new Set<string>()
  for (const [index, phase] of phases.entries()) {
    for (const step of phase.steps) {
      const before = lineOf.get(step.name)
      if (before !== undefined && step.name !== '') {
        problems.push({ line: step.line, message: `step "${step.name}": the name stands already in line ${before}` })
      }
      lineOf.set(step.name, step.line)
      if (index === 0 && (step.when !== null || step.each !== null)) {
        const key = step.when === null ? 'each' : 'when'
        problems.push({ line: step.line, message: `${label(step)}: "${key}" in the first phase: nothing is known yet` })
      } else if (
        step.when !== null &&
        !(PRESENCES as readonly string[]).includes(step.when) &&
        !earlier.has(step.when)
      ) {
        const message = `${label(step)}: when: no step "${step.when}" in an earlier phase, and not one of ${PRESENCES.join(', ')}`
        problems.push({ line: step.line, message })
      }
    }
    for (const step of phase.steps) earlier.add(step.name)
  }
}
