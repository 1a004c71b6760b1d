import { createHmac } from 'node:crypto'
import { asText, type DeliveryType, type JsonObject } from './records.ts'

export interface HttpTarget {
  /** The request URL of the app, such as http://127.0.0.1:3000/slack/events. */
  readonly url: string
  readonly signingSecret: string
}

const encode = (type: DeliveryType, payload: JsonObject): { body: string; contentType: string } => {
  if (type === 'events_api') return { body: JSON.stringify(payload), contentType: 'application/json' }
  const form =
    type === 'interactive'
      ? new URLSearchParams({ payload: JSON.stringify(payload) })
      : new URLSearchParams(Object.entries(payload).map(([key, value]): [string, string] => [key, asText(value)]))
  return { body: form.toString(), contentType: 'application/x-www-form-urlencoded' }
}

/** Slack's signature of a body at a second. */
export const signature = (signingSecret: string, timestamp: number, body: string): string =>
  `v0=${createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')}`

const parseAnswer = (body: string): JsonObject => {
  if (body === '') return {}
  try {
    const parsed = JSON.parse(body) as unknown
    return typeof parsed === 'object' && parsed !== null ? (parsed as JsonObject) : { text: body }
  } catch {
    return { text: body }
  }
}

/** Posts one delivery to the app: its acknowledgement, or why there was none. */
export const deliverOverHttp = async (
  target: HttpTarget,
  delivery: { type: DeliveryType; payload: JsonObject; attempt: number; reason: string | null },
  timeoutMs: number,
): Promise<{ ack: JsonObject } | { failure: string }> => {
  const { body, contentType } = encode(delivery.type, delivery.payload)
  const timestamp = Math.floor(Date.now() / 1000)
  const headers: Record<string, string> = {
    'content-type': contentType,
    'x-slack-request-timestamp': String(timestamp),
    'x-slack-signature': signature(target.signingSecret, timestamp, body),
  }
  if (delivery.attempt > 0) {
    headers['x-slack-retry-num'] = String(delivery.attempt)
    headers['x-slack-retry-reason'] = delivery.reason ?? 'http_timeout'
  }
  try {
    const answer = await fetch(target.url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = await answer.text()
    return answer.status === 200 ? { ack: parseAnswer(text) } : { failure: `http_error ${answer.status}` }
  } catch (error) {
    return {
      failure: error instanceof Error && error.name === 'TimeoutError' ? 'operation_timeout' : 'connection_failed',
    }
  }
}
