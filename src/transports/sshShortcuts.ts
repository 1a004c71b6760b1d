import type { Client, ParsedKey } from 'ssh2'

/** What is used of ssh2's protocol object, none of it public. */
interface Protocol {
  service: (name: string) => void
  authPK: (user: string, key: unknown, algorithm?: string, sign?: Sign) => void
  readonly _handlers: { SERVICE_ACCEPT?: (protocol: Protocol, name: string) => void }
}

type Sign = (data: Buffer, done: (signature: Buffer) => void) => void

const LOGIN_SERVICE = 'ssh-userauth'

/**
 * Spares a login two round trips: it does not wait to hear that the server serves logins, nor whether it would like to
 * see a signature of the first key, and sends all of it at once (RFC 4252 section 7 allows a signature unasked; servers
 * answer in order). ssh2 has no setting for that, so this reaches into its protocol object; where that looks different,
 * the login goes the long way. Call it right after `connect`.
 */
export const takeShortcuts = (client: Client, firstKey: ParsedKey | null): void => {
  // An RSA key has to wait for the server's list of hashes, an agent may have to ask a person.
  if (firstKey === null || firstKey.type === 'ssh-rsa') return
  const protocol = (client as unknown as { readonly _protocol?: unknown })._protocol
  if (!isKnown(protocol)) return
  const { service, authPK, _handlers: handlers } = protocol
  protocol.service = (name) => {
    service.call(protocol, name)
    const onAccept = handlers.SERVICE_ACCEPT
    if (name !== LOGIN_SERVICE || onAccept === undefined) return
    handlers.SERVICE_ACCEPT = () => undefined
    onAccept(protocol, name)
  }
  protocol.authPK = (user, key, algorithm, sign) => {
    protocol.authPK = authPK
    const ask = (own?: Sign): void => authPK.call(protocol, user, key, algorithm, own)
    if (key !== firstKey || sign !== undefined) return ask(sign)
    ask((data, done) => {
      const signature = firstKey.sign(data) as Buffer | Error
      if (signature instanceof Error) ask()
      else done(signature)
    })
  }
}

const isKnown = (protocol: unknown): protocol is Protocol => {
  const { service, authPK, _handlers: handlers } = (protocol ?? {}) as Partial<Protocol>
  return typeof service === 'function' && typeof authPK === 'function' && typeof handlers?.SERVICE_ACCEPT === 'function'
}
