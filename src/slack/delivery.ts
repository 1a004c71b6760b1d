import type { Desk } from './desk.ts'

/** An acknowledgement is due within 3 s; storing that we have it may take this much (security-reliability.md section 9). */
const CLAIM_LIMIT_MS = 200

/** `first`: work on it. `again`: acknowledge and ignore. `silent`: the store does not answer, so nothing may be promised. */
export type Claim = 'first' | 'again' | 'silent'

/** Memory of keys when there is no store; also saves asking it about what was just seen. */
const REMEMBERED = 2_000

/** Each delivery is worked on once, whatever is delivered twice and by however many processes. */
export class DeliveryBook {
  readonly #desk: Pick<Desk, 'store' | 'log' | 'now'>
  readonly #seen = new Set<string>()

  constructor(desk: Pick<Desk, 'store' | 'log' | 'now'>) {
    this.#desk = desk
  }

  async claim(key: string | null): Promise<Claim> {
    if (key === null) return 'first'
    if (this.#seen.has(key)) return 'again'
    this.#seen.add(key)
    if (this.#seen.size > REMEMBERED) this.#seen.delete(this.#seen.values().next().value ?? '')
    const { store, log, now } = this.#desk
    if (store === null) return 'first'
    let timer: NodeJS.Timeout | undefined
    const silence = new Promise<'silent'>((resolve) => {
      timer = setTimeout(() => resolve('silent'), CLAIM_LIMIT_MS)
    })
    try {
      const stored = store.claimDelivery(key, now()).then((isFirst): Claim => (isFirst ? 'first' : 'again'))
      // An answer that comes too late is nobody's business any more.
      stored.catch(() => {})
      return await Promise.race([stored, silence])
    } catch (error) {
      log.warn({ error }, 'a delivery could not be stored; it is worked on all the same')
      return 'first'
    } finally {
      clearTimeout(timer)
    }
  }
}

/** What names a delivery: its envelope on a socket, its event id, its one-time trigger over HTTP. */
export const deliveryKey = (context: Readonly<Record<string, unknown>>, body: object): string | null => {
  const { event_id: eventId, trigger_id: triggerId } = body as { event_id?: unknown; trigger_id?: unknown }
  if (typeof eventId === 'string' && eventId !== '') return `event ${eventId}`
  const envelopeId = context['envelopeId']
  if (typeof envelopeId === 'string' && envelopeId !== '') return `envelope ${envelopeId}`
  return typeof triggerId === 'string' && triggerId !== '' ? `trigger ${triggerId}` : null
}
