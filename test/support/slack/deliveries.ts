import { randomUUID } from 'node:crypto'
import { deliverOverHttp, type HttpTarget } from './httpDelivery.ts'
import type { Delivery, DeliveryAck, DeliveryType, JsonObject } from './records.ts'
import type { SocketMode } from './socketMode.ts'
import type { WorkspaceState } from './workspaceState.ts'

/** How often Slack repeats an event nobody acknowledged. */
const EVENT_RETRIES = 3

interface Pending {
  readonly delivery: Delivery
  readonly resolve: (ack: DeliveryAck | null) => void
  readonly timer: NodeJS.Timeout
  readonly onAck: ((payload: JsonObject) => void) | undefined
}

interface Sending {
  readonly type: DeliveryType
  readonly payload: JsonObject
  readonly attempt?: number
  readonly reason?: string
  readonly envelopeId?: string
  readonly socketId?: string
  /** What the workspace does with the answer, before anybody who waits hears of it. */
  readonly onAck?: (payload: JsonObject) => void
  readonly onFailure?: (failure: string) => void
}

/** Sends envelopes over the socket or over HTTP and keeps their acknowledgements. */
export class Deliveries {
  readonly all: Delivery[] = []
  readonly #state: WorkspaceState
  readonly #pending = new Map<string, Pending>()
  readonly ackTimeoutMs: number
  /** When set, deliveries go there instead of to a socket. */
  http: HttpTarget | null = null
  socketMode: SocketMode | null = null

  constructor(state: WorkspaceState, ackTimeoutMs: number) {
    this.#state = state
    this.ackTimeoutMs = ackTimeoutMs
  }

  send(sending: Sending): Delivery {
    const envelopeId = sending.envelopeId ?? randomUUID()
    const attempt = sending.attempt ?? 0
    const { promise, resolve } = Promise.withResolvers<DeliveryAck | null>()
    const frame = {
      envelope_id: envelopeId,
      type: sending.type,
      payload: sending.payload,
      accepts_response_payload: sending.type !== 'events_api',
      ...(sending.type === 'events_api' ? { retry_attempt: attempt, retry_reason: sending.reason ?? '' } : {}),
    }
    const to = this.http === null ? (this.socketMode?.sendToOne(frame, sending.socketId) ?? null) : this.http.url
    const delivery: Delivery = {
      envelopeId,
      type: sending.type,
      payload: sending.payload,
      attempt,
      sentAtMs: this.#state.now(),
      to,
      ack: null,
      failure: null,
      settled: promise,
    }
    this.all.push(delivery)
    this.#state.journal.add({ kind: 'delivery', delivery })
    const timer = setTimeout(() => this.#fail(envelopeId, 'operation_timeout', sending), this.ackTimeoutMs)
    // An older attempt under the same envelope is replaced: its late ack counts for this one.
    const older = this.#pending.get(envelopeId)
    if (older !== undefined) clearTimeout(older.timer)
    this.#pending.set(envelopeId, { delivery, resolve, timer, onAck: sending.onAck })
    if (to === null) this.#fail(envelopeId, 'dispatch_failed', sending)
    else if (this.http !== null) void this.#overHttp(this.http, delivery, sending)
    return delivery
  }

  async #overHttp(target: HttpTarget, delivery: Delivery, sending: Sending): Promise<void> {
    const { type, payload, attempt } = delivery
    const answer = await deliverOverHttp(
      target,
      { type, payload, attempt, reason: sending.reason ?? null },
      this.ackTimeoutMs,
    )
    if ('ack' in answer) this.acknowledge(delivery.envelopeId, answer.ack)
    else this.#fail(delivery.envelopeId, answer.failure, sending)
  }

  /** An acknowledgement arrived; one that comes too late or twice changes nothing. */
  acknowledge(envelopeId: string, payload: JsonObject): void {
    const pending = this.#pending.get(envelopeId)
    if (pending === undefined) return
    this.#pending.delete(envelopeId)
    clearTimeout(pending.timer)
    const ack = { payload, latencyMs: this.#state.now() - pending.delivery.sentAtMs }
    pending.delivery.ack = ack
    pending.onAck?.(payload)
    this.#state.journal.add({ kind: 'ack', delivery: pending.delivery })
    pending.resolve(ack)
  }

  #fail(envelopeId: string, failure: string, sending: Sending): void {
    const pending = this.#pending.get(envelopeId)
    if (pending === undefined) return
    this.#pending.delete(envelopeId)
    clearTimeout(pending.timer)
    pending.delivery.failure = failure
    this.#state.journal.add({ kind: 'no-ack', delivery: pending.delivery })
    sending.onFailure?.(failure)
    pending.resolve(null)
    const attempt = pending.delivery.attempt
    const isWorthRepeating = sending.type === 'events_api' && attempt < EVENT_RETRIES && failure !== 'dispatch_failed'
    if (isWorthRepeating) this.send({ ...sending, envelopeId: randomUUID(), attempt: attempt + 1, reason: 'timeout' })
  }

  /** Nobody waits any longer: the workspace stops. */
  close(): void {
    for (const pending of this.#pending.values()) {
      clearTimeout(pending.timer)
      pending.resolve(null)
    }
    this.#pending.clear()
  }
}
