import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/domain/errors.ts'
import { sshEntries, sshTarget } from '../../src/transports/sshConfig.ts'

let home = ''
let folder = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'medic-home-'))
  folder = join(home, '.ssh')
  mkdirSync(join(folder, 'conf.d'), { recursive: true })
})
afterEach(() => rmSync(home, { recursive: true }))

const write = (text: string, name = 'config'): void => writeFileSync(join(folder, name), text)

describe('~/.ssh/config', () => {
  it('that does not exist knows nobody', () => {
    expect(sshEntries(folder)).toEqual([])
    expect(sshTarget(folder, 'web', 'maria')).toBeUndefined()
  })

  it('names concrete hosts and answers for patterns, but not for everything', () => {
    write('Host web db !bad\n HostName 10.0.0.1\nHost node-* !node-9\n User ops\nHost *\n Port 2222\n')
    expect(sshEntries(folder)).toEqual(['web', 'db'])
    expect(sshTarget(folder, 'node-1', 'maria')).toMatchObject({ address: 'node-1', user: 'ops', port: 2222 })
    expect(sshTarget(folder, 'node-9', 'maria')).toBeUndefined()
    expect(sshTarget(folder, 'elsewhere', 'maria')).toBeUndefined()
  })

  it('gives address, user, port, keys with their tokens, and known hosts', () => {
    write(
      'Host web\n  hostname %h.example.com\n  IdentityFile ~/.ssh/k_%r_%h\n  IdentityFile "%d/with space"\n' +
        '  UserKnownHostsFile ~/a ~/b\n  HostKeyAlias alias\nHost *\n  User me\n',
    )
    expect(sshTarget(folder, 'web', 'maria')).toEqual({
      address: 'web.example.com',
      port: 22,
      user: 'me',
      identityFiles: [`${folder}/k_me_web.example.com`, `${home}/with space`],
      hostKey: null,
      hostKeyAlias: 'alias',
      knownHostsFiles: [`${home}/a`, `${home}/b`, '/etc/ssh/ssh_known_hosts'],
      acceptNewKey: false,
      jumps: [],
    })
  })

  it('falls back to our own user and never trusts on first use', () => {
    write('Host web\n StrictHostKeyChecking no\n')
    expect(sshTarget(folder, 'web', 'maria')).toMatchObject({ user: 'maria', acceptNewKey: false })
  })

  it('leads through chains of jump hosts, nearest first', () => {
    write(
      'Host web\n ProxyJump b,c.example:2200\nHost b\n HostName 10.0.0.2\n ProxyJump ops@a\nHost a\n User other\n' +
        'Host old\n ProxyCommand ssh -W %h:%p b\nHost direct\n ProxyJump none\n',
    )
    const jumps = (alias: string) =>
      sshTarget(folder, alias, 'maria')!.jumps.map(({ user, address, port }) => [user, address, port])
    const me = 'maria'
    expect(jumps('web')).toEqual([
      ['ops', 'a', 22],
      [me, '10.0.0.2', 22],
      [me, 'c.example', 2200],
    ])
    expect(jumps('old')).toEqual([
      ['ops', 'a', 22],
      [me, '10.0.0.2', 22],
    ])
    expect(jumps('direct')).toEqual([])
  })

  it('refuses circles, unknown proxy commands and impossible ports', () => {
    write('Host a\n ProxyJump b\nHost b\n ProxyJump a\nHost c\n ProxyCommand nc -x proxy %h %p\nHost d\n Port 99999\n')
    for (const alias of ['a', 'c', 'd']) expect(() => sshTarget(folder, alias, 'maria')).toThrow(ConfigError)
  })

  it('follows Include, whose blocks end with the file', () => {
    write('Include conf.d/*\nUser outer\nHost last\n HostName 10.0.0.9\n')
    write('Host inner\n  HostName 10.0.0.5\n  User inner\n', 'conf.d/one.conf')
    expect(sshEntries(folder)).toEqual(['inner', 'last'])
    expect(sshTarget(folder, 'inner', 'maria')).toMatchObject({ address: '10.0.0.5', user: 'inner' })
    expect(sshTarget(folder, 'last', 'maria')).toMatchObject({ address: '10.0.0.9', user: 'outer' })
  })

  it('refuses a file that includes itself', () => {
    write('Include config\n')
    expect(() => sshEntries(folder)).toThrow('nested')
  })

  it('starts no program of a Match line', () => {
    write(`Host web\n User ops\nMatch exec "touch ${home}/touched"\n User evil\n`)
    expect(sshTarget(folder, 'web', 'maria')).toMatchObject({ user: 'ops' })
    expect(() => rmSync(join(home, 'touched'))).toThrow(/ENOENT/)
  })
})
