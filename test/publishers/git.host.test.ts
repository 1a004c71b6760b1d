// needs: root git sshd ssh
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PublishError } from '../../src/domain/errors.ts'
import type { Publication } from '../../src/publishers/publisher.ts'
import { makeBare, startGitHttp } from '../support/gitHttp.ts'
import { makeKey, startSshd } from '../support/sshd.ts'
import { gitPerson } from '../support/wikiPerson.ts'
import type { WikiPerson } from '../support/wikiPerson.ts'
import { draft, INCIDENT, outcomes, PAGE, publication } from './drafts.ts'
import { openPublisher } from './openPublisher.ts'

const WRITE = { dryRun: false }
const soon = (ms = 50_000): AbortSignal => AbortSignal.timeout(ms)
const TOKEN = 'tok-1234567890'

let folder: string
let bare: string
let person: WikiPerson
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medic-git-'))
  bare = join(folder, 'ops.git')
  makeBare(bare)
  person = gitPerson(bare, 'incidents')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const git = (...args: readonly string[]): string => execFileSync('git', ['-C', bare, ...args], { encoding: 'utf8' })

const byPath = (changes: object = {}) => openPublisher({ kind: 'git', name: 'wiki', url: bare, ...changes }, folder)

const hook = (name: string, script: string): void => {
  mkdirSync(join(bare, 'hooks'), { recursive: true })
  writeFileSync(join(bare, 'hooks', name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(bare, 'hooks', name), 0o755)
}

const refusal = async (attempt: Promise<unknown>): Promise<PublishError> => {
  const error: unknown = await attempt.then(
    () => new Error('was published'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof PublishError)) throw error
  expect(error.message).not.toContain('\n')
  return error
}

/** Runs an action each time the draft is asked for: in the middle of a publication. */
const meanwhile = (text: string, action: () => void): Publication => ({
  ...publication(text),
  pages: [
    {
      incident: INCIDENT,
      name: INCIDENT,
      text: () => {
        action()
        return text
      },
    },
  ],
})

describe('a commit', () => {
  it('carries the name and address of the settings, and says which incident and which regions', async () => {
    const publisher = byPath({ author: { name: 'Medic of ops', email: 'medic@example.com' } })
    await publisher.publish(publication(), WRITE, soon())
    await publisher.publish(publication(draft('New.')), WRITE, soon())
    expect(git('log', '-1', '--format=%an <%ae> %cn%n%B').trim()).toBe(
      `Medic of ops <medic@example.com> Medic of ops\nPostmortem ${INCIDENT}\n\nincidents/${PAGE}: updated; facts`,
    )
    expect(git('fsck', '--strict')).toBe('')
  })

  it('leaves every other file and its mode as it is', async () => {
    person.write('../run.sh', '#!/bin/sh\n')
    person.write('../Home.md', 'Welcome.\r\n')
    const before = git('ls-tree', '-r', 'master').trim().split('\n')
    await byPath().publish(publication(), WRITE, soon())
    for (const entry of before) expect(git('ls-tree', '-r', 'master')).toContain(entry)
  })

  it('starts the branch of an empty repository, and names the branches when it meant another one', async () => {
    await byPath({ branch: 'main' }).publish(publication(), WRITE, soon())
    expect(git('branch', '--format=%(refname:short)').trim()).toBe('main')
    const error = await refusal(byPath({ branch: 'trunk' }).publish(publication(), WRITE, soon()))
    expect(error.message).toContain('there is no branch "trunk"')
    expect(error.hint).toContain('main')
  })
})

describe('a race', () => {
  it('lost once is read again and merged anew', async () => {
    await byPath().publish(publication(), WRITE, soon())
    let calls = 0
    const published = await byPath().publish(
      meanwhile(draft('New.', 'Newer.'), () => {
        calls += 1
        if (calls === 1) person.write(PAGE, draft().replace('Killed at 09:15.', 'Killed, says Maria.'))
      }),
      WRITE,
      soon(),
    )
    expect(calls).toBe(2)
    expect(outcomes(published.pages[0]?.regions ?? [])).toEqual({ facts: 'written', timeline: 'kept' })
    expect(person.read(PAGE)).toContain('Killed, says Maria.')
    expect(person.read(PAGE)).toContain('New.')
  })

  it('lost five times is given up, and nothing was overwritten', async () => {
    await byPath().publish(publication(), WRITE, soon())
    let calls = 0
    const error = await refusal(
      byPath().publish(
        meanwhile(draft('New.'), () => {
          calls += 1
          person.write('other.md', `edit ${calls}\n`)
        }),
        WRITE,
        soon(),
      ),
    )
    expect(error.message).toContain('pushed 5 times in between; nothing was overwritten')
    expect(calls).toBe(5)
    expect(person.read('other.md')).toBe('edit 5\n')
    expect(person.read(PAGE)).toBe(draft())
  })
})

describe('a refusal', () => {
  it('by a hook is told in its own words, inert and in one line', async () => {
    hook('pre-receive', String.raw`printf 'no pages on fridays \033[31m<@U1>\nask ops\n' >&2; exit 1`)
    const error = await refusal(byPath().publish(publication(), WRITE, soon()))
    expect(error.message).toContain('the push was refused')
    expect(error.message).toContain('no pages on fridays')
    expect(error.message).not.toContain('\u001b')
    expect(() => person.read(PAGE)).toThrow()
  })

  it('of a symbolic link in the place of a page leaves it alone', async () => {
    const clone = join(folder, 'clone')
    person = gitPerson(bare, '')
    execFileSync('git', ['clone', '--quiet', bare, clone], { stdio: 'ignore' })
    execFileSync('sh', ['-c', `mkdir incidents && ln -s /etc/passwd incidents/${PAGE} && git add -A`], { cwd: clone })
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@y', 'commit', '-qm', 'x'], { cwd: clone })
    execFileSync('git', ['push', '-q', 'origin', 'HEAD:master'], { cwd: clone })
    expect((await refusal(byPath().publish(publication(), WRITE, soon()))).message).toContain('is no plain file')
  })
})

describe('over HTTP', () => {
  const over = (url: string, token = TOKEN, home?: string) =>
    openPublisher({ kind: 'git', name: 'wiki', url, tokenEnv: 'WIKI_TOKEN' }, folder, { WIKI_TOKEN: token }, home)

  it('a wrong token is one clear line that does not show it', async () => {
    await using server = await startGitHttp(folder, { user: 'medic', password: TOKEN })
    const error = await refusal(over(server.url('ops.git'), 'wrong-token-1').publish(publication(), WRITE, soon()))
    expect(error.message).toContain('the server refused the token')
    expect(`${error.message} ${error.hint ?? ''}`).not.toMatch(/wrong-token-1|bWVkaWM/)
    expect(server.authorizations.length).toBeGreaterThan(0)
  })

  it('the token stands in no argument and in no file', async () => {
    await using server = await startGitHttp(folder, { user: 'medic', password: TOKEN })
    const seen = join(folder, 'arguments')
    hook('pre-receive', `cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' > ${seen}`)
    const home = join(folder, 'home')
    await over(server.url('ops.git'), TOKEN, home).publish(publication(), WRITE, soon())
    const basic = Buffer.from(`medic:${TOKEN}`).toString('base64')
    const all = readFileSync(seen, 'utf8')
    expect(all).toContain('push')
    for (const secret of [TOKEN, basic]) {
      expect(all).not.toContain(secret)
      const found = execFileSync('sh', ['-c', `grep -rl -e "$1" "$2" ${bare} || true`, 'sh', secret, home])
      expect(found.toString()).toBe('')
    }
  })

  it('a token file is read, and refused while everybody can read it', async () => {
    await using server = await startGitHttp(folder, { user: 'medic', password: TOKEN })
    const tokenFile = join(folder, 'token')
    writeFileSync(tokenFile, `${TOKEN}\n`, { mode: 0o644 })
    const publisher = openPublisher({ kind: 'git', name: 'wiki', url: server.url('ops.git'), tokenFile }, folder)
    expect((await refusal(publisher.check(soon()))).hint).toBe(`chmod 600 ${tokenFile}`)
    chmodSync(tokenFile, 0o600)
    expect(await publisher.check(soon())).toContain('is empty')
  })

  it('a connection torn in mid-push is one clear line, and the next time everything arrives', async () => {
    await using server = await startGitHttp(folder, { user: 'medic', password: TOKEN })
    await over(server.url('ops.git')).publish(publication(), WRITE, soon())
    server.tear = 'push'
    const error = await refusal(over(server.url('ops.git')).publish(publication(draft('New.')), WRITE, soon()))
    expect(error.message).toMatch(/cannot be reached|connection was lost/)
    expect(person.read(PAGE)).toBe(draft())
    server.tear = 'never'
    await over(server.url('ops.git')).publish(publication(draft('New.')), WRITE, soon())
    expect(person.read(PAGE)).toBe(draft('New.'))
  })

  it('a push that arrived although its answer was lost is found, and not written twice', async () => {
    await using server = await startGitHttp(folder, { user: 'medic', password: TOKEN })
    server.tear = 'answer'
    const published = await over(server.url('ops.git')).publish(publication(), WRITE, soon())
    expect(published.revision).toBe(person.history()[0])
    expect(person.history()).toHaveLength(1)
  })

  it('a server that is gone and a repository that is not there are told apart', async () => {
    const server = await startGitHttp(folder, { user: 'medic', password: TOKEN })
    const missing = await refusal(over(server.url('other.git')).publish(publication(), WRITE, soon()))
    expect(missing.message).toContain('there is no such repository')
    const url = server.url('ops.git')
    await server[Symbol.asyncDispose]()
    expect((await refusal(over(url).publish(publication(), WRITE, soon()))).message).toContain('cannot be reached')
  })

  it('a server that never answers is left when told to, with no process behind', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const error = await refusal(over(`http://127.0.0.1:${port}/x.git`).publish(publication(), WRITE, soon(1_500)))
    expect(error.message).toContain('stopped')
    const left = execFileSync('sh', ['-c', `cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '`]).toString()
    expect(left).not.toContain(`127.0.0.1:${port}/x.git`)
    silent.close()
  })
})

