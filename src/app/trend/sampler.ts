import { setTimeout } from 'node:timers/promises'
import type { Evidence } from '../../domain/evidence.ts'
import type { Host } from '../../domain/host.ts'
import type { FileResult } from '../../domain/step.ts'
import { bootIdParser } from '../../parsers/bootId.ts'
import { factsFrom } from '../../parsers/facts.ts'
import { findFileParser, findParser } from '../../parsers/registry.ts'
import { readingOf } from '../../runbook/reading.ts'
import type { Store } from '../../store/store.ts'
import { createConnectGate } from '../fleet/connectGate.ts'
import { machineKey } from './machineKey.ts'
import { sampleOf } from './sampleOf.ts'
import type { TriageTools } from '../triage.ts'
import { limitTime } from '../../domain/timeLimit.ts'

export interface SamplerTools {
  readonly store: Pick<Store, 'addSample' | 'saveMachine'>
  readonly connect: (host: Host) => Promise<TriageTools['connect']>
  readonly now: () => number
  /** One line for the log. */
  readonly report: (line: string) => void
}

/** Tier 1 only: what is read without a process on the host. */
const PATHS = [
  '/proc/meminfo',
  '/proc/vmstat',
  '/proc/loadavg',
  '/proc/sys/kernel/random/boot_id',
  '/etc/machine-id',
  '/sys/fs/cgroup/system.slice/*.service/memory.current',
  '/sys/fs/cgroup/system.slice/*.service/memory.max',
  '/sys/fs/cgroup/system.slice/*.service/memory.stat',
  '/sys/fs/cgroup/system.slice/*.service/cgroup.procs',
]
/** Nobody waits for a sample, and a sick host is not pressed. */
const HOST_MS = 30_000
const AT_ONCE = 8
const FILE_LIMIT_BYTES = 64 * 1024

/** Takes one sample of each host; a host that does not answer has none. Returns how many were taken. */
export const sampleHosts = async (
  hosts: readonly Host[],
  tools: SamplerTools,
  signal: AbortSignal,
): Promise<{ readonly taken: number; readonly failed: number }> => {
  const waiting = [...hosts]
  const gate = createConnectGate()
  let taken = 0
  let failed = 0
  const work = async (): Promise<void> => {
    for (let host = waiting.shift(); host !== undefined && !signal.aborted; host = waiting.shift()) {
      try {
        await within(HOST_MS, signal, async (limit) => sampleHost(host, tools, gate, limit))
        taken += 1
      } catch {
        // The digest names hosts that do not answer; a gap in a series is enough here.
        failed += 1
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return { taken, failed }
}

/** A connection that ignores its signal is left behind. */
const within = async (
  ms: number,
  signal: AbortSignal,
  action: (limit: AbortSignal) => Promise<void>,
): Promise<void> => {
  using time = limitTime(signal, ms)
  const limit = time.signal
  await Promise.race([
    action(limit),
    new Promise<never>((_resolve, reject) => {
      limit.addEventListener('abort', () => reject(new Error('no answer in time')), { once: true })
    }),
  ])
}

const sampleHost = async (
  host: Host,
  tools: SamplerTools,
  gate: ReturnType<typeof createConnectGate>,
  signal: AbortSignal,
): Promise<void> => {
  const connect = gate(await tools.connect(host))
  await using connection = await connect(host, signal)
  const evidence: Evidence[] = []
  const limits = { limit: { bytes: FILE_LIMIT_BYTES, keep: 'head' as const }, timeoutMs: 10_000 }
  for await (const file of connection.readFiles(PATHS, limits, signal))
    if (file.status === 'read') evidence.push(evidenceOf(file, evidence.length + 1))
  const atMs = tools.now()
  const facts = factsFrom(evidence, { fromMs: null, toMs: atMs })
  const sample = sampleOf(facts, atMs)
  if (sample.values['memory-total'] === undefined) throw new Error(`${host.name}: its memory could not be read`)
  const key = machineKey(facts, host.name)
  const bootId = facts.all(bootIdParser).at(-1)?.facts.bootId ?? null
  await tools.store.addSample(key, sample)
  await tools.store.saveMachine({ key, host: host.name, bootId, lastSeenMs: atMs })
}

/** Only numbers are kept of a sample, so that nothing here needs to be cleaned of secrets. */
const evidenceOf = (file: FileResult, number: number): Evidence => {
  const parser = findFileParser(file.path)?.id ?? null
  const result = {
    outcome: 'exited' as const,
    exitCode: 0,
    step: 'sample',
    subject: null,
    stdout: file.text,
    stderr: '',
    droppedBytes: file.droppedBytes,
    startedAtMs: file.startedAtMs,
    durationMs: file.durationMs,
  }
  return {
    id: `E${number}`,
    step: 'sample',
    subject: null,
    command: file.path,
    parser,
    result,
    reading: readingOf({ findParser }, parser, result),
    redactions: 0,
  }
}

/** Samples until the signal ends it: at once, then every `everyMs`. */
export const runSampler = async (
  hosts: () => readonly Host[],
  tools: SamplerTools,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    const startedAtMs = tools.now()
    const { failed } = await sampleHosts(hosts(), tools, signal)
    if (failed > 0 && !signal.aborted) tools.report(`sampler: ${failed} hosts gave no sample`)
    const waitMs = Math.max(1_000, everyMs - (tools.now() - startedAtMs))
    await setTimeout(waitMs, undefined, { signal }).catch(() => {})
  }
}
