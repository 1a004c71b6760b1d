import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const IDENTITY = ['-c', 'user.name=Maria', '-c', 'user.email=maria@example.com', '-c', 'commit.gpgsign=false']

const git = (folder: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-C', folder, ...IDENTITY, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/** What a person does to a place with the usual tools. Paths are below the folder of the pages. */
export interface WikiPerson {
  read(path: string): string
  write(path: string, text: string): void
  rename(from: string, to: string): void
  remove(path: string): void
  /** Ids of the changes so far, newest first; a folder has none. */
  history(): readonly string[]
}

export const folderPerson = (root: string): WikiPerson => ({
  read: (path) => readFileSync(join(root, path), 'utf8'),
  write: (path, text) => put(join(root, path), text),
  rename: (from, to) => {
    mkdirSync(dirname(join(root, to)), { recursive: true })
    renameSync(join(root, from), join(root, to))
  },
  remove: (path) => rmSync(join(root, path)),
  history: () => [],
})

/** Clones, changes, commits and pushes: as slow and as real as a person. */
export const gitPerson = (bare: string, folder: string, branch = 'master'): WikiPerson => {
  const inClone = (change: (clone: string) => void): void => {
    const clone = mkdtempSync(join(tmpdir(), 'medic-person-'))
    try {
      git(clone, 'clone', '--quiet', bare, '.')
      git(clone, 'symbolic-ref', 'HEAD', `refs/heads/${branch}`)
      change(clone)
      git(clone, 'add', '--all')
      git(clone, 'commit', '--quiet', '-m', 'an edit by a person')
      git(clone, 'push', '--quiet', 'origin', branch)
    } finally {
      rmSync(clone, { recursive: true, force: true })
    }
  }
  return {
    read: (path) => git(bare, 'show', `${branch}:${join(folder, path)}`),
    write: (path, text) => inClone((clone) => put(join(clone, folder, path), text)),
    rename: (from, to) =>
      inClone((clone) => {
        mkdirSync(dirname(join(clone, folder, to)), { recursive: true })
        renameSync(join(clone, folder, from), join(clone, folder, to))
      }),
    remove: (path) => inClone((clone) => rmSync(join(clone, folder, path))),
    history: () => git(bare, 'log', '--format=%H', branch).trim().split('\n'),
  }
}

const put = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
