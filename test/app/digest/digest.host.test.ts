import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeDigest } from '../../../src/app/digest/digest.ts'
import { DEFAULT_THRESHOLDS } from '../../../src/app/digest/digestThresholds.ts'
import type { FleetTools } from '../../../src/app/fleet/fleet.ts'
import { nightJob } from '../../../src/app/digest/night.ts'
import { sampleHosts } from '../../../src/app/trend/sampler.ts'
import type { Digest } from '../../../src/domain/digest.ts'
import { UnreachableError } from '../../../src/domain/errors.ts'
import type { Host } from '../../../src/domain/host.ts'
import { PARSERS } from '../../../src/parsers/registry.ts'
import { renderDigestPage } from '../../../src/render/digest/digestPage.ts'
import { renderDigestText } from '../../../src/render/digest/digestText.ts'
import { parseRunbook } from '../../../src/runbook/parse.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import type { Store } from '../../../src/store/store.ts'
import { simulateFleet, simulatedHost } from '../../support/fleet/simulatedFleet.ts'
import { ReplayedConnection } from '../../runbook/replayedConnection.ts'

const HOUR_MS = 3_600_000
const MIB = 2 ** 20
const RUNBOOK = parseRunbook(
  readFileSync(join(import.meta.dirname, '..', '..', '..', 'runbooks', 'health-digest.md'), 'utf8'),
  'health-digest.md',
  new Set(PARSERS.map((parser) => parser.id)),
)

/** What a host would show tonight. */
interface Night {
  readonly answers?: boolean
  readonly availableMib?: number
  readonly diskUsedPercent?: number
  readonly failed?: readonly string[]
  readonly workerMib?: number
  readonly bootId?: string
  readonly workerPid?: number
}

const BOOT = '0ce954f4-6c38-43d2-b177-66aacbb81ea3'
const UNIT = '/sys/fs/cgroup/system.slice/worker.service'

const connectionOf = (night: Night): ReplayedConnection => {
  const {
    availableMib = 2048,
    diskUsedPercent = 40,
    failed = [],
    workerMib = 500,
    bootId = BOOT,
    workerPid = 77,
  } = night
  const size = 20_000_000
  const used = (size * diskUsedPercent) / 100
  return new ReplayedConnection({
    files: {
      '/proc/meminfo': `MemTotal:        4194304 kB\nMemAvailable:    ${availableMib * 1024} kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\n`,
      '/proc/pressure/memory':
        'some avg10=0.00 avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1\n',
      '/proc/vmstat': 'oom_kill 0\npgmajfault 10\npswpout 0\n',
      '/proc/loadavg': '0.10 0.10 0.10 1/95 426\n',
      '/proc/uptime': '90000.00 1.00\n',
      '/proc/sys/kernel/random/boot_id': `${bootId}\n`,
      '/etc/machine-id': '8d3a1f0c5b7e4a9d8c6b2e1f0a9d8c7b\n',
      [`${UNIT}/memory.current`]: `${workerMib * MIB}\n`,
      [`${UNIT}/memory.max`]: `${3072 * MIB}\n`,
      [`${UNIT}/memory.events`]: 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n',
      [`${UNIT}/cgroup.procs`]: `${workerPid}\n`,
    },
    steps: {
      processors: { stdout: '2\n' },
      disk: {
        stdout: `Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda ${size} ${used} ${size - used} ${diskUsedPercent}% /\n`,
      },
      'failed-units': { stdout: failed.map((unit) => `${unit} loaded failed failed Some unit\n`).join('') },
      'kernel-log': { stdout: '# nothing\n' },
      'systemd-ends': { stdout: '# nothing\n' },
      clock: { stdout: 'Timezone=Etc/UTC\nNTPSynchronized=yes\n' },
    },
  })
}

let folder: string
let store: Store
let nowMs: number
let nights: Record<string, Night>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'medic-digest-'))
  store = await openSqliteStore(folder)
  nowMs = Date.parse('2026-11-10T02:00:00Z')
  nights = {}
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const connect = (host: Host): Promise<ReplayedConnection> => {
  const night = nights[host.name] ?? {}
  if (night.answers === false)
    return Promise.reject(new UnreachableError('timed-out', `${host.name}: no answer to the connection`))
  return Promise.resolve(connectionOf(night))
}

let runs = 0
const newRunId = (): string => `run-${(runs += 1)}`

const toolsNow = (): FleetTools & { readonly store: Store } => {
  const { tools } = simulateFleet({ habitOf: () => 'healthy', store })
  return {
    ...tools,
    store,
    now: () => nowMs,
    newRunId,
    triageTools: async (host) => ({ ...(await tools.triageTools(host)), connect, now: () => nowMs, newRunId }),
  }
}

