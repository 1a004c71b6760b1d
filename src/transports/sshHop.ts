import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import ssh2 from 'ssh2'
import type { Client, ConnectConfig, ParsedKey } from 'ssh2'
import { UnreachableError } from '../domain/errors.ts'
import type { SshTarget } from '../domain/host.ts'
import { readHostTrust } from './hostTrust.ts'
import type { HostTrust } from './hostTrust.ts'
import { classify, placeOf, timedOut } from './sshFailure.ts'
import type { Progress } from './sshFailure.ts'
import { readIdentities } from './sshKeys.ts'
import type { Identities } from './sshKeys.ts'

/** security-reliability.md section 4: a tighter keepalive closed the only usable connection to a thrashing host. */
const KEEPALIVE = { keepaliveInterval: 15_000, keepaliveCountMax: 8 }

/** performance.md section 3: GCM costs least; section 1: curve25519 is the cheapest exchange. */
const CIPHERS = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
] as const
const KEY_EXCHANGES = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group-exchange-sha256',
] as const

export interface Hop<Opened> {
  readonly client: Client
  /** Ends it at once. Once it has said goodbye, ssh2 leaves the socket to the other side, which may never answer. */
  readonly destroy: () => void
  readonly opened: Opened
  readonly trust: HostTrust
}

export interface Attempt {
  readonly signal: AbortSignal
  /** What the signal stands for, to be said. */
  readonly limitMs: number
  /** Called when the network answers. */
  readonly onReached: (() => void) | undefined
}

/** What is done once the connection stands: log in only, or log in and open the first channels. */
export type LogIn<Opened> = (client: Client, config: ConnectConfig, firstKey: ParsedKey | null) => Promise<Opened>

/** One login on one machine, over TCP or through the machine before it. Throws UnreachableError, one clear line. */
export const connectHop = async <Opened>(
  target: SshTarget,
  name: string | null,
  way: Attempt & { readonly through: Client | null; readonly logIn: LogIn<Opened> },
): Promise<Hop<Opened>> => {
  const where = placeOf(target, name)
  const [trust, identities] = await Promise.all([readHostTrust(target, where), readIdentities(target)])
  const progress: Progress = { phase: 'tcp', accepts: null }
  const client = new ssh2.Client()
  // Without a listener a late error would end the process.
  client.on('error', () => undefined)
  client.on('connect', () => (progress.phase = 'banner'))
  client.on('handshake', () => (progress.phase = 'login'))
  const cut = cutBy(way.signal, () => timedOut(where, progress, way.limitMs))
  let socket: Duplex | null = null
  const destroy = (): void => {
    client.destroy()
    socket?.destroy()
  }
  try {
    const work = async (): Promise<Opened> => {
      socket = await openSocket(target, way.through, where)
      // A network may answer after we gave up on it.
      if (way.signal.aborted) {
        destroy()
        throw timedOut(where, progress, way.limitMs)
      }
      way.onReached?.()
      progress.phase = 'banner'
      socket.once('data', () => (progress.phase = progress.phase === 'banner' ? 'handshake' : progress.phase))
      const config = configOf(target, socket, { trust, identities, progress })
      return way.logIn(client, config, identities.firstKey)
    }
    const opened = await Promise.race([work(), cut.promise])
    await trust.remember()
    return { client, destroy, opened, trust }
  } catch (error) {
    destroy()
    throw classify(error as Error, { where, progress, trust, identities })
  } finally {
    cut.release()
  }
}

const cutBy = (signal: AbortSignal, error: () => Error) => {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => undefined)
  const onAbort = (): void => reject(error())
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  return { promise, release: () => signal.removeEventListener('abort', onAbort) }
}

const openSocket = async (target: SshTarget, through: Client | null, where: string): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    if (through !== null) {
      through.forwardOut('127.0.0.1', 0, target.address, target.port, (error, channel) => {
        if (error === undefined) resolve(channel)
        else
          reject(
            new UnreachableError('unreachable', `${where}: the jump host does not lead there: ${error.message}`, {
              cause: error,
            }),
          )
      })
      return
    }
    const socket = connect({ host: target.address, port: target.port })
    // Nagle's delay costs a round trip at each small exchange, and ssh2 leaves it on.
    socket.setNoDelay(true)
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })

const configOf = (
  target: SshTarget,
  socket: Duplex,
  parts: { readonly trust: HostTrust; readonly identities: Identities; readonly progress: Progress },
): ConnectConfig => {
  const attempts = [...parts.identities.attempts]
  return {
    sock: socket,
    username: target.user,
    readyTimeout: 0,
    ...KEEPALIVE,
    algorithms: {
      cipher: [...CIPHERS],
      kex: [...KEY_EXCHANGES],
      serverHostKey: parts.trust.algorithms,
    },
    hostVerifier: (key: Buffer) => parts.trust.verify(key),
    // Only keys: the `none` try of ssh2's own list costs a round trip.
    authHandler: (accepts, _partial, next) => {
      parts.progress.accepts = (accepts as readonly string[] | null) ?? parts.progress.accepts
      const mayTry = accepts === null || (accepts as readonly string[]).includes('publickey')
      const attempt = mayTry ? attempts.shift() : undefined
      next(attempt ?? (false as never))
    },
  }
}
