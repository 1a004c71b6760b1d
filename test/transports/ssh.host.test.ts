// needs: root sshd fish tcsh setpriv prlimit ssh-agent useradd
import { execFileSync, spawn } from 'node:child_process'
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo, ServerOpts, Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { UnreachableError } from '../../src/domain/errors.ts'
import type { Host } from '../../src/domain/host.ts'
import { createSshTransport } from '../../src/transports/ssh.ts'
import { command, readAll, runAll, soon } from '../support/commands.ts'
import { createUser, freePort, hostOf, makeKey, startSshd } from '../support/sshd.ts'
import type { Sshd } from '../support/sshd.ts'

const transport = createSshTransport({ connectMs: 5000, retryAfterMs: 10 })

const failure = async (host: Host): Promise<UnreachableError> => {
  try {
    const connection = await transport.connect(host, soon())
    await connection[Symbol.asyncDispose]()
  } catch (error) {
    if (error instanceof UnreachableError) return error
    throw error
  }
  throw new Error('the connection was made')
}

const fingerprintOf = (path: string): string =>
  execFileSync('ssh-keygen', ['-lf', path], { encoding: 'utf8' }).split(' ')[1]!

/** Something that listens on a free port and is not an ssh server. */
const listen = async (
  onSocket: (socket: Socket) => void,
  options: ServerOpts = {},
): Promise<{ port: number } & AsyncDisposable> => {
  const sockets = new Set<Socket>()
  const server = createServer(options, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    onSocket(socket)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

let sshd: Sshd
beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(async () => sshd[Symbol.asyncDispose]())

/** Done as the user itself: lowering another user's limit needs a capability that root in a container lacks. */
const limitProcesses = (user: string, pid: string, limit: string): void => {
  const as = ['--reuid', user, '--regid', user, '--clear-groups']
  try {
    execFileSync('setpriv', [...as, 'prlimit', '--pid', pid, `--nproc=${limit}`], { stdio: 'pipe' })
  } catch (error) {
    // What was listed may have ended since.
    if (existsSync(`/proc/${pid}`)) throw error
  }
}

describe('host keys', () => {
  const known = (name: string, text: string): string => {
    const file = join(sshd.folder, `known-${name}`)
    writeFileSync(file, text)
    return file
  }
  const ours = (): string => `[127.0.0.1]:${sshd.port}`
  const otherKey = (): string => {
    const path = join(sshd.folder, 'other')
    execFileSync('rm', ['-f', path, `${path}.pub`])
    makeKey(path)
    return readFileSync(`${path}.pub`, 'utf8').trim()
  }

  it('a pin that does not fit stops the login and names both fingerprints', async () => {
    const before = sshd.log().length
    const error = await failure(sshd.host({ hostKey: otherKey() }))
    expect(sshd.log().slice(before)).not.toContain('Accepted')
    expect(error.reason).toBe('key-changed')
    expect(error.message).toContain('server1 (root@127.0.0.1:')
    expect(error.message).toContain(fingerprintOf(join(sshd.folder, 'hostkey.pub')))
    expect(error.message).toContain(fingerprintOf(join(sshd.folder, 'other.pub')))
    expect(error.message).not.toContain('\n')
  })

  it('an unknown key is refused, whatever the flags of another host', async () => {
    const error = await failure(sshd.host({ hostKey: null, knownHostsFiles: [known('empty', '')] }))
    expect(error).toMatchObject({ reason: 'key-unknown' })
    expect(error.message).toContain(fingerprintOf(join(sshd.folder, 'hostkey.pub')))
  })

  it('a changed key is refused, also when new keys may be accepted', async () => {
    const file = known('changed', `${ours()} ${otherKey()}\n`)
    const error = await failure(sshd.host({ hostKey: null, knownHostsFiles: [file], acceptNewKey: true }))
    expect(error).toMatchObject({ reason: 'key-changed' })
    expect(error.message).toContain(`${file}:1`)
  })

  it('a key of another type than the known one counts as changed', async () => {
    const path = join(sshd.folder, 'ecdsa')
    makeKey(path, 'ecdsa')
    const file = known('type', `${ours()} ${readFileSync(`${path}.pub`, 'utf8')}`)
    expect(await failure(sshd.host({ hostKey: null, knownHostsFiles: [file] }))).toMatchObject({
      reason: 'key-changed',
    })
  })

  it('a revoked key is refused although another line allows it', async () => {
    const file = known('revoked', `${ours()} ${sshd.hostKey}\n@revoked * ${sshd.hostKey}\n`)
    const error = await failure(sshd.host({ hostKey: null, knownHostsFiles: [file] }))
    expect(error.message).toContain('revoked')
  })

  it.each(['plain', 'hashed', 'wildcard', 'portless'])('a %s line of known_hosts is understood', async (kind) => {
    const names = { plain: ours(), hashed: ours(), wildcard: '[127.0.0.*]:*', portless: '127.0.0.1' }[kind]
    // ssh-keygen hashes nothing in a file with a broken line.
    const broken = kind === 'hashed' ? '' : 'broken line\n'
    const file = known(kind, `# comment\n\n${broken}${names} ${sshd.hostKey}\n`)
    if (kind === 'hashed') {
      execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' })
      expect(readFileSync(file, 'utf8')).toContain('|1|')
    }
    await using connection = await transport.connect(sshd.host({ hostKey: null, knownHostsFiles: [file] }), soon())
    expect(connection.description).toContain(fingerprintOf(join(sshd.folder, 'hostkey.pub')))
  })

  it('with the flag a new key is written down once, and known from then on', async () => {
    const file = known('tofu', 'other.example ssh-ed25519 AAAA')
    const target = { hostKey: null, knownHostsFiles: [file] }
    await (await transport.connect(sshd.host({ ...target, acceptNewKey: true }), soon()))[Symbol.asyncDispose]()
    expect(readFileSync(file, 'utf8').split('\n')).toEqual([
      'other.example ssh-ed25519 AAAA',
      `${ours()} ${sshd.hostKey.split(' ').slice(0, 2).join(' ')}`,
      '',
    ])
    await (await transport.connect(sshd.host(target), soon()))[Symbol.asyncDispose]()
  })

  it('a known_hosts file nobody can read stops the login', async () => {
    const file = join(sshd.folder, 'known-folder')
    mkdirSync(file)
    expect(await failure(sshd.host({ hostKey: null, knownHostsFiles: [file] }))).toMatchObject({
      reason: 'key-unknown',
    })
  })
})

describe('hosts that do not let us in', () => {
  it('a refused key is named, and tried once only', async () => {
    const path = join(sshd.folder, 'stranger')
    makeKey(path)
    const before = sshd.log().length
    const error = await failure(sshd.host({ identityFiles: [path] }))
    expect(error).toMatchObject({ reason: 'login-failed' })
    expect(error.message).toContain(fingerprintOf(`${path}.pub`))
    expect(
      sshd
        .log()
        .slice(before)
        .match(/Connection from|Connection closed by authenticating/g)?.length ?? 0,
    ).toBeLessThan(2)
  })

  it('a second key is tried after the first was refused, whatever their types', async () => {
    for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
      const stranger = join(sshd.folder, `stranger-before-${type}`)
      makeKey(stranger, type)
      await using connection = await transport.connect(
        sshd.host({ identityFiles: [stranger, sshd.keyFile] }),
        AbortSignal.timeout(20_000),
      )
      expect(connection.description, type).toContain('ssh ')
    }
  })

  it('an encrypted key is a clear error that names the file', async () => {
    const path = join(sshd.folder, 'encrypted')
    makeKey(path, 'ed25519', 'secret words')
    const error = await failure(sshd.host({ identityFiles: [path] }))
    expect(error).toMatchObject({ reason: 'login-failed' })
    expect(error.hint).toContain(`key file "${path}" is encrypted`)
  })

  it('a missing key file is said', async () => {
    const error = await failure(sshd.host({ identityFiles: ['/nowhere/key'] }))
    expect(error.hint).toContain('key file "/nowhere/key" cannot be read')
  })

  it('a closed port is refused', async () => {
    const error = await failure(sshd.host({ port: await freePort() }))
    expect(error).toMatchObject({ reason: 'refused' })
    expect(error.message).toContain('nothing listens on the port')
  })

  it('a name that does not exist is unreachable', async () => {
    expect(await failure(sshd.host({ address: 'no-such-host.invalid' }))).toMatchObject({ reason: 'unreachable' })
  })

  it('a port that takes the connection and says nothing is timed out, with the reason why that matters', async () => {
    await using silent = await listen(() => undefined)
    const impatient = createSshTransport({ connectMs: 300, retryAfterMs: 10 })
    const error = await impatient.connect(sshd.host({ port: silent.port }), soon()).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ reason: 'timed-out', message: expect.stringContaining('SSH says nothing') })
  })

  it('a port that hangs up before it speaks is refused, after a second try', async () => {
    let tries = 0
    await using rude = await listen((socket) => {
      tries += 1
      socket.end()
    })
    expect(await failure(sshd.host({ port: rude.port }))).toMatchObject({ reason: 'refused' })
    expect(tries).toBe(2)
  })

  it('something that is not ssh is refused in one line', async () => {
    await using web = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const error = await failure(sshd.host({ port: web.port }))
    expect(error.message.split('\n')).toHaveLength(1)
  })

  it('cancelling ends the attempt at once', async () => {
    await using silent = await listen(() => undefined)
    const startedAtMs = Date.now()
    await expect(transport.connect(sshd.host({ port: silent.port }), AbortSignal.timeout(100))).rejects.toThrow(
      UnreachableError,
    )
    expect(Date.now() - startedAtMs).toBeLessThan(2000)
  })
})

