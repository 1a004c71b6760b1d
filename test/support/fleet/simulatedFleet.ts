import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { importBundle } from '../../../src/app/bundle.ts'
import type { FleetTools } from '../../../src/app/fleet/fleet.ts'
import type { TriageTools } from '../../../src/app/triage.ts'
import { UnreachableError } from '../../../src/domain/errors.ts'
import type { Host } from '../../../src/domain/host.ts'
import { createCleaner } from '../../../src/redaction/clean.ts'
import { compileTemplate } from '../../../src/render/template.ts'
import { parseRunbook } from '../../../src/runbook/parse.ts'
import type { Store } from '../../../src/store/store.ts'
import { replayTransport } from '../../../src/transports/replay.ts'
import type { Connection } from '../../../src/transports/transport.ts'
import { sha256 } from '../../../src/app/hash.ts'
import { PARSERS } from '../../../src/parsers/registry.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')

/** How a simulated host behaves. `stubborn` hangs and ignores its signal as well. */
export type Habit = 'healthy' | 'dead' | 'hanging' | 'stubborn' | 'key-changed' | 'endless'

/** A few quick steps, so that hundreds of hosts are cheap. */
export const SMALL_RUNBOOK = parseRunbook(
  `---
id: small-look
title: Small look
description: A few files and one step
timeout: 30s
parameters:
  since:
    type: duration
    description: How far back
    default: 24h
---

# Small look

## Now

\`\`\`files {name=memory}
/proc/meminfo
/proc/loadavg
/proc/sys/kernel/random/boot_id
\`\`\`

\`\`\`sh {name=kernel-log parse=log limit=256K:tail}
journalctl -k
\`\`\`
`,
  'small-look.md',
  new Set(PARSERS.map((parser) => parser.id)),
)

/** A real kill, recorded in the lab. */
export const recordedEvidence = importBundle(
  readFileSync(join(ROOT, 'test', 'cases', 'demo', 'bundle.json.gz')),
  'demo',
).evidence

const healthy = recordedEvidence.filter((item) =>
  ['/proc/meminfo', '/proc/loadavg', '/proc/sys/kernel/random/boot_id'].includes(item.command),
)

export const simulatedHost = (name: string, changes: Partial<Host> = {}): Host => ({
  name,
  transport: 'replay',
  ssh: null,
  replay: name,
  sudo: false,
  site: null,
  groups: [],
  tags: {},
  ...changes,
})

export interface Simulation {
  readonly tools: FleetTools
  /** Connections open now, and the most there ever were. */
  readonly connections: { open: number; most: number }
}

export interface SimulationOptions {
  readonly habitOf: (host: Host) => Habit
  readonly store: Store | null
  /** How long a dead host takes to be given up. */
  readonly deadMs?: number
  /** How far away a host is: what each connection, reading and step waits for. */
  readonly delayMsOf?: (host: Host) => number
  readonly endlessBytes?: number
}

const template = compileTemplate(
  readFileSync(join(ROOT, 'templates', 'postmortem.md.hbs'), 'utf8'),
  'postmortem.md.hbs',
)
const clean = createCleaner([])

/** Hosts that answer from recorded evidence, or misbehave; nothing leaves the process. */
export const simulateFleet = (options: SimulationOptions): Simulation => {
  const connections = { open: 0, most: 0 }
  let count = 0
  const newRunId = (): string => `run-${String((count += 1)).padStart(6, '0')}-${process.pid}`
  const connect: TriageTools['connect'] = async (host, signal) => {
    const habit = options.habitOf(host)
    if (habit === 'dead') {
      await pause(options.deadMs ?? 20, signal)
      throw new UnreachableError('timed-out', `${host.name}: no answer to the connection`)
    }
    if (habit === 'key-changed') throw new UnreachableError('key-changed', `${host.name}: the host key changed`)
    connections.open += 1
    connections.most = Math.max(connections.most, connections.open)
    const inner = await replayTransport(healthy).connect(host, signal)
    const delayMs = options.delayMsOf?.(host) ?? 0
    if (delayMs > 0) await pause(delayMs, signal)
    return counted(misbehaving(inner, { habit, endlessBytes: options.endlessBytes ?? 256 * 1024, delayMs }), () => {
      connections.open -= 1
    })
  }
  const tools: FleetTools = {
    store: options.store,
    now: Date.now,
    newRunId,
    triageTools: () =>
      Promise.resolve({
        connect,
        clean,
        store: options.store,
        now: Date.now,
        newRunId,
        medicVersion: 'test',
        template,
        hash: sha256,
      }),
  }
  return { tools, connections }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
  })

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

interface Behaviour {
  readonly habit: Habit
  readonly endlessBytes: number
  readonly delayMs: number
}

const misbehaving = (inner: Connection, { habit, endlessBytes, delayMs }: Behaviour): Connection => ({
  description: inner.description,
  canFork: null,
  async *readFiles(paths, limits, signal) {
    if (delayMs > 0) await pause(delayMs, signal)
    if (habit === 'hanging') await untilAborted(signal)
    else if (habit === 'stubborn') await new Promise(() => {})
    else yield* inner.readFiles(paths, limits, signal)
  },
  async *run(commands, signal) {
    if (delayMs > 0) await pause(delayMs, signal)
    if (habit === 'hanging') await untilAborted(signal)
    else if (habit === 'stubborn') await new Promise(() => {})
    else
      for (const { step, subject } of commands)
        yield {
          outcome: 'exited',
          exitCode: 0,
          step,
          subject,
          // What a transport hands over of a host that prints without end: the part its limit keeps.
          stdout: habit === 'endless' ? 'all is well and will be so\n'.repeat(endlessBytes / 27) : '# nothing\n',
          stderr: '',
          droppedBytes: habit === 'endless' ? 2 ** 30 : 0,
          startedAtMs: Date.now(),
          durationMs: 1,
        }
  },
  [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
})

const counted = (inner: Connection, close: () => void): Connection => ({
  description: inner.description,
  canFork: null,
  readFiles: (paths, limits, signal) => inner.readFiles(paths, limits, signal),
  run: (commands, signal) => inner.run(commands, signal),
  async [Symbol.asyncDispose]() {
    close()
    await inner[Symbol.asyncDispose]()
  },
})
