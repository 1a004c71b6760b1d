// needs: root git sshd ssh
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publisherContract } from '../contracts/publisher.ts'
import { makeBare, startGitHttp } from '../support/gitHttp.ts'
import { startSshd } from '../support/sshd.ts'
import { folderPerson, gitPerson } from '../support/wikiPerson.ts'
import { openPublisher } from './openPublisher.ts'

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'medic-publish-'))
const clear = (folder: string) => () => Promise.resolve(rmSync(folder, { recursive: true, force: true }))

publisherContract('a folder', () => {
  const folder = newFolder()
  const root = join(folder, 'notes')
  mkdirSync(root)
  return Promise.resolve({
    open: () => openPublisher({ kind: 'folder', name: 'notes', path: root }, folder),
    person: folderPerson(root),
    clear: clear(folder),
  })
})

publisherContract('a repository by its path', () => {
  const folder = newFolder()
  const bare = join(folder, 'ops.git')
  makeBare(bare)
  return Promise.resolve({
    open: () => openPublisher({ kind: 'git', name: 'wiki', url: bare }, folder),
    person: gitPerson(bare, 'incidents'),
    clear: clear(folder),
  })
})

publisherContract('a repository over HTTP', async () => {
  const folder = newFolder()
  const bare = join(folder, 'ops.git')
  makeBare(bare)
  const server = await startGitHttp(folder, { user: 'medic', password: 'tok-1234567890' })
  return {
    open: () =>
      openPublisher({ kind: 'git', name: 'wiki', url: server.url('ops.git'), tokenEnv: 'WIKI_TOKEN' }, folder, {
        WIKI_TOKEN: 'tok-1234567890',
      }),
    person: gitPerson(bare, 'incidents'),
    clear: async () => {
      await server[Symbol.asyncDispose]()
      await clear(folder)()
    },
  }
})

publisherContract('a repository over SSH', async () => {
  const folder = newFolder()
  const bare = join(folder, 'ops.git')
  makeBare(bare)
  const sshd = await startSshd()
  const settings = {
    kind: 'git',
    name: 'wiki',
    url: `ssh://root@127.0.0.1:${sshd.port}${bare}`,
    identityFile: sshd.keyFile,
    hostKey: sshd.hostKey.split(' ').slice(0, 2).join(' '),
  }
  return {
    open: () => openPublisher(settings, folder),
    person: gitPerson(bare, 'incidents'),
    clear: async () => {
      await sshd[Symbol.asyncDispose]()
      await clear(folder)()
    },
  }
})