describe('an agent', () => {
  it('is asked for a key when no file is named', async () => {
    const socket = join(sshd.folder, 'agent.sock')
    const pid = /SSH_AGENT_PID=(\d+)/.exec(execFileSync('ssh-agent', ['-a', socket], { encoding: 'utf8' }))![1]
    const before = process.env['SSH_AUTH_SOCK']
    process.env['SSH_AUTH_SOCK'] = socket
    try {
      execFileSync('ssh-add', ['-q', sshd.keyFile], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' })
      await using connection = await transport.connect(sshd.host({ identityFiles: [] }), soon())
      expect(await runAll(connection, [command('id', 'id -u')])).toMatchObject({ id: { stdout: '0\n' } })
    } finally {
      if (before === undefined) delete process.env['SSH_AUTH_SOCK']
      else process.env['SSH_AUTH_SOCK'] = before
      process.kill(Number(pid))
    }
  })
})

describe('the way there', () => {
  it('leads through a jump host, whose key is verified too', async () => {
    await using jump = await startSshd()
    const host = sshd.host({ jumps: [jump.target()] })
    await using connection = await transport.connect(host, soon())
    expect(connection.description).toContain(`via root@127.0.0.1:${jump.port}`)
    expect(await runAll(connection, [command('who', 'echo "$SSH_CONNECTION" | cut -d" " -f4')])).toMatchObject({
      who: { outcome: 'exited', exitCode: 0 },
    })
    expect(await readAll(connection, ['/proc/loadavg'])).toMatchObject({ '/proc/loadavg': { status: 'read' } })

    const wrong = await failure(sshd.host({ jumps: [jump.target({ hostKey: sshd.hostKey })] }))
    expect(wrong).toMatchObject({ reason: 'key-changed' })
    expect(wrong.message).toContain(`127.0.0.1:${jump.port}`)
  })

  it('says so when the jump host forwards nothing', async () => {
    await using jump = await startSshd({ config: ['AllowTcpForwarding no'] })
    const error = await failure(sshd.host({ jumps: [jump.target()] }))
    expect(error).toMatchObject({
      reason: 'unreachable',
      message: expect.stringContaining('jump host does not lead there'),
    })
  })

  it('that breaks in the middle of an output keeps what had arrived, as unknown', async () => {
    const pairs: [Socket, Socket][] = []
    await using proxy = await listen((socket) => {
      const upstream = connect(sshd.port, '127.0.0.1')
      upstream.on('error', () => undefined)
      socket.pipe(upstream)
      upstream.pipe(socket)
      pairs.push([socket, upstream])
    })
    await using connection = await transport.connect(sshd.host({ port: proxy.port }), soon())
    await readAll(connection, ['/proc/uptime'])
    const commands = [
      command('done', 'echo done'),
      command('cut', 'seq 20000; sleep 20'),
      command('never', 'true'),
      command('own', 'sleep 20', { channel: 'own' }),
    ]
    const results: Record<string, unknown> = {}
    for await (const result of connection.run(commands, soon())) {
      results[result.step] = result
      // The output of the next step is on its way; a moment later the line is cut.
      if (result.step === 'done') setTimeout(() => pairs.forEach((pair) => pair.forEach((end) => end.destroy())), 500)
    }
    expect(results).toMatchObject({
      done: { outcome: 'exited', exitCode: 0 },
      cut: { outcome: 'unknown', stdout: expect.stringMatching(/^1\n2\n3\n[^]*\n20000\n$/) },
      never: { outcome: 'unknown' },
      own: { outcome: 'unknown' },
    })
    expect(connection.lost).not.toBeNull()
    expect(await readAll(connection, ['/proc/uptime'])).toMatchObject({ '/proc/uptime': { status: 'failed' } })
    expect(await runAll(connection, [command('late', 'true')])).toMatchObject({ late: { outcome: 'unknown' } })
  })
})

describe('giving up', () => {
  /** Sockets that some process here still holds, by the port they lead to. */
  const heldSockets = (port: number): readonly string[] => {
    const remote = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
    const rows = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1)
    return rows.filter((row) => {
      const fields = row.trim().split(/\s+/)
      return fields[2]?.endsWith(remote) === true && fields[9] !== '0'
    })
  }

  it('leaves no socket to a host that never says goodbye', async () => {
    await using deaf = await listen(
      (socket) => {
        const upstream = connect(sshd.port, '127.0.0.1')
        upstream.on('error', () => undefined)
        socket.pipe(upstream)
        upstream.pipe(socket, { end: false })
      },
      { allowHalfOpen: true },
    )
    const connection = await transport.connect(sshd.host({ port: deaf.port }), soon())
    expect(heldSockets(deaf.port)).toHaveLength(1)
    await connection[Symbol.asyncDispose]()
    await vi.waitFor(() => expect(heldSockets(deaf.port)).toEqual([]), 3000)
  })

  it('leaves no socket to a host that answers after its time', async () => {
    const port = await freePort()
    const listener = `require('net').createServer().listen({ port: ${port}, host: '127.0.0.1', backlog: 1 }, () => console.log())`
    const busy = spawn(process.execPath, ['-e', listener], { stdio: ['ignore', 'pipe', 'ignore'] })
    await new Promise((resolve) => void busy.stdout.once('data', resolve))
    busy.kill('SIGSTOP')
    const fillers = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
    try {
      await Promise.all(fillers.map((socket) => new Promise((resolve) => void socket.once('connect', resolve))))
      // The queue is full: the kernel asks again each second, and is heard when the listener goes on.
      const impatient = createSshTransport({ connectMs: 300, retryAfterMs: 10 })
      await expect(impatient.connect(sshd.host({ port }), soon())).rejects.toThrow(/timed out/)
      busy.kill('SIGCONT')
      await new Promise((resolve) => void setTimeout(resolve, 1500))
      expect(heldSockets(port)).toHaveLength(fillers.length)
    } finally {
      for (const socket of fillers) socket.destroy()
      busy.kill('SIGKILL')
    }
  })
})

