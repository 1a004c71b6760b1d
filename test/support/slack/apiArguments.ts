import type { IncomingMessage } from 'node:http'
import type { JsonObject } from './records.ts'

/** Bolt's own receivers refuse more than 4 MiB; uploads may be larger. */
const BODY_LIMIT_BYTES = 64 * 1024 * 1024

export const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_LIMIT_BYTES) throw new Error('request body too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const decode = (value: string): unknown => {
  if (!value.startsWith('{') && !value.startsWith('[')) return value
  try {
    return JSON.parse(value) as unknown
  } catch {
    return value
  }
}

/** The arguments of a Web API call: urlencoded with JSON values, multipart, or JSON. */
export const parseArguments = async (contentType: string, body: Buffer): Promise<JsonObject> => {
  if (contentType.startsWith('application/json')) {
    const parsed = JSON.parse(body.toString('utf8') || '{}') as unknown
    return typeof parsed === 'object' && parsed !== null ? (parsed as JsonObject) : {}
  }
  if (contentType.startsWith('multipart/form-data')) {
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
    return Object.fromEntries([...form].map(([key, value]) => [key, typeof value === 'string' ? decode(value) : value]))
  }
  return Object.fromEntries([...new URLSearchParams(body.toString('utf8'))].map(([key, value]) => [key, decode(value)]))
}

/** A call that Slack answers with `{ok:false,error}`. */
export class ApiRefusal extends Error {
  readonly code: string
  readonly details: JsonObject

  constructor(code: string, details: JsonObject = {}) {
    super(code)
    this.code = code
    this.details = details
  }
}

/** A refusal whose reasons stand in `response_metadata.messages`. */
export const refusalWith = (code: string, messages: readonly string[]): ApiRefusal =>
  new ApiRefusal(code, messages.length === 0 ? {} : { response_metadata: { messages } })

/** A text argument, or null when it is absent or empty. Numbers and booleans travel as strings. */
export const textArgument = (args: JsonObject, name: string): string | null => {
  const value = args[name]
  if (value === undefined || value === null || value === '') return null
  if (typeof value === 'string') return value
  // A text that begins with a bracket was taken for JSON: give it back as it was typed.
  return typeof value === 'object' ? JSON.stringify(value) : `${value as number | boolean}`
}

export const neededText = (args: JsonObject, name: string, code = 'invalid_arguments'): string => {
  const value = textArgument(args, name)
  if (value !== null) return value
  throw refusalWith(code, [`[ERROR] missing required field: ${name}`])
}

/** A list of objects given as JSON, or null when absent. */
export const listArgument = (args: JsonObject, name: string, code: string): JsonObject[] | null => {
  const value = args[name]
  if (value === undefined || value === null || value === '') return null
  if (!Array.isArray(value)) throw new ApiRefusal(code)
  return value as JsonObject[]
}

export const objectArgument = (args: JsonObject, name: string, code: string): JsonObject | null => {
  const value = args[name]
  if (value === undefined || value === null || value === '') return null
  if (typeof value !== 'object' || Array.isArray(value)) throw new ApiRefusal(code)
  return value as JsonObject
}