const digestOf = async (names: readonly string[], hours = 24): Promise<Digest> => {
  nowMs += hours * HOUR_MS
  const run = makeDigest(
    toolsNow(),
    {
      name: 'nightly',
      expression: 'all',
      hosts: names.map((name) => simulatedHost(name, { tags: { owner: 'team-a' } })),
      runbook: RUNBOOK,
      thresholds: DEFAULT_THRESHOLDS,
      requestedBy: 'test',
    },
    new AbortController().signal,
  )
  let step = await run.next()
  while (!step.done) step = await run.next()
  expect(step.value.notStored).toBeNull()
  return step.value.digest
}

const statesOf = (digest: Digest): readonly string[] =>
  digest.lines.map(({ host, check, object, state, level }) => `${host} ${check} ${object} ${state} ${level}`)

describe('nights of a host', () => {
  it('say nothing while all is well', async () => {
    const digest = await digestOf(['a'])
    expect(statesOf(digest)).toEqual([])
    expect(renderDigestText(digest)).toBe('1/1 host checked 02:00 UTC · nothing new\n')
  })

  it('tell what is new, worse, still open and resolved', async () => {
    nights = { a: { diskUsedPercent: 85, failed: ['backup.service'] } }
    expect(statesOf(await digestOf(['a']))).toEqual(['a disk-used / new warn', 'a failed-unit backup.service new warn'])
    nights = { a: { diskUsedPercent: 95, failed: ['backup.service'] } }
    expect(statesOf(await digestOf(['a']))).toEqual([
      'a disk-used / worse critical',
      // From 85 to 95 % in a day: full in twelve hours.
      'a disk-filling / new warn',
      'a failed-unit backup.service same warn',
    ])
    nights = { a: { diskUsedPercent: 50 } }
    const digest = await digestOf(['a'])
    expect(statesOf(digest)).toEqual([
      'a disk-used / resolved ok',
      'a disk-filling / resolved ok',
      'a failed-unit backup.service resolved ok',
    ])
  })

  it('keep what was open as stale while the host does not answer, and name it', async () => {
    nights = { a: { diskUsedPercent: 85 } }
    await digestOf(['a', 'b'])
    nights = { a: { answers: false } }
    const digest = await digestOf(['a', 'b'])
    expect(statesOf(digest)).toEqual(['a disk-used / stale warn'])
    expect(digest).toMatchObject({ checked: 1, total: 2 })
    expect(renderDigestText(digest)).toMatch(/^1\/2 hosts checked 02:00 UTC · 1 open · 1 not checked/)
    expect(renderDigestText(digest)).toMatch(/a: timed-out: a: no answer to the connection \(last seen 24 h ago\)/)
    nights = { a: { diskUsedPercent: 85 } }
    expect(statesOf(await digestOf(['a', 'b']))).toEqual(['a disk-used / same warn'])
  })

  it('tell two machines with one machine id apart', async () => {
    nights = { a: { diskUsedPercent: 85 }, b: {} }
    await digestOf(['a', 'b'])
    expect(statesOf(await digestOf(['a', 'b']))).toEqual(['a disk-used / same warn'])
  })

  it('that were missed are said aloud', async () => {
    await digestOf(['a'])
    const digest = await digestOf(['a'], 72)
    expect(digest.missed).toEqual(['no digest for 2 nights: the one before was made 2026-11-11 02:00 UTC'])
    expect(renderDigestText(digest)).toContain('no digest for 2 nights')
  })

  it('tell a reboot and a moved limit', async () => {
    nights = { a: { workerMib: 500 } }
    await digestOf(['a'])
    nights = { a: { workerMib: 700, bootId: '11111111-2222-3333-4444-555555555555' } }
    const digest = await digestOf(['a'])
    expect(digest.changes).toEqual([{ host: 'a', kind: 'reboot', text: 'rebooted' }])
    expect(digest.movers).toEqual([{ host: 'a', object: 'worker.service', fromBytes: 500 * MIB, toBytes: 700 * MIB }])
  })
})

/** Samples every hour for some hours, as the sampler takes them. */
const sampleFor = async (hours: number, night: (hour: number) => Night): Promise<void> => {
  for (let hour = 0; hour < hours; hour += 1) {
    nights = { a: night(hour) }
    nowMs += HOUR_MS
    await sampleHosts(
      [simulatedHost('a')],
      { store, connect: () => Promise.resolve(connect), now: () => nowMs, report: () => {} },
      new AbortController().signal,
    )
  }
}

