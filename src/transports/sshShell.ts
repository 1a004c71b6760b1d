import type { ClientChannel } from 'ssh2'
import type { ShellPipe } from './shellPipe.ts'

/** What a refused login shell says (`This account is currently not available.`) is short. */
const SAID_BYTES = 300
/** The end of the second stream follows the close of the channel at once, if it comes at all. */
const STDERR_END_MS = 200

/** An ssh channel that runs `/bin/sh -i`. */
export const sshShell = (channel: ClientChannel, merged: boolean, whyLost: () => string | null): ShellPipe => {
  let said = ''
  let isKilled = false
  // Writing to a shell that has just ended is no event of its own: its end is told by `onClose`.
  channel.on('error', () => undefined)
  return {
    merged,
    write(text) {
      if (channel.writable) channel.write(text)
    },
    listen(listener) {
      const hear = (chunk: Buffer): void => {
        if (said.length < SAID_BYTES) said += chunk.subarray(0, SAID_BYTES).toString('utf8')
      }
      channel.on('data', (chunk: Buffer) => {
        hear(chunk)
        if (!isKilled) listener.onStdout(chunk)
      })
      channel.stderr.on('data', (chunk: Buffer) => {
        hear(chunk)
        if (!isKilled) listener.onStderr(chunk)
      })
      const errorsEnded = new Promise<void>((resolve) => {
        channel.stderr.once('end', resolve)
        channel.once('close', () => setTimeout(resolve, STDERR_END_MS))
      })
      channel.once('close', (code: number | null | undefined, signal?: string) => {
        void errorsEnded.then(() => {
          const lost = whyLost()
          return listener.onClose(lost ?? closeReason(code, signal, said), lost !== null)
        })
      })
    },
    kill() {
      if (isKilled) return
      isKilled = true
      // Closing alone leaves the remote process running.
      channel.signal('KILL')
      channel.close()
    },
  }
}

const closeReason = (code: number | null | undefined, signal: string | undefined, said: string): string => {
  if (signal !== undefined) return `the shell was killed by ${signal}`
  if (code === null || code === undefined) return 'the shell ended without a status'
  const words = said.trim().replaceAll(/\s+/g, ' ')
  const quoted = words === '' || said.length >= SAID_BYTES ? '' : `: "${words}"`
  return `the shell ended with status ${code}${quoted}`
}
