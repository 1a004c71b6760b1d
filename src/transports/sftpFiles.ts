import type { SFTPWrapper } from 'ssh2'
import type { FileSource } from './readFiles.ts'

/** OpenSSH answers at most 256 KiB at once; every server answers 32 KiB. */
const CHUNK_BYTES = 32 * 1024

/**
 * Reads until the end of the file: /proc states size 0, and `fastGet` would return an empty file without an error.
 * No process is started on the host.
 */
export const sftpFiles = (sftpFor: (path: string) => Promise<SFTPWrapper>): FileSource => ({
  async list(folder) {
    const sftp = await sftpFor(folder)
    return new Promise((resolve, reject) => {
      sftp.readdir(folder, (error, entries) =>
        error === undefined || error === null ? resolve(entries.map((entry) => entry.filename)) : reject(error),
      )
    })
  },
  async read(path, sink, signal) {
    const sftp = await sftpFor(path)
    const handle = await new Promise<Buffer>((resolve, reject) => {
      sftp.open(path, 'r', (error, opened) => (error === undefined || error === null ? resolve(opened) : reject(error)))
    })
    try {
      const sizeBytes = sink.tailBytes === null ? 0 : await sizeOf(sftp, handle)
      const from = sink.tailBytes === null ? 0 : Math.max(0, sizeBytes - sink.tailBytes)
      if (from > 0) sink.onSkip(from)
      for (let position = from; ;) {
        const chunk = await readAt(sftp, handle, position)
        if (chunk.length === 0 || signal.aborted || !sink.onChunk(chunk)) return
        position += chunk.length
      }
    } finally {
      // Nobody waits for the answer.
      sftp.close(handle, () => undefined)
    }
  },
})

const sizeOf = async (sftp: SFTPWrapper, handle: Buffer): Promise<number> =>
  new Promise((resolve) => {
    sftp.fstat(handle, (error, stats) => resolve(error === undefined || error === null ? stats.size : 0))
  })

const readAt = async (sftp: SFTPWrapper, handle: Buffer, position: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    sftp.read(handle, Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position, (error, bytesRead, data) =>
      error === undefined || error === null ? resolve(data.subarray(0, bytesRead)) : reject(error),
    )
  })
