// needs: script
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import type { StepResult } from '../../src/domain/step.ts'
import type { ShellPipe } from '../../src/transports/shellPipe.ts'
import { ShellSession } from '../../src/transports/shellSession.ts'
import { readyTerminal } from '../../src/transports/terminal.ts'
import { command } from '../support/commands.ts'

const folder = mkdtempSync(join(tmpdir(), 'medic-shell-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** `timeout` as busybox had it before 1.30: the limit is an option, and there is no `-k`. */
const oldTimeout = join(folder, 'timeout')
writeFileSync(oldTimeout, '#!/bin/sh\n[ "$1" = -t ] || exit 1\nn=$2; shift 2\nexec /usr/bin/timeout "$n" "$@"\n')
chmodSync(oldTimeout, 0o755)

const start = (
  file: string,
  args: readonly string[],
  merged: boolean,
  replace: (text: string) => string,
): ShellPipe => {
  const child = spawn(file, args, { detached: true, env: { PATH: process.env['PATH'], HISTFILE: '/dev/null' } })
  child.stdin.on('error', () => undefined)
  return {
    merged,
    write: (text) => void child.stdin.write(replace(text)),
    kill: () => void child.kill('SIGKILL'),
    listen(listener) {
      child.stdout.on('data', (chunk: Buffer) => listener.onStdout(chunk))
      child.stderr.on('data', (chunk: Buffer) => listener.onStderr(chunk))
      child.on('close', () => listener.onClose('the shell ended', false))
    },
  }
}

const script = [
  command('plain', 'echo out; echo err >&2; exit 3'),
  command('lines', `printf '%s' 'a\n!! !x'`),
  command('slow', 'echo begun; sleep 20', { timeoutMs: 1000 }),
  command('after', 'echo after'),
]

const runOn = async (pipe: ShellPipe): Promise<Record<string, StepResult>> => {
  const session = new ShellSession(pipe)
  const results: Record<string, StepResult> = {}
  expect(await session.probe()).toEqual({ canFork: true })
  expect(await session.run(script, (result) => (results[result.step] = result))).toEqual({ left: [], reason: null })
  session.kill('done')
  return results
}

/** Bash is `/bin/sh` on Red Hat and Arch, dash on Debian; a bash that edits lines would echo the script into stderr. */
describe.each([
  ['/bin/sh', ['-i']],
  ['bash', ['--posix', '-i']],
  ['bash', ['-i']],
])('on %s %j', (file, args) => {
  it.each<[string, (text: string) => string]>([
    ['the timeout of coreutils', (text) => text],
    ['the timeout of an old busybox', (text) => text.replaceAll('timeout ', `${oldTimeout} `)],
    ['no timeout at all', (text) => text.replaceAll('timeout ', '/nonexistent/timeout ')],
  ])('steps run alike with %s', async (_name, replace) => {
    expect(await runOn(start(file, args, false, replace))).toMatchObject({
      plain: { outcome: 'exited', exitCode: 3, stdout: 'out\n', stderr: 'err\n' },
      lines: { outcome: 'exited', stdout: 'a\n!! !x', stderr: '' },
      slow: { outcome: 'timed-out', stdout: 'begun\n' },
      after: { outcome: 'exited', exitCode: 0, stdout: 'after\n', stderr: '' },
    })
  })

  it('a step longer than a terminal line arrives whole on a terminal', async () => {
    const line = `exec ${[file, ...args].join(' ')}`
    const terminal = await readyTerminal(
      start('script', ['-qfec', line, '/dev/null'], true, (text) => text),
      { columns: 90, rows: 20 },
    )
    if ('refused' in terminal) throw new Error(terminal.reason)
    const session = new ShellSession(terminal)
    const results: StepResult[] = []
    const long = command('long', `x='${'y'.repeat(9000)}'; printf '%s' "$x" | wc -c; stty size`, {
      pty: { columns: 90, rows: 20 },
    })
    await session.run([long], (result) => results.push(result))
    session.kill('done')
    expect(results).toMatchObject([{ outcome: 'exited', exitCode: 0, stdout: '9000\n20 90\n' }])
  })
})

describe('whether a host can start a process', () => {
  it('is not judged by how long the login takes to become a shell', async () => {
    const session = new ShellSession(start('/bin/sh', ['-c', 'sleep 3.5; exec /bin/sh -i'], false, (text) => text))
    expect(await session.probe()).toEqual({ canFork: true })
    session.kill('done')
  })

  it('is a no when the shell is up and no process comes of it', async () => {
    const stuck = start('/bin/sh', ['-i'], false, (text) => text.replaceAll('timeout -k 2 5 id -u', 'sleep 5'))
    const session = new ShellSession(stuck)
    expect(await session.probe()).toEqual({ canFork: false, reason: 'no process started within 3 s' })
    session.kill('done')
  })

  it('is not known when the shell never comes up, and that shell is given up', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const session = new ShellSession({ merged: false, write: () => {}, kill: () => {}, listen: () => {} })
      const answer = session.probe()
      vi.advanceTimersByTime(15_000)
      const reason = 'the shell said nothing for 15 s'
      expect(await answer).toEqual({ canFork: null, reason, isLost: true })
      expect(session.closed).toBe(reason)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('a batch', () => {
  it('gives a step its own time, also when it began before the end of the one before it was complete', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      type Say = (text: string) => void
      const heard: { script: string; stdout: Say; stderr: Say } = { script: '', stdout: () => {}, stderr: () => {} }
      const session = new ShellSession({
        merged: false,
        write: (text) => void (heard.script += text),
        kill: () => {},
        listen: (listener) => {
          heard.stdout = (text) => listener.onStdout(Buffer.from(text))
          heard.stderr = (text) => listener.onStderr(Buffer.from(text))
        },
      })
      const results: StepResult[] = []
      const end = session.run(
        [command('quick', 'true'), command('slow', 'sleep 20', { timeoutMs: 25_000 })],
        (result) => results.push(result),
      )
      const [quick, slow] = [...new Set(heard.script.match(/\b[0-9a-f]{32}(?=:)/g))]
      heard.stdout(`${quick}:s:1;${quick}:b:;${quick}:e:0:2;${slow}:s:2;${slow}:b:;`)
      heard.stderr(`${quick}:s:;${quick}:e:;${slow}:s:;`)
      vi.advanceTimersByTime(20_000)
      heard.stdout(`${slow}:e:0:22;`)
      heard.stderr(`${slow}:e:;`)
      expect(await end).toEqual({ left: [], reason: null })
      expect(results.map(({ step, outcome }) => [step, outcome])).toEqual([
        ['quick', 'exited'],
        ['slow', 'exited'],
      ])
    } finally {
      vi.useRealTimers()
    }
  })
})
