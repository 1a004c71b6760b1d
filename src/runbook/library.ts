import { createReadStream } from 'node:fs'
import { lstat, readdir, realpath } from 'node:fs/promises'
import { basename, join, sep } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { ConfigError, RunbookError, UsageError, type RunbookProblem } from '../domain/errors.ts'
import { RUNBOOK_ID } from './frontMatter.ts'
import { LARGEST_RUNBOOK_BYTES, parseRunbook } from './parse.ts'
import type { Runbook } from './runbook.ts'

/** All runbooks Medic knows, by id. Names are looked up here and never joined into a path. */
export interface Library {
  readonly runbooks: readonly Runbook[]
  /** Problems of files that were left out, so that one bad file of a team does not take the others away. */
  readonly problems: readonly RunbookProblem[]
}

/**
 * Loads folders in order; a later folder's runbook replaces an earlier one of the same id (a team's own `oom-triage`).
 * Links that leave their folder are refused.
 */
export const loadLibrary = async (folders: readonly string[], parserIds: ReadonlySet<string>): Promise<Library> => {
  const byId = new Map<string, Runbook>()
  const problems: RunbookProblem[] = []
  for (const folder of folders) {
    const seen = new Map<string, string>()
    for (const path of await runbookFiles(folder, problems)) {
      try {
        const runbook = await readRunbook(path, parserIds)
        const twin = seen.get(runbook.id)
        if (twin !== undefined) problems.push({ path, line: 2, message: `id "${runbook.id}" is taken by ${twin}` })
        else byId.set(runbook.id, runbook)
        seen.set(runbook.id, path)
      } catch (error) {
        if (!(error instanceof RunbookError)) throw error
        problems.push(...error.problems)
      }
    }
  }
  const runbooks = [...byId.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1))
  return { runbooks, problems: [...problems, ...slashTwins(runbooks)] }
}

/** One file, at most 64 KB of it read, so that a device or an endless file does no harm. */
export const readRunbook = async (path: string, parserIds: ReadonlySet<string>): Promise<Runbook> => {
  let text: string
  try {
    text = (await buffer(createReadStream(path, { end: LARGEST_RUNBOOK_BYTES }))).toString('utf8')
  } catch (cause) {
    throw new RunbookError([{ path, line: 1, message: `cannot be read: ${(cause as Error).message}` }])
  }
  return parseRunbook(text, path, parserIds)
}

/** The runbook of that id, or a UsageError that names those there are. */
export const findRunbook = (library: Library, id: string): Runbook => {
  const found = RUNBOOK_ID.test(id) ? library.runbooks.find((runbook) => runbook.id === id) : undefined
  if (found !== undefined) return found
  const shown = id.replace(/[^\w./-]/g, '?').slice(0, 64)
  const mistake = library.problems.find(({ path }) => basename(path) === `${id}.md`)
  if (mistake !== undefined) {
    const { path, line, message } = mistake
    throw new UsageError(`runbook "${shown}" cannot be used: ${path}:${line}: ${message}`, {
      hint: 'medic runbook lint',
    })
  }
  throw new UsageError(`no runbook "${shown}"`, {
    hint: `there are: ${library.runbooks.map((one) => one.id).join(', ')}`,
  })
}

const runbookFiles = async (folder: string, problems: RunbookProblem[]): Promise<string[]> => {
  let root: string
  let names: string[]
  try {
    root = await realpath(folder)
    names = (await readdir(root)).filter((name) => name.endsWith('.md') && name !== 'README.md').toSorted()
  } catch (cause) {
    throw new ConfigError(`runbooks: cannot read the folder "${folder}": ${(cause as Error).message}`, {
      hint: 'MEDIC_RUNBOOKS names a folder of Markdown files',
      cause,
    })
  }
  const paths: string[] = []
  for (const name of names) {
    const path = join(root, name)
    const complaint = await complaintAbout(root, name)
    if (complaint === null) paths.push(path)
    else problems.push({ path, line: 1, message: complaint })
  }
  return paths
}

const complaintAbout = async (root: string, name: string): Promise<string | null> => {
  if (!RUNBOOK_ID.test(name.slice(0, -3)))
    return 'bad file name, expected lower-case letters, digits and dashes, then .md'
  const path = join(root, name)
  const target = await realpath(path).catch(() => null)
  if (target === null) return 'a link that leads nowhere'
  if (!target.startsWith(root + sep)) return `a link that leaves the folder, to "${target}"`
  return (await lstat(target)).isFile() ? null : 'not a plain file'
}

const slashTwins = (runbooks: readonly Runbook[]): RunbookProblem[] => {
  const taken = new Map<string, string>()
  return runbooks.flatMap((runbook) => {
    if (runbook.slash === null) return []
    const owner = taken.get(runbook.slash)
    taken.set(runbook.slash, runbook.id)
    if (owner === undefined) return []
    return [{ path: runbook.path, line: 1, message: `slash command ${runbook.slash} belongs to runbook "${owner}"` }]
  })
}