describe('servers that grant little', () => {
  it.each([1, 2, 3])('with MaxSessions %i everything still has its result', async (sessions) => {
    await using small = await startSshd({ config: [`MaxSessions ${sessions}`] })
    await using connection = await transport.connect(small.host(), soon())
    expect(await readAll(connection, ['/proc/uptime'])).toMatchObject({ '/proc/uptime': { status: 'read' } })
    const commands = [
      command('a', 'echo a'),
      command('b', 'sleep 0.2; echo b', { channel: 'own' }),
      command('c', 'echo c', { channel: 'own' }),
      command('d', 'echo d', { channel: 'own' }),
    ]
    expect(await runAll(connection, commands)).toMatchObject({
      a: { stdout: 'a\n' },
      b: { stdout: 'b\n' },
      c: { stdout: 'c\n' },
      d: { stdout: 'd\n' },
    })
    expect(await readAll(connection, ['/proc/uptime'])).toMatchObject({ '/proc/uptime': { status: 'read' } })
    expect(await runAll(connection, [command('again', 'echo again')])).toMatchObject({ again: { stdout: 'again\n' } })
  })

  it('an account for files only is read, and its commands say why they were not run', async () => {
    await using files = await startSshd({ config: ['ForceCommand internal-sftp -R'] })
    await using connection = await transport.connect(files.host(), soon())
    expect(await readAll(connection, ['/proc/meminfo', '/proc/pressure/*'])).toMatchObject({
      '/proc/meminfo': { status: 'read', text: expect.stringContaining('MemTotal') },
      '/proc/pressure/memory': { status: 'read' },
    })
    const { uptime } = await runAll(connection, [command('uptime', 'uptime')])
    expect(uptime).toMatchObject({ outcome: 'not-run', reason: expect.stringContaining('no shell on this host') })
  })

  it('a server without a file channel still runs commands', async () => {
    await using bare = await startSshd({ sftp: false })
    await using connection = await transport.connect(bare.host(), soon())
    expect(await runAll(connection, [command('a', 'echo a')])).toMatchObject({ a: { stdout: 'a\n' } })
    expect(await readAll(connection, ['/proc/uptime'])).toMatchObject({ '/proc/uptime': { status: 'failed' } })
  })
})

