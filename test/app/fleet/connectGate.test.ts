import { describe, expect, it } from 'vitest'
import { createConnectGate } from '../../../src/app/fleet/connectGate.ts'
import type { Host, SshTarget } from '../../../src/domain/host.ts'
import type { Connection } from '../../../src/transports/transport.ts'
import { simulatedHost } from '../../support/fleet/simulatedFleet.ts'

const target = (address: string, jumps: readonly SshTarget[]): SshTarget => ({
  address,
  port: 22,
  user: 'ops',
  identityFiles: [],
  hostKey: null,
  hostKeyAlias: null,
  knownHostsFiles: [],
  acceptNewKey: false,
  jumps,
})

const behind = (name: string, jump: string | null): Host =>
  simulatedHost(name, { transport: 'ssh', ssh: target(name, jump === null ? [] : [target(jump, [])]) })

describe('the gate before a jump host', () => {
  it('lets two logins through at once, whatever the number of hosts behind it', async () => {
    const gate = createConnectGate()
    let open = 0
    let most = 0
    const connect = gate(async () => {
      open += 1
      most = Math.max(most, open)
      await new Promise((resolve) => setImmediate(resolve))
      open -= 1
      return {} as Connection
    })
    const { signal } = new AbortController()
    await Promise.all(Array.from({ length: 20 }, (_, index) => connect(behind(`h${index}`, 'bastion'), signal)))
    expect(most).toBe(2)
  })

  it('holds up no host that needs no jump or another one, and frees its place after a failure', async () => {
    const gate = createConnectGate()
    const { signal } = new AbortController()
    const stuck = gate(() => new Promise<Connection>(() => {}))
    void stuck(behind('a', 'one'), signal)
    void stuck(behind('b', 'one'), signal)
    const quick = gate(() => Promise.resolve({} as Connection))
    await quick(behind('c', null), signal)
    await quick(behind('d', 'two'), signal)
    const failing = gate(() => Promise.reject(new Error('refused')))
    for (const name of ['e', 'f', 'g']) await expect(failing(behind(name, 'two'), signal)).rejects.toThrow('refused')
    await quick(behind('h', 'two'), signal)
  })

  it('lets a waiting host give up', async () => {
    const gate = createConnectGate()
    const stuck = gate(() => new Promise<Connection>(() => {}))
    const stop = new AbortController()
    void stuck(behind('a', 'one'), stop.signal)
    void stuck(behind('b', 'one'), stop.signal)
    const waiting = stuck(behind('c', 'one'), stop.signal)
    stop.abort()
    await expect(waiting).rejects.toThrow()
  })
})
