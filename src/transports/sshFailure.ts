import { UnreachableError } from '../domain/errors.ts'
import type { SshTarget } from '../domain/host.ts'
import type { HostTrust } from './hostTrust.ts'
import type { Identities } from './sshKeys.ts'

/** How far the way to a host had come when it ended. */
export interface Progress {
  phase: 'tcp' | 'banner' | 'handshake' | 'login'
  /** What the server said it would accept, after a refused attempt. */
  accepts: readonly string[] | null
}

/** `server1 (ops@203.0.113.7:22)`, or without the name where they are the same. */
export const placeOf = (target: SshTarget, name: string | null): string => {
  const address = target.address.includes(':') ? `[${target.address}]` : target.address
  const place = `${target.user}@${address}:${target.port}`
  return name === null ? place : `${name} (${place})`
}

/** Puts a failed connection into one line a person can act on. */
export const classify = (
  error: Error,
  context: {
    readonly where: string
    readonly progress: Progress
    readonly trust: HostTrust
    readonly identities: Identities
  },
): UnreachableError => {
  if (error instanceof UnreachableError) return error
  const { where, progress, trust, identities } = context
  const refusal = trust.refusal(error.message)
  if (refusal !== null) return refusal
  if (isLoginFailure(error, progress)) return loginFailed(where, progress, identities, error)
  return networkFailure(where, error, progress)
}

const isLoginFailure = (error: Error, progress: Progress): boolean => {
  const { level } = error as { level?: string }
  if (level === 'client-authentication') return true
  return progress.phase === 'login' && /authentication|Too many|not allowed|closed the connection/i.test(error.message)
}

const loginFailed = (where: string, progress: Progress, identities: Identities, cause: Error): UnreachableError => {
  const tried = identities.tried.length > 0 ? identities.tried.join(', ') : 'no key at all'
  const accepts =
    progress.accepts === null ? '' : `; the server accepts ${progress.accepts.join(', ') || 'nothing more'}`
  const advice =
    identities.tried.length > 0
      ? "the public key must stand in the user's ~/.ssh/authorized_keys on the host"
      : 'name a key with identityFile, or load one into the agent'
  return new UnreachableError('login-failed', `${where}: login refused: tried ${tried}${accepts}`, {
    hint: [...identities.problems, advice].join('; '),
    cause,
  })
}

const REACH = {
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to its network',
  ENOTFOUND: 'no such name',
  EAI_AGAIN: 'the name server does not answer',
}

const networkFailure = (where: string, cause: Error, progress: Progress): UnreachableError => {
  const { code } = cause as NodeJS.ErrnoException
  if (code !== undefined && code in REACH) {
    return new UnreachableError('unreachable', `${where}: ${REACH[code as keyof typeof REACH]} (${code})`, {
      hint: 'check the address and the network between here and there',
      cause,
    })
  }
  if (code === 'ECONNREFUSED') {
    return new UnreachableError(
      'refused',
      `${where}: connection refused: the machine answers, nothing listens on the port`,
      {
        hint: 'is sshd running, and is this its port?',
        cause,
      },
    )
  }
  if (code === 'ETIMEDOUT') return timedOut(where, progress, null)
  if (progress.phase === 'handshake' || progress.phase === 'login') {
    return new UnreachableError('refused', `${where}: SSH ended during the ${progress.phase}: ${cause.message}`, {
      cause,
    })
  }
  return new UnreachableError('refused', `${where}: the connection was closed before SSH began: ${cause.message}`, {
    hint: 'sshd limits or punishes new connections (MaxStartups, PerSourcePenalties), or the host cannot fork',
    cause,
  })
}

const WAITED_FOR = {
  tcp: 'no answer to the connection',
  banner: 'it takes the connection, but SSH says nothing',
  handshake: 'SSH began, but the key exchange did not end',
  login: 'SSH began, but the login did not end',
}

/** The time is over; where it went is a finding by itself: a silent SSH behind an answering TCP is a stalled host. */
export const timedOut = (where: string, progress: Progress, limitMs: number | null): UnreachableError =>
  new UnreachableError(
    'timed-out',
    `${where}: timed out${limitMs === null ? '' : ` after ${limitMs / 1000} s`}: ${WAITED_FOR[progress.phase]}`,
    {
      hint:
        progress.phase === 'tcp'
          ? 'a firewall, a wrong address, or a machine that is down'
          : 'the kernel answers and user space does not: the host may be out of memory or frozen',
    },
  )
