import { randomBytes } from 'node:crypto'
import type { ShellListener, ShellPipe, ShellRefusal } from './shellPipe.ts'

/** Arbitrary: two round trips and one fork on a slow host. */
const READY_MS = 10_000

/**
 * Prepares a shell on a pseudo-terminal for framed steps. A fresh terminal echoes what is typed and cuts lines at 4096
 * bytes, so that nothing may be sent before `stty raw` has taken effect; the shell says so with a mark, which the echo
 * of the command does not hold in one piece.
 */
export const readyTerminal = async (
  pipe: ShellPipe,
  size: { readonly columns: number; readonly rows: number },
): Promise<ShellPipe | ShellRefusal> => {
  const [left, right] = [randomBytes(8).toString('hex'), randomBytes(8).toString('hex')]
  const early: Buffer[] = []
  let target: ShellListener | null = null
  let closeReason: string | null = null
  let seen = ''
  const ready = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), READY_MS)
    const settle = (isReady: boolean): void => {
      clearTimeout(timer)
      resolve(isReady)
    }
    const onData = (chunk: Buffer): void => {
      if (target !== null) return target.onStdout(chunk)
      early.push(chunk)
      seen = (seen + chunk.toString('latin1')).slice(-4096)
      return seen.includes(left + right) ? settle(true) : undefined
    }
    pipe.listen({
      onStdout: onData,
      onStderr: onData,
      onClose: (reason, isLost) => {
        closeReason = reason
        settle(false)
        target?.onClose(reason, isLost)
      },
    })
  })
  const { columns, rows } = { columns: Math.trunc(size.columns), rows: Math.trunc(size.rows) }
  pipe.write(`stty raw -echo rows ${rows} columns ${columns}; printf %s%s '${left}' '${right}'\n`)
  if (!(await ready)) {
    pipe.kill()
    return { refused: 'shell', reason: `no terminal: ${closeReason ?? 'the shell did not get ready'}` }
  }
  return {
    merged: true,
    write: (text) => pipe.write(text),
    kill: () => pipe.kill(),
    listen(listener) {
      target = listener
      if (closeReason !== null) listener.onClose(closeReason, false)
    },
  }
}
