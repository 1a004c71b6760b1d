import type { Client } from 'ssh2'
import { ConfigError, UnreachableError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { SshConnection } from './sshConnection.ts'
import { placeOf } from './sshFailure.ts'
import { connectHop } from './sshHop.ts'
import type { Attempt, Hop } from './sshHop.ts'
import { logIn, logInAndOpen } from './sshLogin.ts'
import { limitTime } from '../domain/timeLimit.ts'
import type { Transport } from './transport.ts'

/** security-reliability.md section 10: a classified message in at most 20 s, jump hosts included. */
const CONNECT_LIMIT_MS = 20_000
/** Section 10: two tries. A refusal is quick, so that there is time for the second. */
const RETRY_AFTER_MS = 2_000

export interface SshLimits {
  readonly connectMs: number
  readonly retryAfterMs: number
}

/** Reaches hosts over ssh: one login a host, nothing written there. */
export const createSshTransport = (limits: SshLimits) => ({
  async connect(host: Host, signal: AbortSignal, onReached?: () => void): Promise<SshConnection> {
    using limit = limitTime(signal, limits.connectMs)
    const deadline = limit.signal
    const attempt = { signal: deadline, limitMs: limits.connectMs, onReached }
    try {
      return await connectOnce(host, attempt)
    } catch (error) {
      if (!isWorthAnotherTry(error) || deadline.aborted) throw error
      await pause(limits.retryAfterMs, deadline)
      if (deadline.aborted) throw error
      return await connectOnce(host, attempt)
    }
  },
})

export const sshTransport: Transport = createSshTransport({ connectMs: CONNECT_LIMIT_MS, retryAfterMs: RETRY_AFTER_MS })

/** Never after a refused login or a wrong key: newer servers punish that, and it would not help. */
const isWorthAnotherTry = (error: unknown): boolean =>
  error instanceof UnreachableError && (error.reason === 'refused' || error.reason === 'unreachable')

const pause = async (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
  })

const connectOnce = async (host: Host, attempt: Attempt): Promise<SshConnection> => {
  const target = host.ssh
  if (target === null) throw new ConfigError(`${host.name}: no ssh address`)
  const jumps: Hop<void>[] = []
  try {
    let through: Client | null = null
    for (const jump of target.jumps) {
      const hop: Hop<void> = await connectHop(jump, null, { ...attempt, through, logIn })
      jumps.push(hop)
      through = hop.client
    }
    const hop = await connectHop(target, host.name, { ...attempt, through, logIn: logInAndOpen })
    const via = target.jumps.map((jump) => ` via ${placeOf(jump, null)}`).join('')
    const description = `ssh ${placeOf(target, null)}${via}, ${hop.trust.fingerprint ?? 'no fingerprint'}`
    return new SshConnection({ hop, description, jumps })
  } catch (error) {
    for (const hop of jumps.toReversed()) hop.destroy()
    throw error
  }
}
