import type { Host } from '../../domain/host.ts'
import type { TriageTools } from '../triage.ts'

type Connect = TriageTools['connect']

/** A jump host sees one login for each host behind it; sshd begins to drop at ten unfinished ones (MaxStartups). */
const LOGINS_PER_JUMP = 2

/** Lets at most two logins at once through one jump host. Waiting costs a host none of its own time. */
export const createConnectGate = (): ((connect: Connect) => Connect) => {
  const gates = new Map<string, Gate>()
  return (connect) => async (host, signal, onReached) => {
    const key = jumpOf(host)
    if (key === null) return connect(host, signal, onReached)
    const gate = gates.get(key) ?? new Gate(LOGINS_PER_JUMP)
    gates.set(key, gate)
    await gate.enter(signal)
    try {
      return await connect(host, signal, onReached)
    } finally {
      gate.leave()
    }
  }
}

const jumpOf = (host: Host): string | null => {
  const jump = host.ssh?.jumps[0]
  return jump === undefined ? null : `${jump.user}@${jump.address}:${jump.port}`
}

class Gate {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(places: number) {
    this.#free = places
  }

  async enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#free > 0) {
      this.#free -= 1
      return
    }
    await new Promise<void>((resolve, reject) => {
      const admit = (): void => {
        signal.removeEventListener('abort', give)
        resolve()
      }
      const give = (): void => {
        const at = this.#waiting.indexOf(admit)
        if (at !== -1) this.#waiting.splice(at, 1)
        reject(signal.reason instanceof Error ? signal.reason : new Error('cancelled'))
      }
      this.#waiting.push(admit)
      signal.addEventListener('abort', give, { once: true })
    })
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free += 1
    else next()
  }
}
