import { constants } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { localShells } from './localShell.ts'
import { readFiles } from './readFiles.ts'
import type { FileSource } from './readFiles.ts'
import { CommandRunner } from './runCommands.ts'
import type { Connection, Transport } from './transport.ts'

const CHUNK_BYTES = 64 * 1024

/** Files of this machine. Opening a FIFO without a writer would block for ever, hence O_NONBLOCK. */
const localFiles: FileSource = {
  list: async (folder) => readdir(folder),
  async read(path, sink, signal) {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = await file.stat()
    if (!stat.isFile()) throw new Error('not a regular file')
    const from = sink.tailBytes === null ? 0 : Math.max(0, stat.size - sink.tailBytes)
    if (from > 0) sink.onSkip(from)
    for (let position = from; ;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position)
      position += bytesRead
      if (bytesRead === 0 || signal.aborted || !sink.onChunk(buffer.subarray(0, bytesRead))) return
    }
  },
}

/** Runs the steps on this machine, the way ssh runs them elsewhere. */
export const localTransport: Transport = {
  async connect() {
    const runner = new CommandRunner(localShells)
    const connection: Connection = {
      description: `this machine (${hostname()})`,
      get canFork() {
        return runner.canFork
      },
      readFiles: (paths, limits, signal) => readFiles(paths, limits, localFiles, signal),
      run: (commands, signal) => runner.run(commands, signal),
      async [Symbol.asyncDispose]() {
        runner.kill('the connection was closed')
      },
    }
    return connection
  },
}
