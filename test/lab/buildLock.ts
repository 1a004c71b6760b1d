import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { ExpectedError } from '../../src/domain/errors.ts'

const RETRY_MS = 500

/**
 * One builder per image. An abstract socket is the lock: the kernel frees it when its holder dies, however it dies, so
 * there is no stale lock file to judge.
 */
export const lockBuild = async (imageDir: string, timeoutMs: number, onWait: () => void): Promise<AsyncDisposable> => {
  const name = `\0medic-lab-${createHash('sha256').update(imageDir).digest('hex').slice(0, 24)}`
  const giveUpAt = Date.now() + timeoutMs
  let told = false
  while (Date.now() < giveUpAt) {
    const server = await tryListen(name)
    if (server !== null) {
      return { [Symbol.asyncDispose]: () => new Promise<void>((done) => void server.close(() => done())) }
    }
    if (!told) onWait()
    told = true
    await delay(RETRY_MS)
  }
  throw new ExpectedError(`lab: another process has been building ${imageDir} for ${timeoutMs / 1000} s`)
}

const tryListen = (name: string): Promise<Server | null> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.unref()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null)
      else reject(error)
    })
    server.listen(name, () => resolve(server))
  })
