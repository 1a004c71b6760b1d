import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { ApiRefusal, parseArguments, readBody, textArgument } from './apiArguments.ts'
import type { ApiMethod, MethodWorld } from './apiMethod.ts'
import { chatMethods } from './chatMethods.ts'
import type { Fault, Faults } from './faults.ts'
import { fileMethods } from './fileMethods.ts'
import type { RateLimits } from './rateLimits.ts'
import type { ApiCall, JsonObject } from './records.ts'
import { viewMethods } from './viewMethods.ts'
import { workspaceMethods } from './workspaceMethods.ts'

/** Every method the fake workspace knows. */
export const API_METHODS: Readonly<Record<string, ApiMethod>> = {
  ...chatMethods,
  ...viewMethods,
  ...fileMethods,
  ...workspaceMethods,
}

export interface WebApiOptions {
  readonly world: MethodWorld
  readonly faults: Faults
  readonly rateLimits: RateLimits
  readonly tokens: { readonly bot: string; readonly app: string }
  /** Methods this workspace does not have. */
  readonly missingMethods: ReadonlySet<string>
  readonly calls: ApiCall[]
}

interface Answer {
  readonly status: number
  readonly body: JsonObject
  readonly headers?: Record<string, string>
}

const refusal = (error: string, details: JsonObject = {}): Answer => ({
  status: 200,
  body: { ok: false, error, ...details },
})

/** The token check, or null when it passes. */
const refuseToken = (options: WebApiOptions, method: ApiMethod, token: string): Answer | null => {
  if (token === '') return refusal('not_authed')
  const { bot, app } = options.tokens
  if (token !== bot && token !== app) return refusal('invalid_auth')
  return token === (method.token === 'app' ? app : bot) ? null : refusal('not_allowed_token_type')
}

const act = (options: WebApiOptions, name: string, token: string, args: JsonObject): Answer => {
  const { world } = options
  const method = Object.hasOwn(API_METHODS, name) ? API_METHODS[name] : undefined
  if (method === undefined || options.missingMethods.has(name)) {
    return refusal('unknown_method', { req_method: name })
  }
  const badToken = refuseToken(options, method, token)
  if (badToken !== null) return badToken
  if (method.scopes.length > 0 && !method.scopes.some((scope) => world.scopes.has(scope))) {
    return refusal('missing_scope', { needed: method.scopes.join(','), provided: [...world.scopes].join(',') })
  }
  const channel = textArgument(args, 'channel')
  const retryAfter = options.rateLimits.refusal(name, channel)
  if (retryAfter !== null) {
    return { status: 429, body: { ok: false, error: 'ratelimited' }, headers: { 'retry-after': String(retryAfter) } }
  }
  try {
    return { status: 200, body: { ok: true, ...method.run(world, args) } }
  } catch (error) {
    if (error instanceof ApiRefusal) return refusal(error.code, error.details)
    throw error
  }
}

const faultAnswer = (fault: Fault): Answer | null => {
  if ('error' in fault) {
    return refusal(fault.error, fault.messages === undefined ? {} : { response_metadata: { messages: fault.messages } })
  }
  if (!('status' in fault)) return null
  const seconds = fault.retryAfterSeconds
  return {
    status: fault.status,
    body: { ok: false, error: fault.status === 429 ? 'ratelimited' : 'internal_error' },
    ...(seconds === undefined ? {} : { headers: { 'retry-after': String(seconds) } }),
  }
}

/** Runs an action under the planned fault: the answer to send, or null when the connection has to break. */
export const underFault = async (
  fault: Fault | null,
  action: () => Answer | Promise<Answer>,
): Promise<Answer | null> => {
  if (fault === null) return action()
  const instead = faultAnswer(fault)
  if (instead !== null) return instead
  if ('drop' in fault) {
    if (fault.drop === 'after-acting') await action()
    return null
  }
  if ('delayMs' in fault) {
    await pause(fault.delayMs)
    return action()
  }
  const answer = await action()
  if ('answerAfterMs' in fault) await pause(fault.answerAfterMs)
  return answer
}

/** Sends an answer, or breaks the connection for null. */
export const send = (response: ServerResponse, answer: Answer | null): void => {
  if (answer === null) {
    response.socket?.destroy()
    return
  }
  if (response.destroyed) return
  response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8', ...answer.headers })
  response.end(JSON.stringify(answer.body))
}

const bearer = (request: IncomingMessage): string =>
  /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''

/** Answers `POST /api/METHOD`. */
export const serveWebApi = async (
  options: WebApiOptions,
  method: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { state, scopes } = options.world
  const atMs = state.now()
  const body = await readBody(request)
  let args: JsonObject
  try {
    args = await parseArguments(request.headers['content-type'] ?? '', body)
  } catch {
    return send(response, refusal('invalid_json'))
  }
  const { token: tokenArgument, ...shown } = args
  const call: ApiCall = { method, args: shown, atMs, outcome: null, durationMs: null }
  options.calls.push(call)
  const token = bearer(request) || (typeof tokenArgument === 'string' ? tokenArgument : '')
  const fault = options.faults.take(method)
  const answer = await underFault(fault, () => act(options, method, token, shown))
  call.outcome = outcomeOf(answer)
  call.durationMs = state.now() - atMs
  state.journal.add({ kind: 'call', call })
  if (answer === null) return send(response, null)
  send(response, { ...answer, headers: { ...answer.headers, 'x-oauth-scopes': [...scopes].join(',') } })
}

const outcomeOf = (answer: Answer | null): string => {
  if (answer === null) return 'dropped'
  if (answer.status !== 200) return String(answer.status)
  return answer.body['ok'] === true ? 'ok' : String(answer.body['error'])
}