describe('login shells', () => {
  const withShell = async (name: string, shell: string, rc: Record<string, string> = {}) => {
    const user = createUser(name, shell)
    const server = await startSshd({ user: name, config: ['AllowUsers *'] })
    for (const [path, text] of Object.entries(rc)) {
      mkdirSync(join(user.home, path, '..'), { recursive: true })
      appendFileSync(join(user.home, path), text)
    }
    execFileSync('chown', ['-R', name, user.home])
    return { server, user }
  }

  it.each<[string, string, Record<string, string>]>([
    ['fish', '/usr/bin/fish', { '.config/fish/config.fish': 'echo noise from fish\n' }],
    ['tcsh', '/usr/bin/tcsh', { '.tcshrc': 'echo noise from tcsh\n' }],
    ['noisy', '/bin/bash', { '.bashrc': 'echo noise; echo more noise >&2; printf "\\033[31m"; alias ls=false\n' }],
  ])('%s makes no difference', async (name, shell, rc) => {
    const { server, user } = await withShell(`medic-${name}`, shell, rc)
    using _user = user
    await using _server = server
    await using connection = await transport.connect(server.host(), soon())
    const value = `it's "$HOME" \\ !x; (id)`
    const results = await runAll(connection, [
      command('value', 'printf %s "$VALUE"', { env: { VALUE: value } }),
      command('own', 'echo own', { channel: 'own' }),
      command('sudo', 'id -u', { sudo: true }),
    ])
    expect(results).toMatchObject({ value: { stdout: value, stderr: '' }, own: { stdout: 'own\n', stderr: '' } })
    expect(results['sudo']).toMatchObject({ outcome: 'not-run', reason: expect.stringMatching(/^sudo refused: /) })
    expect(await readAll(connection, ['/proc/uptime'])).toMatchObject({ '/proc/uptime': { status: 'read' } })
  })

  it.each([
    ['rbash', '/bin/rbash'],
    ['nologin', '/usr/sbin/nologin'],
  ])('%s leaves the files, and the commands say so', async (name, shell) => {
    const { server, user } = await withShell(`medic-${name}`, shell)
    using _user = user
    await using _server = server
    await using connection = await transport.connect(server.host(), soon())
    expect(await readAll(connection, ['/proc/uptime'])).toMatchObject({ '/proc/uptime': { status: 'read' } })
    const { a } = await runAll(connection, [command('a', 'echo a'), command('b', 'echo b', { channel: 'own' })])
    expect(a).toMatchObject({ outcome: 'not-run', reason: expect.stringContaining('no shell on this host') })
  })

  it('a sudo that asks for a password fails at once with its own words', async () => {
    const { server, user } = await withShell('medic-sudo', '/bin/sh')
    using _user = user
    await using _server = server
    const fake = join(server.folder, 'sudo')
    writeFileSync(
      fake,
      '#!/bin/sh\necho "sudo: unable to resolve host x" >&2\necho "sudo: a password is required" >&2\nexit 1\n',
    )
    chmodSync(fake, 0o755)
    execFileSync('ln', ['-sfn', fake, '/usr/local/sbin/sudo'])
    try {
      await using connection = await transport.connect(server.host(), soon())
      expect(await runAll(connection, [command('log', 'dmesg', { sudo: true })])).toMatchObject({
        log: { outcome: 'not-run', reason: 'sudo refused: sudo: a password is required' },
      })
    } finally {
      execFileSync('rm', ['-f', '/usr/local/sbin/sudo'])
    }
  })

  it('a host that can no longer fork says so, still gives its files, and recovers', async () => {
    const { server, user } = await withShell('medic-fork', '/bin/sh')
    using _user = user
    await using _server = server
    await using connection = await transport.connect(server.host(), soon())
    expect(await runAll(connection, [command('before', 'echo fine')])).toMatchObject({ before: { stdout: 'fine\n' } })
    expect(connection.canFork).toBe(true)
    const pids = execFileSync('pgrep', ['-u', 'medic-fork'], { encoding: 'utf8' }).trim().split('\n')
    for (const pid of pids) limitProcesses('medic-fork', pid, '1:')
    const commands = [command('a', 'echo a'), command('b', 'echo b'), command('own', 'echo own', { channel: 'own' })]
    for (const result of Object.values(await runAll(connection, commands))) {
      expect(result).toMatchObject({ outcome: 'not-run', reason: expect.stringMatching(/^cannot fork: /) })
    }
    expect(connection.canFork).toBe(false)
    expect(await readAll(connection, ['/proc/meminfo'])).toMatchObject({ '/proc/meminfo': { status: 'read' } })
    for (const pid of pids) limitProcesses('medic-fork', pid, '4096:')
    expect(await runAll(connection, [command('after', 'echo fine')])).toMatchObject({ after: { stdout: 'fine\n' } })
    expect(connection.canFork).toBe(true)
  })
})

