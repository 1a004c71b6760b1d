import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert, constantFrom, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAnsible } from '../../../src/app/inventory/ansibleInventory.ts'
import type { AnsibleHost } from '../../../src/app/inventory/ansibleInventory.ts'
import { expandRange } from '../../../src/app/inventory/ansibleRange.ts'
import { ConfigError, ExpectedError } from '../../../src/domain/errors.ts'

const SAMPLES = join(import.meta.dirname, '..', 'samples', 'ansible')
const nothing = (): ReadonlyMap<string, string> => new Map()

const read = (name: string): Record<string, AnsibleHost> =>
  Object.fromEntries(
    parseAnsible(readFileSync(join(SAMPLES, name), 'utf8'), name, nothing).map((host) => [host.name, host]),
  )

describe('an Ansible inventory in INI', () => {
  const hosts = read('hosts.ini')

  it('gives every host, with ranges written out', () => {
    expect(Object.keys(hosts)).toEqual([
      'mail.example.com',
      'www01.example.com',
      'www02.example.com',
      'www03.example.com',
      'shop',
      'db-a',
      'db-b',
      'db9',
      'win1',
    ])
  })

  it('gives groups through their children, and a host its own word before its group', () => {
    expect(hosts['www02.example.com']?.groups.toSorted()).toEqual(['prod', 'web'])
    expect(hosts['www02.example.com']?.vars.get('ansible_user')).toBe('deploy')
    expect(hosts['db-a']?.vars.get('ansible_user')).toBe('ops')
    expect(hosts['db-a']?.vars.get('ansible_ssh_private_key_file')).toBe('~/.ssh/db key')
    expect(hosts['db-a']?.vars.get('ansible_ssh_common_args')).toBe('-o ProxyJump=jump@bastion.example.com:2022')
    expect(hosts['mail.example.com']?.groups).toEqual([])
  })

  it('reads ports and leaves comments', () => {
    expect(hosts['db9']?.vars.get('ansible_port')).toBe('2200')
    expect([...(hosts['shop']?.vars.keys() ?? [])].toSorted()).toEqual([
      'ansible_host',
      'ansible_port',
      'ansible_ssh_common_args',
      'ansible_user',
    ])
  })

  it('names file and line of what it cannot read', () => {
    expect(() => parseAnsible('[web]\nhost1 nonsense\n', 'inv', nothing)).toThrow(/^inv:2: expected name=value/)
    expect(() => parseAnsible('h[1:99999999]\n', 'inv', nothing)).toThrow(ConfigError)
  })
})

describe('an Ansible inventory in YAML', () => {
  const hosts = read('hosts.yml')

  it('gives hosts, groups and variables, past vaults', () => {
    expect(Object.keys(hosts)).toEqual(['mail.example.com', 'www01.example.com', 'www02.example.com', 'shop'])
    expect(hosts['shop']?.groups.toSorted()).toEqual(['prod', 'web'])
    expect(hosts['shop']?.vars.get('ansible_user')).toBe('deploy')
    expect(hosts['mail.example.com']?.vars.get('ansible_user')).toBe('ops')
    expect(hosts['www01.example.com']?.vars.get('ansible_port')).toBe('2222')
  })

  it('takes variables of the files beside it', () => {
    const text = readFileSync(join(SAMPLES, 'hosts.yml'), 'utf8')
    const beside = parseAnsible(text, 'hosts.yml', (kind, name) =>
      kind === 'group_vars' && name === 'web' ? new Map([['ansible_user', 'from-file']]) : new Map(),
    )
    expect(beside.find(({ name }) => name === 'shop')?.vars.get('ansible_user')).toBe('from-file')
  })
})

describe('any text', () => {
  it('is an inventory or an error a person can act on', () => {
    assert(
      property(
        string({ unit: constantFrom(...Array.from('[]:=ab1 \n#"\'-{}&*!,')) }),
        constantFrom('a.ini', 'a.yml'),
        (text, path) => {
          try {
            parseAnsible(text, path, nothing)
          } catch (error) {
            expect(error).toBeInstanceOf(ExpectedError)
          }
        },
      ),
    )
  })
})

describe('ranges', () => {
  it.each([
    ['web', ['web']],
    ['w[1:3]', ['w1', 'w2', 'w3']],
    ['w[08:10]', ['w08', 'w09', 'w10']],
    ['w[0:6:3]x', ['w0x', 'w3x', 'w6x']],
    ['[a:c]-[1:2]', ['a-1', 'a-2', 'b-1', 'b-2', 'c-1', 'c-2']],
    ['w[3:1]', []],
  ])('%s', (pattern, names) => {
    expect(expandRange(pattern, 100)).toEqual(names)
  })

  it('are refused when they are too long, also as a product', () => {
    expect(expandRange('w[1:101]', 100)).toBeNull()
    expect(expandRange('w[1:50]-[1:50]', 100)).toBeNull()
  })
})