describe('over SSH', () => {
  it('a changed host key stops everything before anything is sent', async () => {
    await using sshd = await startSshd()
    makeKey(join(folder, 'other'))
    const other = readFileSync(join(folder, 'other.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
    const publisher = openPublisher(
      {
        kind: 'git',
        name: 'wiki',
        url: `ssh://root@127.0.0.1:${sshd.port}${bare}`,
        identityFile: sshd.keyFile,
        hostKey: other,
      },
      folder,
    )
    expect((await refusal(publisher.publish(publication(), WRITE, soon()))).message).toContain(
      'the host key is not the one that is known; nothing was sent',
    )
    expect(sshd.log()).not.toContain('Accepted')
  })

  it('an unknown host key and a refused key are one clear line each', async () => {
    await using sshd = await startSshd()
    makeKey(join(folder, 'mine'))
    const settings = { kind: 'git', name: 'wiki', url: `ssh://root@127.0.0.1:${sshd.port}${bare}` }
    const unknown = openPublisher(
      { ...settings, identityFile: sshd.keyFile, knownHosts: join(folder, 'known') },
      folder,
    )
    expect((await refusal(unknown.check(soon()))).message).toContain('the host key is not known')
    writeFileSync(join(folder, 'known'), `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`)
    expect(await unknown.check(soon())).toContain('is empty')
    const refused = openPublisher(
      { ...settings, identityFile: join(folder, 'mine'), knownHosts: join(folder, 'known') },
      folder,
    )
    expect((await refusal(refused.check(soon()))).message).toContain('the server refused the key')
  })

  it('no word of a path reaches a shell', async () => {
    const publisher = openPublisher(
      { kind: 'git', name: 'wiki', url: 'git@127.0.0.1:x.git', identityFile: `${folder}/$(touch owned)` },
      folder,
    )
    expect((await refusal(publisher.check(soon()))).message).toContain('needs a path of plain letters')
    expect(existsSync('owned')).toBe(false)
  })
})

describe('the cache', () => {
  it('that a crash tore is made anew', async () => {
    const home = join(folder, 'home')
    const open = () => openPublisher({ kind: 'git', name: 'wiki', url: bare }, folder, {}, home)
    await open().publish(publication(), WRITE, soon())
    const [name = ''] = readdirSync(join(home, 'publish'))
    const repository = join(home, 'publish', name, 'repository.git')
    writeFileSync(join(repository, 'shallow.lock'), '')
    await open().publish(publication(draft('New.')), WRITE, soon())
    expect(person.read(PAGE)).toBe(draft('New.'))
    execFileSync('sh', ['-c', 'find objects -type f -exec truncate -s 0 {} +'], { cwd: repository })
    await open().publish(publication(draft('Newer.')), WRITE, soon())
    expect(person.read(PAGE)).toBe(draft('Newer.'))
  })
})

describe('mode: branch', () => {
  const review = `medic/${INCIDENT}`
  const open = () => byPath({ mode: 'branch' })
  const reviewed = () => git('show', `${review}:incidents/${PAGE}`)

  it('pushes a branch of its own to be reviewed, goes on with it, and leaves the pages alone', async () => {
    person.write('../Home.md', 'hi\n')
    const main = git('rev-parse', 'master')
    expect(open().index).toBeNull()
    const first = await open().publish({ ...publication(), pages: publication().pages.slice(0, 1) }, WRITE, soon())
    expect(first.notes).toEqual([`on branch ${review}, to be reviewed and merged into master`])
    expect(reviewed()).toBe(draft())
    await open().publish(
      { ...publication(draft('New.')), pages: publication(draft('New.')).pages.slice(0, 1) },
      WRITE,
      soon(),
    )
    expect(reviewed()).toBe(draft('New.'))
    expect(git('rev-parse', 'master')).toBe(main)
    expect((await open().findPage(INCIDENT, soon()))?.text).toBe(draft('New.'))
  })

  it('starts from the merged page once the review is done', async () => {
    person.write('../Home.md', 'hi\n')
    const only = (text: string) => ({ ...publication(text), pages: publication(text).pages.slice(0, 1) })
    await open().publish(only(draft()), WRITE, soon())
    git('update-ref', 'refs/heads/master', review)
    person.write(PAGE, draft().replace('The end.', 'The end, says Maria.'))
    await open().publish(only(draft('New.')), WRITE, soon())
    expect(reviewed()).toBe(draft('New.').replace('The end.', 'The end, says Maria.'))
  })
})

describe('settings of the user and the machine', () => {
  it('are not read', async () => {
    const home = join(folder, 'me')
    mkdirSync(join(home, 'hooks'), { recursive: true })
    writeFileSync(join(home, 'hooks', 'pre-push'), `#!/bin/sh\ntouch ${folder}/ran\n`, { mode: 0o755 })
    writeFileSync(
      join(home, '.gitconfig'),
      `[core]\n\thooksPath = ${home}/hooks\n[url "/nowhere/"]\n\tinsteadOf = ${folder}/\n[commit]\n\tgpgsign = true\n`,
    )
    const previous = process.env['HOME']
    process.env['HOME'] = home
    try {
      await byPath().publish(publication(), WRITE, soon())
    } finally {
      process.env['HOME'] = previous
    }
    expect(person.read(PAGE)).toBe(draft())
    expect(existsSync(join(folder, 'ran'))).toBe(false)
  })
})
