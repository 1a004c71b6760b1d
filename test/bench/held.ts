import { setTimeout as pause } from 'node:timers/promises'
import type { Host } from '../../src/domain/host.ts'
import { sshTransport } from '../../src/transports/ssh.ts'
import type { Connection } from '../../src/transports/transport.ts'

// What a connection holds while it is kept: lent to looks that do not close it, and counted after a collection.

/** Open before anything is counted: what the first ones make once is no part of the others. */
const FIRST = 8
const COUNTED = 64
export const LEAST_HOSTS = FIRST + COUNTED

/** The same connection for somebody who would close it after use. */
export const borrowed = (kept: Connection): Connection => ({
  description: kept.description,
  get canFork() {
    return kept.canFork
  },
  readFiles: (paths, limits, signal) => kept.readFiles(paths, limits, signal),
  run: (commands, signal) => kept.run(commands, signal),
  [Symbol.asyncDispose]: () => Promise.resolve(),
})

type LookAt = (
  hosts: readonly Host[],
  connect: (host: Host, signal: AbortSignal) => Promise<Connection>,
) => Promise<unknown>

/**
 * MiB for each connection that was looked over and stays open: heap and buffers outside of it, after a collection. What
 * the connection printed is in the store by then. Null with fewer hosts than that takes, or without --expose-gc.
 */
export const mebibytesPerConnection = async (hosts: readonly Host[], lookAt: LookAt): Promise<number | null> => {
  if (hosts.length < LEAST_HOSTS || globalThis.gc === undefined) return null
  await using open = new AsyncDisposableStack()
  const lookAndKeep = (some: readonly Host[]): Promise<unknown> =>
    lookAt(some, async (host, signal) => borrowed(open.use(await sshTransport.connect(host, signal))))
  await lookAndKeep(hosts.slice(0, FIRST))
  const before = await liveBytes()
  await lookAndKeep(hosts.slice(FIRST, LEAST_HOSTS))
  return ((await liveBytes()) - before) / COUNTED / 2 ** 20
}

/** Closed sockets and ended timers let go of what they held only some turns later. */
const liveBytes = async (): Promise<number> => {
  for (let round = 0; round < 3; round += 1) {
    await pause(300)
    globalThis.gc?.()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
