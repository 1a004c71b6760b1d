import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readMedicYaml } from '../../src/settings/medicYaml.ts'
import { publishSettingsOf } from '../../src/settings/publishSection.ts'
import { guessedAddress, parseRemote } from '../../src/publishers/gitRemote.ts'
import { textDiff } from '../../src/publishers/textDiff.ts'

const remote = (text: string) => parseRemote(text, (path) => `/base/${path}`)

describe('the address of a repository', () => {
  it.each([
    ['https://git.example/ops/x.wiki.git', { kind: 'http', host: 'git.example' }],
    ['git@git.example:ops/x.wiki.git', { kind: 'ssh', user: 'git', host: 'git.example', port: null }],
    ['ssh://git@git.example:2222/ops/x.git', { kind: 'ssh', user: 'git', host: 'git.example', port: 2222 }],
    ['./wiki.git', { kind: 'path', url: '/base/./wiki.git' }],
    ['/srv/wiki.git', { kind: 'path' }],
    ['http://127.0.0.1:3000/x.git', { kind: 'http', host: '127.0.0.1:3000' }],
  ])('%s is understood', (text, expected) => {
    expect(remote(text)).toMatchObject(expected)
  })

  it.each([
    'https://maria:s3cret@git.example/x.git',
    'https://tok-12345@git.example/x.git',
    'http://git.example/x.git',
    '--upload-pack=touch /tmp/owned',
    '-oProxyCommand=touch:x',
    'ext::sh -c touch% /tmp/owned',
    'git@-oProxyCommand=x:y',
    'ssh://-oProxyCommand=x/y',
    'ssh://git@host/$(touch x)',
    'git@host:x;touch y',
    'fd::17',
    'ftp://git.example/x.git',
    '',
  ])('%j is refused, and no password is shown', (text) => {
    expect(() => remote(text)).toThrow(/address|clear/)
    expect(() => remote(text)).not.toThrow(/s3cret|tok-12345/)
  })

  it('tells where people read the wiki of a forge that is known', () => {
    expect(guessedAddress(remote('git@github.com:team/ops.wiki.git'))).toBe('https://github.com/team/ops/wiki/{page}')
    expect(guessedAddress(remote('https://gitlab.com/a/b/ops.wiki.git'))).toBe(
      'https://gitlab.com/a/b/ops/-/wikis/{page}',
    )
    expect(guessedAddress(remote('git@git.example:team/ops.wiki.git'))).toBeNull()
    expect(guessedAddress(remote('git@github.com:team/docs.git'))).toBeNull()
  })
})

describe('publish: of medic.yaml', () => {
  const read = (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'medic-yaml-'))
    try {
      const path = join(folder, 'medic.yaml')
      writeFileSync(path, text)
      return readMedicYaml(path).publish
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  it('has defaults for all but kind, name and place', () => {
    expect(read('publish:\n  - {kind: git, name: wiki, url: "git@h:x.wiki.git"}\n')).toMatchObject([
      { branch: 'master', mode: 'push', folder: 'incidents', extension: 'md', index: 'Incidents' },
    ])
    expect(read('publish:\n  - {kind: folder, name: notes, path: /srv}\n')).toMatchObject([{ folder: '' }])
    expect(read('hosts: {}\n')).toEqual([])
  })

  it.each([
    ['- {kind: wiki, name: x, path: y}', /:2: publish\.0\.kind: expected kind: folder or git/],
    ['- {kind: folder, name: x}', /:2: publish\.0\.path/],
    ['- {kind: git, name: x, url: "https://a:b@h/x"}', /:2: publish\.0\.url: h: the address holds a name or password/],
    ['- {kind: git, name: x, url: /x, branch: "a..b"}', /expected the name of a branch/],
    ['- {kind: git, name: x, url: /x, branch: "-f"}', /expected the name of a branch/],
    ['- {kind: git, name: x, url: /x, tokenEnv: tok-12345}', /never the token itself/],
    ['- {kind: git, name: x, url: /x, folder: ../out}', /expected a folder inside the place/],
    ['- {kind: git, name: x, url: /x, index: a/b}', /expected the name of a page/],
    ['- {kind: git, name: x, url: /x, author: {name: "a <b>", email: c}}', /expected one line/],
    ['- {kind: folder, name: x, path: y, force: true}', /unknown key "force"/],
    [
      '- {kind: folder, name: x, path: y}\n  - {kind: folder, name: x, path: z}',
      /:3: publish\.1\.name: "x" stands twice/,
    ],
  ])('%s is an error with its line', (text, expected) => {
    expect(() => read(`publish:\n  ${text}\n`)).toThrow(expected)
  })

  it('reads the tokens that targets name, and nothing else that is secret', () => {
    const targets = read('publish:\n  - {kind: git, name: wiki, url: "https://h/x.git", tokenEnv: WIKI_TOKEN}\n')
    const env = { WIKI_TOKEN: 'tok-1', SLACK_BOT_TOKEN: 'xoxb-1', PATH: '/bin', GIT_SSH_COMMAND: 'evil' }
    expect(publishSettingsOf(targets, env, '/', '/root')).toMatchObject({
      secrets: { WIKI_TOKEN: 'tok-1' },
      environment: { PATH: '/bin' },
    })
  })
})

describe('the difference between two pages', () => {
  it('is told in hunks that patch understands', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`)
    const before = `${lines.join('\n')}\n`
    const after = before.replace('line 2\n', 'line two\n').replace('line 19\n', '')
    expect(textDiff('p.md', before, after)).toBe(
      [
        '--- a/p.md',
        '+++ b/p.md',
        '@@ -1,5 +1,5 @@',
        ' line 1',
        '-line 2',
        '+line two',
        ' line 3',
        ' line 4',
        ' line 5',
        '@@ -16,5 +16,4 @@',
        ' line 16',
        ' line 17',
        ' line 18',
        '-line 19',
        ' line 20',
        '',
      ].join('\n'),
    )
    expect(textDiff('p.md', before, before)).toBe('')
  })
})
