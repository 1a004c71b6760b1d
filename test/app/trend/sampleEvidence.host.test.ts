import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { analyseStored } from '../../../src/app/analyse.ts'
import { exportBundle, importBundle } from '../../../src/app/bundle.ts'
import { hashOf } from '../../../src/app/hash.ts'
import { sampleHosts } from '../../../src/app/trend/sampler.ts'
import { triage, withoutReading, type TriageResult, type TriageTools } from '../../../src/app/triage.ts'
import type { Diagnosis } from '../../../src/domain/finding.ts'
import { PARSERS } from '../../../src/parsers/registry.ts'
import { parseRunbook } from '../../../src/runbook/parse.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import type { Store } from '../../../src/store/store.ts'
import { replayTransport } from '../../../src/transports/replay.ts'
import { ReplayedConnection } from '../../runbook/replayedConnection.ts'
import { recordedEvidence, simulatedHost, simulateFleet } from '../../support/fleet/simulatedFleet.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const RUNBOOK = parseRunbook(
  readFileSync(join(ROOT, 'runbooks', 'oom-triage.md'), 'utf8'),
  'oom-triage.md',
  new Set(PARSERS.map((parser) => parser.id)),
)
const MIB = 2 ** 20
const QUARTER_MS = 900_000
/** The recorded host with four times its memory, so that a higher limit has room. */
const evidence = recordedEvidence.map((item) =>
  item.command === '/proc/meminfo'
    ? {
        ...item,
        result: {
          ...item.result,
          stdout: item.result.stdout.replaceAll(/^(Mem\w+:\s+)(\d+)/gm, (_, name, kib) => `${name}${4 * Number(kib)}`),
        },
      }
    : item,
)
/** The recorded host lost its queue_worker at a limit of 200 MiB on 2026-11-25 at 10:04. */
const RUN_MS = Date.parse('2026-11-25T10:05:00Z')
const UNIT = 'queue_worker.service'
const CGROUP = `/sys/fs/cgroup/system.slice/${UNIT}`

let folder: string
let store: Store

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'medic-samples-'))
  store = await openSqliteStore(folder)
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** What a healthy host shows; the file cache is a hundred times what the limit is about. */
const healthy = (heldMib: number, hasStat: boolean): ReplayedConnection =>
  new ReplayedConnection({
    files: {
      '/proc/meminfo': 'MemTotal: 4194304 kB\nMemAvailable: 2097152 kB\n',
      '/proc/sys/kernel/random/boot_id': '0ce954f4-6c38-43d2-b177-66aacbb81ea3\n',
      [`${CGROUP}/memory.current`]: `${(heldMib + 9000) * MIB}\n`,
      [`${CGROUP}/memory.max`]: 'max\n',
      [`${CGROUP}/cgroup.procs`]: '77\n',
      ...(hasStat
        ? {
            [`${CGROUP}/memory.stat`]: `anon ${(heldMib - 3) * MIB}\nfile ${9001 * MIB}\nkernel ${5 * MIB}\nshmem ${1 * MIB}\nunevictable 0\nslab_reclaimable ${3 * MIB}\n`,
          }
        : {}),
    },
  })

/** Samples every quarter of an hour up to a moment, as the sampler takes them. */
const sampleUntil = async (untilMs: number, count: number, heldMib: (index: number) => number, hasStat = true) => {
  for (let index = 0; index < count; index += 1) {
    const { taken } = await sampleHosts(
      [simulatedHost('web1')],
      {
        store,
        connect: () => Promise.resolve(() => Promise.resolve(healthy(heldMib(index), hasStat))),
        now: () => untilMs - (count - 1 - index) * QUARTER_MS,
        report: () => {},
      },
      new AbortController().signal,
    )
    expect(taken).toBe(1)
  }
}

const run = async (changes: Partial<TriageTools> = {}): Promise<TriageResult> => {
  const tools = await simulateFleet({ habitOf: () => 'healthy', store }).tools.triageTools(simulatedHost('web1'))
  const host = simulatedHost('web1')
  const transport = replayTransport(evidence)
  const work = triage(
    { ...tools, connect: (...given) => transport.connect(...given), now: () => RUN_MS, ...changes },
    { host, runbook: RUNBOOK, parameters: {}, requestedBy: 'test' },
    new AbortController().signal,
  )
  let step = await work.next()
  while (!step.done) step = await work.next()
  return step.value
}

