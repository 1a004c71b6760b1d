import { createServer, connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'

/**
 * Hosts as far away as one likes: a proxy on all loopback addresses that holds every byte for half a round trip each
 * way.
 */
export const farPlace = async (
  port: number,
  roundTripMs: number,
): Promise<AsyncDisposable & { readonly port: number }> => {
  const half = roundTripMs / 2
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port, host: '127.0.0.1', noDelay: true })
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (chunk: Buffer) => setTimeout(() => to.writable && to.write(chunk), half))
      from.on('end', () => setTimeout(() => to.end(), half))
      from.on('error', () => to.destroy())
    }
  })
  server.listen({ port: 0, host: '0.0.0.0', backlog: 1024 })
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close').catch(() => {})
    },
  }
}
