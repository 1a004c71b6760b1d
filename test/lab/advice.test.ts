import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampleHosts } from '../../src/app/trend/sampler.ts'
import type { Finding } from '../../src/domain/finding.ts'
import type { Host } from '../../src/domain/host.ts'
import type { Argv, Remedy } from '../../src/domain/remedy.ts'
import { memorySamplesOf } from '../../src/domain/sample.ts'
import { backTest } from '../../src/remedies/backTest.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { sshTransport } from '../../src/transports/ssh.ts'
import { bootLab } from './machine.ts'
import type { Lab } from './machine.ts'
import { labSkipReason } from './requirements.ts'
import { slowIt } from './slow.ts'

const BIN = join(import.meta.dirname, '../../src/cli/medic')
const MIB = 1024 * 1024
const UNIT = 'queue_worker.service'
const reason = labSkipReason()

/** What Medic proposes is done to the letter on a machine that dies, and then the same load runs again. */
describe.skipIf(reason !== null)(`advice (${reason === null ? 'lab' : `skipped: ${reason}`})`, () => {
  let lab: Lab
  let home: string

  beforeAll(async () => {
    lab = await bootLab({ name: `advice-${process.pid}` })
    home = mkdtempSync(join(tmpdir(), 'medic-advice-'))
    const root = `{address: ${lab.host}, port: "${lab.port}", user: root, identityFile: ${lab.keyFile}, hostKey: "${lab.hostKey}"}`
    writeFileSync(join(home, 'medic.yaml'), `hosts:\n  lab: ${root}\n`)
  })

  afterAll(async () => {
    await lab?.stop()
    if (home !== undefined) rmSync(home, { recursive: true, force: true })
  })

  const triage = (): Promise<readonly Finding[]> =>
    new Promise((resolve, reject) => {
      const env = { ...process.env, MEDIC_HOME: home, MEDIC_CONFIG: join(home, 'medic.yaml') }
      execFile(
        BIN,
        ['triage', 'lab', '--json', '--quiet'],
        { env, maxBuffer: 64 * 1024 * 1024 },
        (_, stdout, stderr) => {
          try {
            resolve((JSON.parse(stdout) as { findings: readonly Finding[] }).findings)
          } catch {
            reject(new Error(`medic triage gave no document: ${stderr}`))
          }
        },
      )
    })

  const quoted = (argv: Argv): string => argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')

  const run = async (argv: Argv, stdin?: string): Promise<string> => {
    const result = await lab.ssh(quoted(argv), stdin === undefined ? {} : { stdin })
    expect(result.code, `${argv.join(' ')}\n${result.stderr}`).toBe(0)
    // systemd-analyze verify answers 0 even to keys it does not know: only its silence about our file counts.
    expect(result.stderr).not.toContain('50-medic')
    return result.stdout
  }

  const apply = async (remedy: Remedy): Promise<void> => {
    for (const argv of remedy.apply) {
      const file = argv.includes('/dev/stdin') ? remedy.files.find((one) => one.path === argv.at(-1)) : undefined
      if (argv.includes('/dev/stdin')) expect(file).toBeDefined()
      await run(argv, file?.content)
    }
    for (const file of remedy.files) expect(await run(['cat', file.path])).toBe(file.content)
  }

  const until = async (what: string, timeoutMs: number, look: () => Promise<boolean>): Promise<void> => {
    for (const giveUpAt = Date.now() + timeoutMs; !(await look()); await delay(1000))
      if (Date.now() > giveUpAt) throw new Error(`not within ${timeoutMs / 1000} s: ${what}`)
  }

  const show = async (unit: string, ...properties: string[]): Promise<Record<string, string>> => {
    const text = await run(['systemctl', 'show', '-p', properties.join(','), unit])
    return Object.fromEntries(
      text
        .trim()
        .split('\n')
        .map((line) => line.split('=', 2) as [string, string]),
    )
  }

  /** Changes the worker's own settings and starts it anew, as a person would. */
  const load = async (settings: Readonly<Record<string, number>>): Promise<void> => {
    for (const [name, value] of Object.entries(settings))
      await run(['sed', '-i', `s/^${name}=.*/${name}="${value}"/`, '/etc/default/queue_worker'])
    await run(['systemctl', 'restart', UNIT])
  }

  it('keeps the host alive under the load that killed it: the worker alone dies and comes back', async () => {
    const { truth } = await lab.break('host-oom')
    // Advice for a leak is asked for while the unit is small: a limit below what it holds would kill it at once.
    await load({ LEAK_AFTER_SECONDS: 600 })
    const remedy = (await triage())
      .filter((one) => one.kind === 'global-oom')
      .flatMap((one) => one.remedies)
      .find((one) => one.id === 'memory-max')
    expect(remedy?.checks.filter((check) => !check.holds)).toEqual([])
    const limitMib = Number(/^MemoryMax=(\d+)M$/m.exec(remedy!.files[0]!.content)![1])

    await apply(remedy!)
    expect(await show(UNIT, 'MemoryMax', 'NeedDaemonReload')).toEqual({
      MemoryMax: String(limitMib * MIB),
      NeedDaemonReload: 'no',
    })
    const [, cgroupFile] = remedy!.verify
    await load({ LEAK_AFTER_SECONDS: 8 })
    expect(await run(cgroupFile!)).toBe(`${limitMib * MIB}\n`)

    const before = new Set((await lab.kills()).map((kill) => `${kill.at} ${kill.pid}`))
    const mysqld = await show('mysqld.service', 'MainPID', 'NRestarts')
    const later = async () => (await lab.kills()).filter((kill) => !before.has(`${kill.at} ${kill.pid}`))
    await until('two kills at the new limit', 240_000, async () => (await later()).length >= 2)

    for (const kill of await later())
      expect(kill).toMatchObject({
        constraint: 'CONSTRAINT_MEMCG',
        limitCgroup: `/system.slice/${UNIT}`,
        cgroup: `/system.slice/${UNIT}`,
      })
    expect(await show('mysqld.service', 'MainPID', 'NRestarts')).toEqual(mysqld)
    expect(mysqld).toEqual({ MainPID: String(truth.facts['mysqldMainPid']), NRestarts: '0' })
    await until(
      'the worker runs again',
      60_000,
      async () => (await show(UNIT, 'ActiveState'))['ActiveState'] === 'active',
    )
    expect(Number((await show(UNIT, 'NRestarts'))['NRestarts'])).toBeGreaterThanOrEqual(1)

    for (const argv of remedy!.undo) await run(argv)
    expect(await show(UNIT, 'MemoryMax')).toEqual({ MemoryMax: 'infinity' })
  })

  /** Real looks at the machine as it is, with the sampler's clock at quarters of an hour up to now. */
  const sampleHealthy = async (count: number) => {
    const host: Host = {
      name: 'lab',
      transport: 'ssh',
      ssh: {
        address: lab.host,
        port: lab.port,
        user: 'root',
        identityFiles: [lab.keyFile],
        hostKey: lab.hostKey,
        hostKeyAlias: null,
        knownHostsFiles: [],
        acceptNewKey: false,
        jumps: [],
      },
      replay: null,
      sudo: false,
      site: null,
      groups: [],
      tags: {},
    }
    await using store = await openSqliteStore(home)
    const startMs = Date.now() - count * 900_000
    for (let index = 0; index < count; index += 1) {
      const tools = {
        store,
        connect: () =>
          Promise.resolve((...given: Parameters<typeof sshTransport.connect>) => sshTransport.connect(...given)),
        now: () => startMs + index * 900_000,
        report: () => {},
      }
      expect(await sampleHosts([host], tools, new AbortController().signal)).toEqual({ taken: 1, failed: 0 })
    }
    const machine = await store.findMachine('lab')
    return memorySamplesOf(UNIT, await store.readSamples(machine!.key, startMs))
  }

  slowIt(
    'predicts from samples what a limit does: nothing to a healthy worker, and a kill where it is too small',
    async () => {
      await lab.restore()
      const samples = await sampleHealthy(34)
      const heldBytes = Math.max(...samples.map(({ bytes }) => bytes))
      const currentBytes = Number(await run(['cat', `/sys/fs/cgroup/system.slice/${UNIT}/memory.current`]))
      // The file cache is most of what memory.current shows, so a limit between the two tells a good back-test from a bad one.
      const betweenBytes = 2 * heldBytes
      expect(betweenBytes).toBeLessThan(currentBytes)

      await lab.break('host-oom')
      await load({ LEAK_AFTER_SECONDS: 3600 })
      const remedy = (await triage())
        .filter((one) => one.kind === 'global-oom')
        .flatMap((one) => one.remedies)
        .find((one) => one.id === 'memory-max')
      expect(remedy?.checks.filter((check) => !check.holds)).toEqual([])
      expect(remedy?.checks[0]?.detail).toMatch(
        /^34 samples of 8 h \(every 15 min\): in normal operation reached 0 times; /,
      )
      expect(remedy?.checks[0]?.citations?.[0]?.text).toContain(' held life=')
      await apply(remedy!)

      const known = async () => (await lab.kills()).length
      const killsAt = async (bytes: number, waitMs: number): Promise<number> => {
        const before = await known()
        await run(['systemctl', 'set-property', '--runtime', UNIT, `MemoryMax=${bytes}`])
        for (
          const giveUpAt = Date.now() + waitMs;
          Date.now() < giveUpAt && (await known()) === before;
          await delay(2000)
        );
        return (await known()) - before
      }
      const limitBytes = Number(/^MemoryMax=(\d+)M$/m.exec(remedy!.files[0]!.content)![1]) * MIB
      for (const bytes of [limitBytes, betweenBytes]) {
        expect(backTest(samples, bytes).kills).toEqual([])
        expect(await killsAt(bytes, 30_000)).toBe(0)
      }
      const tooSmall = Math.round(0.7 * heldBytes)
      expect(backTest(samples, tooSmall).kills.length).toBeGreaterThan(0)
      expect(await killsAt(tooSmall, 120_000)).toBeGreaterThan(0)
    },
  )

  slowIt('ends the loop of kills at the start limit that it proposes', async () => {
    await lab.break('worker-oom')
    // The pace of the loop is known from two restarts at least.
    await until('three kills', 240_000, async () => (await lab.kills()).length >= 3)
    const findings = await triage()
    const remedy = findings.flatMap((one) => one.remedies).find((one) => one.id === 'restart-pacing')
    expect(remedy?.files.map((file) => file.path)).toEqual([`/etc/systemd/system/${UNIT}.d/50-medic-restart.conf`])
    expect(
      findings.flatMap((one) => one.remedies).some((one) => one.settings.some((set) => set.key === 'MemoryMax')),
    ).toBe(false)

    await apply(remedy!)
    expect(await show(UNIT, 'StartLimitIntervalUSec', 'StartLimitBurst', 'RestartUSec', 'NeedDaemonReload')).toEqual({
      StartLimitIntervalUSec: '10min',
      StartLimitBurst: '5',
      RestartUSec: '5s',
      NeedDaemonReload: 'no',
    })
    await until('systemd gives up', 420_000, async () => (await show(UNIT, 'ActiveState'))['ActiveState'] === 'failed')
    const { stdout } = await lab.ssh(`journalctl -b -u ${UNIT} --no-pager -o cat`)
    expect(stdout).toContain('Start request repeated too quickly')
    for (const kill of await lab.kills()) expect(kill.constraint).toBe('CONSTRAINT_MEMCG')
    expect((await show('mysqld.service', 'NRestarts'))['NRestarts']).toBe('0')
  })
})
