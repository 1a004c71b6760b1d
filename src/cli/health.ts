import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigError } from '../domain/errors.ts'

/** A question to Slack or the database must not keep a probe waiting: most give up after a few seconds. */
const LIMIT_MS = 2_000

/** Null when work can be done now, else what stands in the way, in a few words. */
export type Readiness = () => Promise<string | null> | string | null

export interface HealthDoor extends AsyncDisposable {
  readonly port: number
}

/**
 * `/healthz`: this process answers. `/readyz`: it can work now, else 503 and why. Nothing else is served, and nothing
 * about hosts. Throws ConfigError when the address cannot be had.
 */
export const openHealth = async (
  address: { readonly host: string; readonly port: number },
  isReady: Readiness,
): Promise<HealthDoor> => {
  const server = createServer((request, response) => {
    const answer = (status: number, text: string): void => {
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
      response.end(request.method === 'HEAD' ? undefined : `${text}\n`)
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(405, 'GET only')
    else if (request.url === '/healthz') answer(200, 'ok')
    else if (request.url === '/readyz')
      void whyNot(isReady).then((why) => answer(why === null ? 200 : 503, why === null ? 'ready' : `not ready: ${why}`))
    else answer(404, 'there are /healthz and /readyz')
  })
  server.requestTimeout = 5_000
  server.headersTimeout = 5_000
  server.maxConnections = 64
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new ConfigError(`MEDIC_HEALTH: cannot listen at ${address.host}:${address.port}: ${cause.code ?? 'refused'}`, {
          hint: 'each process of a machine needs a port of its own',
          cause,
        }),
      ),
    )
    server.listen(address.port, address.host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const whyNot = async (isReady: Readiness): Promise<string | null> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${LIMIT_MS / 1000} s`), LIMIT_MS)
  })
  try {
    return await Promise.race([isReady(), late])
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown'
  } finally {
    clearTimeout(timer)
  }
}
