import { readFileSync, readdirSync } from 'node:fs'
import { execa } from 'execa'
import type { ShellListener, ShellPipe, ShellRefusal, ShellSource } from './shellPipe.ts'
import { readyTerminal } from './terminal.ts'

/** Shells on this machine, each in a session of its own: an interactive shell would otherwise take our terminal. */
export const localShells: ShellSource = {
  async openShell(pty) {
    if (pty === null) return startShell('/bin/sh', ['-i'], false)
    // Node has no pseudo-terminals; util-linux's `script` has, and it is nearly everywhere.
    const pipe = await startShell('script', ['-qfec', 'exec /bin/sh -i', '/dev/null'], true)
    if ('refused' in pipe) return { refused: 'shell', reason: 'no pseudo-terminal: "script" of util-linux is missing' }
    return readyTerminal(pipe, pty)
  },
}

const startShell = async (
  file: string,
  args: readonly string[],
  merged: boolean,
): Promise<ShellPipe | ShellRefusal> => {
  const child = execa(file, [...args], {
    detached: true,
    buffer: false,
    reject: false,
    cleanup: false,
    extendEnv: false,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', HISTFILE: '/dev/null' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const started = await new Promise<boolean>((resolve) => {
    child.nodeChildProcess.once('spawn', () => resolve(true))
    child.nodeChildProcess.once('error', () => resolve(false))
  })
  if (!started) {
    const result = await child
    const code = result.code ?? ''
    return { refused: code === 'EAGAIN' || code === 'ENOMEM' ? 'fork' : 'shell', reason: result.shortMessage ?? code }
  }
  // A shell that ends while we still write to it is told of by its end, not by a broken pipe.
  child.stdin.on('error', () => undefined)
  return {
    merged,
    write: (text) => void child.stdin.write(text),
    listen(listener: ShellListener) {
      child.stdout.on('data', (chunk: Buffer) => listener.onStdout(chunk))
      child.stderr.on('data', (chunk: Buffer) => listener.onStderr(chunk))
      void child.then((result) => listener.onClose(closeReason(result), false))
    },
    kill() {
      if (child.pid !== undefined) killSession(child.pid)
      child.stdin.destroy()
      child.stdout.destroy()
      child.stderr.destroy()
    },
  }
}

const closeReason = (result: { signal?: string | undefined; exitCode?: number | undefined }): string =>
  result.signal === undefined
    ? `the shell ended with status ${result.exitCode ?? 'unknown'}`
    : `the shell was killed by ${result.signal}`

/** Each step is a process group of its own below the shell's session; killing the shell alone would leave it running. */
const killSession = (sessionId: number): void => {
  for (const name of readdirSync('/proc')) {
    if (/^\d+$/.test(name) && Number(name) !== sessionId && sessionOf(name) === sessionId) kill(Number(name))
  }
  kill(sessionId)
}

const sessionOf = (pid: string): number | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // `comm` may hold spaces and brackets: count from the last one. state ppid pgrp session
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3])
  } catch {
    return null
  }
}

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Already gone.
  }
}
