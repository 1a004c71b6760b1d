// needs: root sshd
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Host } from '../../src/domain/host.ts'
import { localTransport } from '../../src/transports/local.ts'
import { sshTransport } from '../../src/transports/ssh.ts'
import type { Connection } from '../../src/transports/transport.ts'
import { command, runAll, soon } from '../support/commands.ts'
import { startSshd } from '../support/sshd.ts'
import type { Sshd } from '../support/sshd.ts'

/** No step may cost another its result; each of these once did. */
let sshd: Sshd
beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(async () => sshd[Symbol.asyncDispose]())

const here: Host = {
  name: 'here',
  transport: 'local',
  ssh: null,
  replay: null,
  sudo: true,
  site: null,
  groups: [],
  tags: {},
}
const connections: Record<string, () => Promise<Connection>> = {
  local: async () => localTransport.connect(here, soon()),
  ssh: async () => sshTransport.connect(sshd.host(), soon()),
}

/** A stopped process would stay for ever. */
const endProcess = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // The shell's end took it along.
  }
}

const after = command('after', 'echo still here')
const alive = { outcome: 'exited', exitCode: 0, stdout: 'still here\n' }

describe.each(Object.keys(connections))('over %s', (name) => {
  const connect = connections[name]!

  it.each([
    ['exits', 'exit 7', { outcome: 'exited', exitCode: 7 }],
    ['leaves a quote open', `echo "never closed`, { outcome: 'exited', exitCode: 2 }],
    ['leaves a single quote open', `echo 'never closed`, { outcome: 'exited', exitCode: 2 }],
    ['has a syntax error', 'if then fi (', { outcome: 'exited', exitCode: 2 }],
    ['reads standard input', 'cat; read line; echo "[$line]"', { outcome: 'exited', stdout: '[]\n' }],
    ['prints nothing', 'true', { outcome: 'exited', exitCode: 0, stdout: '', stderr: '' }],
    ['kills itself', 'kill -9 $$', { outcome: 'exited', exitCode: 137 }],
    ['exits with the status of a time-out', 'exit 124', { outcome: 'exited', exitCode: 124 }],
    ['exits with the status of a kill', 'exit 137', { outcome: 'exited', exitCode: 137 }],
    ['is not found', 'no-such-program-at-all', { outcome: 'exited', exitCode: 127 }],
    ['holds exclamation marks on a second line', `printf '%s' 'a\n!! !1 !x'`, { stdout: 'a\n!! !1 !x' }],
    ['ends without a line end', 'printf abc; printf def >&2', { stdout: 'abc', stderr: 'def' }],
    [
      'leaves traps behind',
      `trap 'echo bye' EXIT; set -e; false; echo no`,
      { outcome: 'exited', exitCode: 1, stdout: 'bye\n' },
    ],
  ])('a step that %s costs no other step its result', async (_what, script, expected) => {
    await using connection = await connect()
    const results = await runAll(connection, [command('bad', script), after])
    expect(results['bad']).toMatchObject(expected)
    expect(results['after']).toMatchObject(alive)
  })

  it('a step that sleeps too long is timed out by the host, and its partial output is kept', async () => {
    await using connection = await connect()
    const results = await runAll(connection, [command('slow', 'echo begun; sleep 30', { timeoutMs: 1000 }), after])
    expect(results['slow']).toMatchObject({ outcome: 'timed-out', stdout: 'begun\n' })
    expect(results['slow']!.durationMs).toBeGreaterThanOrEqual(950)
    expect(results['slow']!.durationMs).toBeLessThan(4000)
    expect(results['after']).toMatchObject(alive)
  })

  it('a step that ignores the polite signal is killed two seconds later', async () => {
    await using connection = await connect()
    const stubborn = command('stubborn', `trap '' TERM; while :; do sleep 1; done`, { timeoutMs: 1000 })
    expect(await runAll(connection, [stubborn, after])).toMatchObject({
      stubborn: { outcome: 'timed-out' },
      after: alive,
    })
  })

  it('when not even `timeout` answers any more, the shell is given up and the rest goes on over another', async () => {
    await using connection = await connect()
    const note = join(mkdtempSync(join(tmpdir(), 'medic-frozen-')), 'pids')
    const script = 'echo "$PPID $$" >"$NOTE"; echo before; kill -STOP $PPID; exec sleep 60'
    const frozen = command('frozen', script, { timeoutMs: 1000, env: { NOTE: note } })
    const results = await runAll(connection, [command('first', 'echo 1'), frozen, after])
    expect(results['first']).toMatchObject({ stdout: '1\n' })
    for (const pid of readFileSync(note, 'utf8').trim().split(' ')) endProcess(Number(pid))
    rmSync(dirname(note), { recursive: true })
    expect(results['frozen']).toMatchObject({ outcome: 'timed-out', stdout: 'before\n' })
    expect(results['after']).toMatchObject(alive)
  })

  it.each([
    ['head', /^line 1\nline 2\n/, /\n$/],
    ['tail', /^line \d+\n/, /\nline 200000\n$/],
    ['both', /^line 1\nline 2\n[^]*\n\[… \d+ bytes left out …\]\n/, /\nline 200000\n$/],
  ] as const)('a long output is cut at line ends and keeps its %s', async (keep, begin, end) => {
    await using connection = await connect()
    const long = command('long', 'seq -f "line %.0f" 200000; echo done >&2', { limit: { bytes: 5000, keep } })
    const { long: result } = await runAll(connection, [long])
    expect(result).toMatchObject({ outcome: 'exited', exitCode: 0, stderr: 'done\n' })
    expect(result!.stdout).toMatch(begin)
    expect(result!.stdout).toMatch(end)
    expect(result!.stdout.length).toBeLessThan(5100)
    expect(result!.droppedBytes).toBeGreaterThan(2_000_000)
  })

  it('100 MB of output need no memory to speak of', async () => {
    await using connection = await connect()
    const flood = command('flood', 'head -c 100000000 /dev/zero | tr "\\0" x', {
      limit: { bytes: 10_000, keep: 'tail' },
    })
    globalThis.gc?.()
    const before = process.memoryUsage().rss
    const results = await runAll(connection, [flood, after])
    expect(results['flood']).toMatchObject({ outcome: 'exited', exitCode: 0, droppedBytes: 99_990_000 })
    expect(results['after']).toMatchObject(alive)
    expect(process.memoryUsage().rss - before).toBeLessThan(80_000_000)
  })

  it('a flood of which only the beginning is wanted is stopped soon, and its beginning is kept', async () => {
    await using connection = await connect()
    const limit = { bytes: 10_000, keep: 'head' } as const
    const flood = command('flood', 'head -c 1000000000 /dev/zero | tr "\\0" x', { limit, timeoutMs: 30_000 })
    const results = await runAll(connection, [flood, after])
    expect(results['flood']).toMatchObject({
      outcome: 'unknown',
      reason: expect.stringMatching(/^stopped after (?:1[6-9]|2\d) MiB of output$/),
      stdout: 'x'.repeat(10_000),
    })
    expect(results['after']).toMatchObject(alive)
  })

  it('endless output is stopped in time and the next step still answers', async () => {
    await using connection = await connect()
    const results = await runAll(connection, [
      command('endless', 'yes', { timeoutMs: 1000, limit: { bytes: 1000, keep: 'head' } }),
      after,
    ])
    expect(results['endless']!.outcome).toMatch(/timed-out|unknown/)
    expect(results['endless']!.stdout).toMatch(/^(y\n){400,500}$/)
    expect(results['after']).toMatchObject(alive)
  })

  it('binary output and forged marks stay inside their step', async () => {
    await using connection = await connect()
    const forged = `printf '%s' '${'0'.repeat(32)}:e:0:1;'; head -c 3000 /dev/urandom; printf ':e:0:1;\\000\\377'`
    const results = await runAll(connection, [command('binary', forged), after])
    expect(results['binary']).toMatchObject({ outcome: 'exited', exitCode: 0 })
    expect(results['binary']!.stdout.startsWith(`${'0'.repeat(32)}:e:0:1;`)).toBe(true)
    expect(results['binary']!.stdout.endsWith(':e:0:1;\0\uFFFD')).toBe(true)
    expect(results['after']).toMatchObject(alive)
  })

  it('values are data: they reach the step as they are, and hostile names are refused', async () => {
    await using connection = await connect()
    const value = `a'b"c$(id)\`id\`\\ !! ; exit 9 \n second`
    const results = await runAll(connection, [
      command('value', 'printf %s "$VALUE"', { env: { VALUE: value } }),
      command('name', 'true', { env: { 'X;reboot': '1' } }),
      command('path', 'true', { env: { PATH: '/tmp' } }),
      command('own', 'printf %s "$VALUE"', { env: { VALUE: value }, channel: 'own' }),
    ])
    expect(results['value']!.stdout).toBe(value)
    expect(results['own']!.stdout).toBe(value)
    expect(results['name']).toMatchObject({ outcome: 'not-run', reason: expect.stringContaining('X;reboot') })
    expect(results['path']).toMatchObject({ outcome: 'not-run', reason: expect.stringContaining('reserved') })
  })

  it('steps run in plain C locale, UTC, without a pager', async () => {
    await using connection = await connect()
    const { env } = await runAll(connection, [command('env', 'echo "$LC_ALL $TZ $PAGER $-"')])
    expect(env!.stdout).toBe('C UTC cat \n')
  })

  it('a screen program gets a terminal of the asked size', async () => {
    await using connection = await connect()
    const screen = command('screen', 'stty size; tput cols; test -t 0 && test -t 1 && echo terminal', {
      pty: { columns: 132, rows: 43 },
    })
    expect(await runAll(connection, [screen, after])).toMatchObject({
      screen: { outcome: 'exited', exitCode: 0, stdout: '43 132\n132\nterminal\n' },
      after: alive,
    })
  })

  it('cancelling ends at once, keeps what arrived, leaves no process, and the connection works on', async () => {
    await using connection = await connect()
    const cancel = new AbortController()
    const long = command('long', 'echo begun; exec sleep 4711', { timeoutMs: 30_000 })
    const startedAtMs = Date.now()
    const results = await (async () => {
      const timer = setTimeout(() => cancel.abort(), 700)
      try {
        return await runAll(connection, [long, after], cancel.signal)
      } finally {
        clearTimeout(timer)
      }
    })()
    expect(Date.now() - startedAtMs).toBeLessThan(5000)
    expect(results['long']).toMatchObject({ outcome: 'unknown', reason: 'cancelled', stdout: 'begun\n' })
    expect(results['after']!.outcome).toBe('unknown')
    expect(await runAll(connection, [after])).toMatchObject({ after: alive })
  })

  it('nothing is written to a full /tmp, and nothing needs to be', async () => {
    const full = mkdtempSync(join(tmpdir(), 'medic-full-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', full])
    try {
      expect(() => writeFileSync(join(full, 'fill'), Buffer.alloc(1_000_000))).toThrow(/ENOSPC/)
      await using connection = await connect()
      const results = await runAll(connection, [command('full', 'seq 3; echo oops >&2', { env: { TMPDIR: full } })])
      expect(results['full']).toMatchObject({ stdout: '1\n2\n3\n', stderr: 'oops\n', exitCode: 0 })
    } finally {
      execFileSync('umount', [full])
      rmdirSync(full)
    }
  })

  it('runs slow steps beside the quick ones', async () => {
    await using connection = await connect()
    const order: string[] = []
    const commands = [
      command('slow', 'sleep 1', { channel: 'own' }),
      command('slower', 'sleep 1.2', { channel: 'own' }),
      command('queued', 'true', { channel: 'own' }),
      command('quick', 'true'),
    ]
    for await (const result of connection.run(commands, soon())) order.push(result.step)
    expect(order[0]).toBe('quick')
    expect(order.toSorted()).toEqual(['queued', 'quick', 'slow', 'slower'])
  })
})