const raise = (diagnosis: Diagnosis) => {
  const found = diagnosis.findings.flatMap(({ remedies }) => remedies).find(({ id }) => id === 'memory-max-raise')
  expect(found).toBeDefined()
  return found!
}

const ofSamples = ({ analysis }: TriageResult) => analysis.evidence.filter(({ step }) => step === 'kept-samples')

describe('what the sampler kept of a unit', () => {
  it('is evidence of the run that judges the unit: cited, kept, carried, regenerated, replayed', async () => {
    await sampleUntil(RUN_MS - QUARTER_MS, 300, (index) => 150 + (index % 4))
    // Taken after the run: nobody could know it then.
    await sampleUntil(RUN_MS + QUARTER_MS, 1, () => 3000)
    const result = await run()
    const [samples, ...more] = ofSamples(result)
    expect(more).toEqual([])
    expect(samples).toMatchObject({ subject: UNIT, reading: { status: 'parsed' }, redactions: 0 })
    const lines = samples!.result.stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(1 + 300)
    expect(lines.at(-1)).toBe(`2026-11-25T09:50:00Z ${153 * MIB} held life=0 (153 MiB)`)

    const remedy = raise(result.analysis.diagnosis)
    expect(remedy.because).toMatch(
      /Back-test: 300 samples of 3 days \(every 15 min\): in normal operation reached 0 times; highest 153 MiB/,
    )
    for (const { line, text } of remedy.checks[0]!.citations!) expect(lines[line - 1]).toBe(text)
    expect(result.postmortem).toContain('300 samples of 3 days')

    const stored = await store.readEvidence(result.run.id)
    expect(stored).toEqual(result.analysis.evidence.map(withoutReading))
    await store.forgetSamples(Number.MAX_SAFE_INTEGER)
    expect(analyseStored(stored, result.run.window).diagnosis).toEqual(result.analysis.diagnosis)
    const bundle = importBundle(
      exportBundle(
        {
          schema: 'medic.bundle/1',
          run: result.run,
          medicVersion: 'test',
          evidence: stored,
          evidenceHash: hashOf(stored),
        },
        true,
      ),
      'bundle',
    )
    const again = await run({
      connect: (...given) => replayTransport(bundle.evidence).connect(...given),
      recorded: bundle.evidence,
      newRunId: () => 'again',
    })
    expect(ofSamples(again).map(({ result: { stdout } }) => stdout)).toEqual([samples!.result.stdout])
    expect(raise(again.analysis.diagnosis).because).toBe(remedy.because)
  })

  it('reaches back a week', async () => {
    await sampleUntil(RUN_MS - 8 * 86_400_000, 1, () => 100)
    await sampleUntil(RUN_MS - 6 * 86_400_000, 2, () => 200)
    const text = ofSamples(await run())[0]?.result.stdout
    expect(text?.match(/\d+ MiB/g)).toEqual(['200 MiB', '200 MiB'])
  })

  it('is read from samples of older versions too, and then says that the file cache is in it', async () => {
    await sampleUntil(RUN_MS - QUARTER_MS, 40, () => 100, false)
    const result = await run()
    expect(ofSamples(result)[0]?.result.stdout).toContain(` ${9100 * MIB} current life=0`)
    expect(raise(result.analysis.diagnosis).because).toContain('count its file cache')
  })

  it('is claimed by nobody where there is none', async () => {
    const result = await run()
    expect(ofSamples(result)).toEqual([])
    expect(raise(result.analysis.diagnosis).because).toContain('Not back-tested: no samples of this unit yet.')
  })

  it('of the store of today is not mixed into a recorded run', async () => {
    await sampleUntil(RUN_MS - QUARTER_MS, 40, () => 100)
    expect(ofSamples(await run({ recorded: evidence }))).toEqual([])
  })
})
