import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from './sshd.ts'

export interface Gitit extends AsyncDisposable {
  /** The repository behind it, which takes pushes. */
  readonly repository: string
  /** What a browser gets. */
  read(path: string): Promise<{ readonly status: number; readonly type: string; readonly text: string }>
  /** Saves a page as the wiki's own form does. */
  save(path: string, text: string): Promise<void>
}

/** A real gitit, the wiki over pandoc, serving a repository on the loopback interface. */
export const startGitit = async (folder: string): Promise<Gitit> => {
  const repository = join(folder, 'wiki')
  mkdirSync(repository)
  const git = (...args: readonly string[]): void => {
    execFileSync('git', ['-C', repository, '-c', 'user.name=Wiki', '-c', 'user.email=wiki@example.com', ...args])
  }
  git('init', '--quiet', '--initial-branch=master')
  git('config', 'receive.denyCurrentBranch', 'updateInstead')
  git('config', 'user.name', 'Wiki')
  git('config', 'user.email', 'wiki@example.com')
  git('commit', '--quiet', '--allow-empty', '-m', 'begin')
  const port = await freePort()
  const config = {
    address: '127.0.0.1',
    port: String(port),
    'repository-type': 'Git',
    'repository-path': repository,
    'default-page-type': 'markdown',
    'default-extension': 'md',
    'require-authentication': 'none',
    'user-file': join(folder, 'users'),
    'templates-dir': join(folder, 'templates'),
    'static-dir': join(folder, 'static'),
    'log-file': join(folder, 'gitit.log'),
    'compress-responses': 'no',
  }
  const lines = Object.entries(config).map(([key, value]) => `${key}: ${value}`)
  writeFileSync(join(folder, 'gitit.conf'), `${lines.join('\n')}\n`)
  const child = spawn('gitit', ['-f', join(folder, 'gitit.conf')], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, LANG: 'C.UTF-8' },
    stdio: 'ignore',
  })
  const url = (path: string): string => `http://127.0.0.1:${port}/${path}`
  for (let tries = 0; ; tries += 1) {
    const answered = await fetch(url('')).then(
      () => true,
      () => false,
    )
    if (answered) break
    if (tries > 300 || child.exitCode !== null) throw new Error('gitit did not start')
    await wait(100)
  }
  return {
    repository,
    async read(path) {
      const answer = await fetch(url(path))
      return { status: answer.status, type: answer.headers.get('content-type') ?? '', text: await answer.text() }
    },
    async save(path, text) {
      const form = await (await fetch(url(`_edit/${path}`))).text()
      const sha1 = /name="sha1"[^>]*value="([0-9a-f]*)"|value="([0-9a-f]*)"[^>]*name="sha1"/.exec(form)
      const body = new URLSearchParams({
        sha1: sha1?.[1] ?? sha1?.[2] ?? '',
        editedText: text.replaceAll('\n', '\r\n'),
        logMsg: 'from the browser',
        update: 'Save',
      })
      const answer = await fetch(url(path), { method: 'POST', body, headers: { referer: url(path) } })
      if (!answer.ok) throw new Error(`gitit did not save: ${answer.status} ${await answer.text()}`)
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return
      await new Promise<void>((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGKILL')
      })
    },
  }
}
