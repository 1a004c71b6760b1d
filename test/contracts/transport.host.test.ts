// needs: root sshd
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StoredEvidence } from '../../src/domain/evidence.ts'
import type { Host } from '../../src/domain/host.ts'
import type { StepResult } from '../../src/domain/step.ts'
import { localTransport } from '../../src/transports/local.ts'
import { replayTransport } from '../../src/transports/replay.ts'
import { sshTransport } from '../../src/transports/ssh.ts'
import type { Connection, Transport } from '../../src/transports/transport.ts'
import { command, readAll, runAll, soon } from '../support/commands.ts'
import { hostOf, startSshd } from '../support/sshd.ts'
import type { Sshd } from '../support/sshd.ts'

/** What every transport promises, tried on each of them. The replay is made of what the local one has said. */
const nowhere = {
  name: 'here',
  transport: 'local',
  ssh: null,
  replay: null,
  sudo: true,
  site: null,
  groups: [],
  tags: {},
} as const
const folder = mkdtempSync(join(tmpdir(), 'medic-contract-'))
let sshd: Sshd

beforeAll(async () => {
  writeFileSync(join(folder, 'one.txt'), 'first\n')
  writeFileSync(join(folder, 'two.txt'), 'second\n')
  writeFileSync(join(folder, '.hidden.txt'), 'no\n')
  sshd = await startSshd()
})
afterAll(async () => {
  await sshd[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const commands = [
  command('plain', 'echo out; echo err >&2; exit 3'),
  command('about', 'echo "$UNIT"', { subject: 'a.service', env: { UNIT: 'a.service' } }),
  command('slow', 'echo beside', { channel: 'own' }),
]

const stored = async (): Promise<StoredEvidence[]> => {
  await using connection = await localTransport.connect(nowhere, soon())
  const results = Object.values(await runAll(connection, commands))
  const files = Object.values(await readAll(connection, [`${folder}/*.txt`]))
  const evidence = (result: StepResult, line: string): Omit<StoredEvidence, 'id'> => ({
    step: result.step,
    subject: result.subject,
    command: line,
    parser: null,
    result,
    redactions: 0,
  })
  return [
    ...results.map((result) => evidence(result, `echo ${result.step}`)),
    ...files.map((file) =>
      evidence(
        {
          step: 'files',
          subject: null,
          outcome: 'exited',
          exitCode: 0,
          stdout: file.text,
          stderr: '',
          droppedBytes: 0,
          startedAtMs: 0,
          durationMs: 0,
        },
        file.path,
      ),
    ),
  ].map((one, index) => ({ id: `E${index + 1}` as const, ...one }))
}

const transports: Record<string, () => Promise<[Transport, Host]>> = {
  local: async () => [localTransport, nowhere],
  ssh: async () => [sshTransport, hostOf(sshd.target())],
  replay: async () => [replayTransport(await stored()), nowhere],
}

const connectTo = async (name: string): Promise<Connection> => {
  const [transport, host] = await transports[name]!()
  return transport.connect(host, soon())
}

describe.each(Object.keys(transports))('the %s transport', (name) => {
  const connect = async (): Promise<Connection> => connectTo(name)

  it('gives one result for each command, with both streams apart and the exit status', async () => {
    await using connection = await connect()
    const results = await runAll(connection, commands)
    expect(Object.keys(results).sort()).toEqual(['about', 'plain', 'slow'])
    expect(results['plain']).toMatchObject({
      outcome: 'exited',
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
      droppedBytes: 0,
    })
    expect(results['about']).toMatchObject({ subject: 'a.service', stdout: 'a.service\n' })
    expect(results['slow']).toMatchObject({ outcome: 'exited', exitCode: 0, stdout: 'beside\n' })
  })

  it('reads plain files and globs, says what is missing, and is silent about a glob without a match', async () => {
    await using connection = await connect()
    const files = await readAll(connection, [`${folder}/*.txt`, `${folder}/none/*.txt`, '/nowhere/at/all'])
    expect(Object.keys(files).sort()).toEqual(['/nowhere/at/all', `${folder}/one.txt`, `${folder}/two.txt`])
    expect(files[`${folder}/one.txt`]).toMatchObject({ status: 'read', text: 'first\n', droppedBytes: 0 })
    expect(files['/nowhere/at/all']).toMatchObject({ status: 'missing', text: '' })
  })

  it('gives nothing for no commands and no paths', async () => {
    await using connection = await connect()
    expect(await runAll(connection, [])).toEqual({})
    expect(await readAll(connection, [])).toEqual({})
    expect(connection.description).not.toBe('')
  })

  it('may be closed twice', async () => {
    const connection = await connect()
    await connection[Symbol.asyncDispose]()
    await connection[Symbol.asyncDispose]()
  })
})

describe.each(['local', 'ssh'])('the %s transport', (name) => {
  it('keeps the end of a long file when the end is wanted', async () => {
    const path = join(folder, 'long.log')
    writeFileSync(path, Array.from({ length: 50_000 }, (_, line) => `line ${line}\n`).join(''))
    await using connection = await connectTo(name)
    const files = await readAll(connection, [path], { limit: { bytes: 100, keep: 'tail' }, timeoutMs: 5000 })
    expect(files[path]).toMatchObject({ status: 'read', text: expect.stringMatching(/^line \d+\n[^]*line 49999\n$/) })
    expect(files[path]!.droppedBytes + files[path]!.text.length).toBe(statSync(path).size)
    const proc = await readAll(connection, ['/proc/meminfo'], { limit: { bytes: 1e6, keep: 'tail' }, timeoutMs: 5000 })
    expect(proc['/proc/meminfo']!.text).toMatch(/^MemTotal/)
  })
})

describe('the replay transport', () => {
  it('does not run what it does not know', async () => {
    await using connection = await replayTransport([]).connect(nowhere, soon())
    const { touch } = await runAll(connection, [command('touch', `touch ${folder}/touched`)])
    expect(touch).toMatchObject({ outcome: 'not-run', reason: 'the stored evidence holds nothing for this step' })
    expect(await readAll(connection, [`${folder}/*`, `${folder}/one.txt`])).toMatchObject({
      [`${folder}/one.txt`]: { status: 'missing' },
    })
  })
})