describe('what is left behind on the host', () => {
  it('is nothing: no history file, no process, no temporary file', async () => {
    const { home, [Symbol.dispose]: remove } = createUser('medic-trace', '/bin/bash')
    try {
      await using server = await startSshd({ user: 'medic-trace' })
      const connection = await transport.connect(server.host(), soon())
      await runAll(connection, [command('a', 'echo a'), command('b', 'echo b', { channel: 'own' })])
      expect(execFileSync('find', [home, '-name', '.*history*'], { encoding: 'utf8' })).toBe('')
      await connection[Symbol.asyncDispose]()
      const left = (): string => {
        try {
          return execFileSync('pgrep', ['-u', 'medic-trace', '-x', 'sh'], { encoding: 'utf8' })
        } catch {
          return ''
        }
      }
      await expect.poll(left, { timeout: 5000 }).toBe('')
    } finally {
      remove()
    }
  })
})

describe('files', () => {
  it('of size zero are read to their end, and a long one keeps its end', async () => {
    await using connection = await transport.connect(sshd.host(), soon())
    const long = join(sshd.folder, 'long.log')
    writeFileSync(long, Array.from({ length: 100_000 }, (_, line) => `line ${line}\n`).join(''))
    const files = await readAll(connection, ['/proc/[1]/nothing', '/proc/self/status', '/proc/zoneinfo'])
    expect(files['/proc/zoneinfo']!.text.length).toBeGreaterThan(1000)
    expect(files['/proc/self/status']).toMatchObject({ status: 'read', droppedBytes: 0 })
    const tail = await readAll(connection, [long], { limit: { bytes: 100, keep: 'tail' }, timeoutMs: 5000 })
    expect(tail[long]!.text).toMatch(/^line \d+\n[^]*line 99999\n$/)
    expect(tail[long]!.droppedBytes).toBeGreaterThan(1_000_000)
  })

  it('that block do not hold up the others', async () => {
    await using connection = await transport.connect(sshd.host(), soon())
    const files = await readAll(connection, ['/proc/self/cmdline', '/proc/1/smaps_rollup', '/proc/meminfo'])
    expect(files['/proc/meminfo']!.status).toBe('read')
    expect(files['/proc/self/cmdline']!.status).toBe('read')
  })

  it('many at once arrive whole', async () => {
    await using connection = await transport.connect(sshd.host(), soon())
    const files = await readAll(connection, ['/proc/*/status'])
    const read = Object.values(files).filter((file) => file.status === 'read')
    expect(read.length).toBeGreaterThan(5)
    expect(read.every((file) => file.text.startsWith('Name:'))).toBe(true)
  })
})

it('hostOf keeps the name apart from the address', () => {
  expect(hostOf(sshd.target()).name).toBe('server1')
})
