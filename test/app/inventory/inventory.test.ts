import { describe, expect, it } from 'vitest'
import { createInventory, matches, nearest } from '../../../src/app/inventory/inventory.ts'
import type { InventorySources } from '../../../src/app/inventory/inventory.ts'
import type { Host, SshTarget } from '../../../src/domain/host.ts'

const host = (name: string, groups: readonly string[] = []): Host => ({
  name,
  transport: 'ssh',
  ssh: null,
  replay: null,
  sudo: false,
  site: null,
  groups,
  tags: {},
})

const sources: InventorySources = {
  hosts: new Map(['web-1', 'web-2', 'db-1'].map((name) => [name, host(name, name === 'db-1' ? ['data'] : [])])),
  groups: { web: ['web-*'] },
  sshEntries: () => ['Bastion', 'web-9'],
  sshTarget: (alias) => ({ address: alias }) as SshTarget,
  reserved: (name) => (name === 'localhost' ? { ...host(name), transport: 'local' } : undefined),
  configPath: null,
}
const terminal = createInventory(sources, 'terminal')
const chat = createInventory(sources, 'chat')
const names = (hosts: readonly Host[]): string[] => hosts.map((one) => one.name)

describe('the inventory', () => {
  it('finds hosts of medic.yaml whatever their case, and ssh aliases as written', () => {
    expect(terminal.find('WEB-1').name).toBe('web-1')
    expect(terminal.find('Bastion').ssh?.address).toBe('Bastion')
    expect(() => terminal.find('bastion')).toThrow('unknown host "bastion"')
  })

  it('selects groups by pattern and by membership, patterns, lists and all, without doubles', () => {
    expect(names(terminal.select('web'))).toEqual(['web-1', 'web-2'])
    expect(names(terminal.select('data'))).toEqual(['db-1'])
    expect(names(terminal.select('web-*'))).toEqual(['web-1', 'web-2', 'web-9'])
    expect(names(terminal.select('db-1, web-1,db-1'))).toEqual(['db-1', 'web-1'])
    expect(names(terminal.select('all'))).toEqual(['web-1', 'web-2', 'db-1'])
    expect(() => terminal.select('nothing-*')).toThrow('no host matches')
  })

  it('gives chat only what medic.yaml lists', () => {
    expect(names(chat.list())).toEqual(['web-1', 'web-2', 'db-1'])
    for (const name of ['Bastion', 'localhost', 'web-9']) expect(() => chat.find(name)).toThrow('unknown host')
    expect(names(chat.select('web-*'))).toEqual(['web-1', 'web-2'])
  })

  it('refuses names that only look alike, and names near ones', () => {
    expect(() => terminal.find('web\u2011\u0031')).toThrow('unknown host')
    expect(() => terminal.find('__proto__')).toThrow('unknown host')
    try {
      terminal.find('wbe-1')
      expect.unreachable()
    } catch (error) {
      expect((error as { hint: string }).hint).toContain('web-1')
    }
  })

  it('matches patterns in linear time', () => {
    expect(matches('a*b?d', 'axxbcd')).toBe(true)
    expect(matches('a*', 'b')).toBe(false)
    expect(matches(`${'*a'.repeat(50)}b`, 'a'.repeat(20_000))).toBe(false)
    expect(nearest('trage', ['triage', 'digest'])).toEqual(['triage'])
  })
})