describe('a leak that the sampler sees', () => {
  it('is forecast with its range after two days', async () => {
    await sampleFor(60, (hour) => ({ workerMib: 500 + 20 * hour }))
    nights = { a: { workerMib: 500 + 20 * 60 } }
    const digest = await digestOf(['a'], 1)
    expect(digest.growing.map(({ object }) => object)).toEqual(['worker.service'])
    expect(digest.growing[0]?.hours?.middle).toBeCloseTo((3072 - 1700) / 20, 0)
    expect(renderDigestText(digest)).toMatch(
      /worker\.service: rising 20 MiB\/h.* to .* if days like the last one repeat/,
    )
    expect(renderDigestText(digest)).toMatch(/worker\.service, 48 h: [▁-█]+/)
  })

  it('is not forecast across a restart of the unit', async () => {
    await sampleFor(60, (hour) => ({ workerMib: 500 + 20 * (hour % 55), workerPid: hour < 55 ? 77 : 99 }))
    nights = { a: { workerMib: 620, workerPid: 99 } }
    expect((await digestOf(['a'], 1)).growing.filter(({ hours }) => hours !== null)).toEqual([])
  })
})

describe('the job of a night', () => {
  it('posts the same digest again when the process died before it had posted', async () => {
    const posted: string[] = []
    let canPost = false
    const job = nightJob(
      { name: 'nightly', hosts: 'all', at: '02:00', zone: 'UTC', publish: [] },
      {
        fleet: toolsNow(),
        select: () => [simulatedHost('a')],
        runbook: RUNBOOK,
        thresholds: DEFAULT_THRESHOLDS,
        retention: { samples: 30 * 24 * HOUR_MS, digests: 30 * 24 * HOUR_MS },
        deliver: (digest) => {
          if (!canPost) return Promise.reject(new Error('killed here'))
          posted.push(digest.id)
          return Promise.resolve()
        },
      },
    )
    let remembered: string | null = null
    const day = (earlier: string | null) => ({
      occurrence: { localDate: '2026-11-10', dueAtMs: nowMs },
      missed: ['2026-11-09'],
      earlier,
      remember: (detail: string) => {
        remembered = detail
        return Promise.resolve()
      },
    })
    const { signal } = new AbortController()
    await expect(job.run(day(null), signal)).rejects.toThrow('killed here')
    canPost = true
    expect(await job.run(day(remembered), signal)).toBe(remembered)
    expect(posted).toEqual([remembered])
    expect(await store.listFleetRuns(10)).toHaveLength(1)
  })
})

describe('a night on which Medic was not running', () => {
  const missedOf = async (lateMs: number, missed: readonly string[]): Promise<readonly string[]> => {
    let said: readonly string[] = []
    const job = nightJob(
      { name: 'nightly', hosts: 'all', at: '02:00', zone: 'Europe/Berlin', publish: [] },
      {
        fleet: toolsNow(),
        select: () => [simulatedHost('a')],
        runbook: RUNBOOK,
        thresholds: DEFAULT_THRESHOLDS,
        retention: { samples: 30 * 24 * HOUR_MS, digests: 30 * 24 * HOUR_MS },
        deliver: (digest) => {
          said = digest.missed
          return Promise.resolve()
        },
      },
    )
    const occurrence = { localDate: '2026-11-10', dueAtMs: nowMs - lateMs }
    await job.run(
      { occurrence, missed, earlier: null, remember: () => Promise.resolve() },
      new AbortController().signal,
    )
    return said
  }

  it('is said in the digest that is made late, with every night that never will be', async () => {
    expect(await missedOf(60_000, [])).toEqual([])
    expect(await missedOf(5 * HOUR_MS, [])).toEqual([
      'due at 02:00 (Europe/Berlin) on 2026-11-10, made 5 h late: Medic was not running',
    ])
    expect(await missedOf(0, ['2026-11-08', '2026-11-09'])).toEqual([
      'no digest on 2026-11-08, 2026-11-09: Medic was not running',
    ])
    const many = ['2026-11-05', '2026-11-06', '2026-11-07', '2026-11-08', '2026-11-09']
    expect(await missedOf(HOUR_MS, many)).toEqual([
      'due at 02:00 (Europe/Berlin) on 2026-11-10, made 1 h late: Medic was not running',
      'no digest on 5 nights, 2026-11-05 to 2026-11-09: Medic was not running',
    ])
  })
})

describe('the page of a digest', () => {
  it('lets no text of a host come alive', async () => {
    nights = { a: { failed: ['x@<!channel>[a](http://evil)*.service'] } }
    const page = renderDigestPage(await digestOf(['a']))
    expect(page).not.toContain('<!channel>')
    expect(page).not.toContain('[a](http')
  })
})
