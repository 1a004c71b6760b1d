import ssh2 from 'ssh2'
import type { Client, ParsedKey } from 'ssh2'
import { describe, expect, it } from 'vitest'
import { takeShortcuts } from '../../src/transports/sshShortcuts.ts'

const keyOf = (type: 'ed25519' | 'rsa'): ParsedKey => {
  const pair =
    type === 'rsa' ? ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 }) : ssh2.utils.generateKeyPairSync(type)
  return ssh2.utils.parseKey(pair.private) as ParsedKey
}

/** ssh2's side of it, as far as it is touched: what was sent, and what waits for the server's words. */
const ssh2Client = (attempts: readonly ParsedKey[]) => {
  const sent: string[] = []
  const left = [...attempts]
  const protocol = {
    service: (name: string) => void sent.push(`service ${name}`),
    authPK: (
      user: string,
      key: ParsedKey,
      _algorithm?: string,
      sign?: (data: Buffer, done: (sig: Buffer) => void) => void,
    ) => {
      if (sign === undefined) sent.push(`asks ${user} ${attempts.indexOf(key)}`)
      else
        sign(Buffer.from('session'), (signature) =>
          sent.push(`signs ${user} ${attempts.indexOf(key)} ${signature.length}`),
        )
    },
    _handlers: { SERVICE_ACCEPT: () => tryNext() },
  }
  const tryNext = (): void => {
    const key = left.shift()
    if (key !== undefined) protocol.authPK('medic', key)
  }
  return { client: { _protocol: protocol } as unknown as Client, protocol, sent, tryNext }
}

describe('a login that does not wait for answers it knows', () => {
  it('asks for the service and signs with the first key at once; later keys are asked about', () => {
    const keys = [keyOf('ed25519'), keyOf('ed25519')]
    const { client, protocol, sent, tryNext } = ssh2Client(keys)
    takeShortcuts(client, keys[0] ?? null)
    protocol.service('ssh-userauth')
    expect(sent).toEqual(['service ssh-userauth', 'signs medic 0 64'])
    // The server's answers come when everything is sent: its consent starts nothing anew, its refusal leads on.
    protocol._handlers.SERVICE_ACCEPT()
    tryNext()
    expect(sent.slice(2)).toEqual(['asks medic 1'])
  })

  it.each([
    ['an RSA key, whose hash depends on the server', keyOf('rsa')],
    ['no key file, but an agent', null],
  ])('goes the long way with %s', (_, key) => {
    const { client, protocol, sent } = ssh2Client(key === null ? [keyOf('ed25519')] : [key])
    takeShortcuts(client, key)
    protocol.service('ssh-userauth')
    expect(sent).toEqual(['service ssh-userauth'])
    protocol._handlers.SERVICE_ACCEPT()
    expect(sent.slice(1)).toEqual(['asks medic 0'])
  })

  it('goes the long way when the key cannot sign', () => {
    const key = keyOf('ed25519')
    key.sign = () => new Error('no') as unknown as Buffer
    const { client, protocol, sent } = ssh2Client([key])
    takeShortcuts(client, key)
    protocol.service('ssh-userauth')
    expect(sent).toEqual(['service ssh-userauth', 'asks medic 0'])
  })

  it.each<{ _protocol?: object | null }[]>([
    [{}],
    [{ _protocol: null }],
    [{ _protocol: { service: () => undefined, authPK: () => undefined } }],
  ])('leaves alone what does not look like ssh2 as it is now', (client) => {
    const before = { ...client._protocol }
    expect(() => takeShortcuts(client as unknown as Client, keyOf('ed25519'))).not.toThrow()
    expect({ ...client._protocol }).toEqual(before)
  })
})
