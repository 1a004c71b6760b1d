import { PublishError } from '../domain/errors.ts'
import { incidentOfPage } from '../domain/region.ts'
import type { Git } from './runGit.ts'
import { LARGEST_PAGE_BYTES } from './tree.ts'
import type { FileChange, Tree } from './tree.ts'

/** The files of a commit, read from git's own store: no working tree, so no link, filter or hook of theirs matters. */
export const gitTree = (git: Git, commit: string | null, extension: string): Tree => ({
  async incidentPages() {
    const found = new Map<string, string[]>()
    if (commit === null) return found
    const args = ['grep', '-z', '-I', '-F', '-e', '<!-- incident:inc-', commit, '--', `*.${extension}`]
    const { stdout } = await git(args, { accept: [1] })
    for (const [, path, line] of stdout.toString('utf8').matchAll(/^[0-9a-f]+:([^\0]*)\0(.*)$/gm)) {
      const incident = incidentOfPage(line?.replace(/\r$/, '') ?? '')
      if (incident === null || path === undefined) continue
      const paths = found.get(incident) ?? []
      if (!paths.includes(path)) found.set(incident, [...paths, path])
    }
    return found
  },

  async read(path) {
    if (commit === null) return undefined
    const { stdout } = await git(['ls-tree', '-z', '-l', commit, '--', path])
    const entry = /^(\d{6}) (\w+) ([0-9a-f]+) +(\d+|-)\t/.exec(stdout.toString('utf8'))
    if (entry === null) return undefined
    const [, mode = '', , object = '', size = ''] = entry
    if (!mode.startsWith('100')) throw new PublishError(`${path}: is no plain file, so it was left alone`)
    if (Number(size) > LARGEST_PAGE_BYTES)
      throw new PublishError(`${path}: ${size} bytes, expected at most ${LARGEST_PAGE_BYTES}`)
    return (await git(['cat-file', 'blob', object])).stdout
  },
})

export interface CommitWords {
  readonly message: string
  readonly authorName: string
  readonly authorEmail: string
}

/** Writes a commit on top of another one (null: the first), and returns its id. Nothing leaves this machine. */
export const writeCommit = async (
  git: Git,
  parent: string | null,
  changes: readonly FileChange[],
  words: CommitWords,
  indexFile: string,
): Promise<string> => {
  const variables = { GIT_INDEX_FILE: indexFile }
  await git(parent === null ? ['read-tree', '--empty'] : ['read-tree', parent], { variables })
  const entries: string[] = []
  for (const { path, bytes } of changes) {
    const object = text(await git(['hash-object', '-w', '--no-filters', '--stdin'], { input: bytes }))
    entries.push(`${await modeOf(git, parent, path)} ${object}\t${path}\0`)
  }
  await git(['update-index', '-z', '--index-info'], { variables, input: entries.join('') })
  const tree = text(await git(['write-tree'], { variables }))
  const person = {
    GIT_AUTHOR_NAME: words.authorName,
    GIT_AUTHOR_EMAIL: words.authorEmail,
    GIT_COMMITTER_NAME: words.authorName,
    GIT_COMMITTER_EMAIL: words.authorEmail,
  }
  return text(
    await git(['commit-tree', tree, ...(parent === null ? [] : ['-p', parent])], {
      variables: person,
      input: words.message,
    }),
  )
}

const modeOf = async (git: Git, commit: string | null, path: string): Promise<string> => {
  if (commit === null) return '100644'
  const { stdout } = await git(['ls-tree', '-z', commit, '--', path])
  return /^(100\d{3}) /.exec(stdout.toString('utf8'))?.[1] ?? '100644'
}

const text = (run: { readonly stdout: Buffer }): string => run.stdout.toString('utf8').trim()
