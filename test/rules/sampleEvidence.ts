import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Evidence } from '../../src/domain/evidence.ts'
import type { Window } from '../../src/domain/run.ts'
import type { Outcome } from '../../src/domain/step.ts'
import { factsFrom } from '../../src/parsers/facts.ts'
import type { FactView } from '../../src/parsers/facts.ts'
import { findFileParser, findParser } from '../../src/parsers/registry.ts'

/** One step as a test states it; what is left out is the usual. */
export interface TestStep {
  readonly step: string
  readonly command?: string
  readonly parser?: string | null
  readonly subject?: string | null
  readonly stdout?: string
  readonly stderr?: string
  readonly outcome?: Outcome
  readonly droppedBytes?: number
  readonly startedAtMs?: number
}

/** The moment at which the lab's captures are taken to be read. */
export const READ_AT_MS = Date.parse('2026-11-23T15:30:00Z')

export const DAY: Window = { fromMs: READ_AT_MS - 24 * 3_600_000, toMs: READ_AT_MS }

/** Evidence as a run makes it: numbered in order, each output read by its parser. */
export const evidenceOf = (steps: readonly TestStep[]): readonly Evidence[] =>
  steps.map((step, index): Evidence => {
    const command = step.command ?? step.step
    const parser = step.parser === undefined ? findFileParser(command) : findParser(step.parser ?? '')
    const stdout = step.stdout ?? ''
    const outcome: Outcome = step.outcome ?? { outcome: 'exited', exitCode: 0 }
    return {
      id: `E${index + 1}`,
      step: step.step,
      subject: step.subject ?? null,
      command,
      parser: parser?.id ?? null,
      result: {
        ...outcome,
        step: step.step,
        subject: step.subject ?? null,
        stdout,
        stderr: step.stderr ?? '',
        droppedBytes: step.droppedBytes ?? 0,
        startedAtMs: step.startedAtMs ?? READ_AT_MS,
        durationMs: 5,
      },
      reading: readingOf(parser, stdout),
      redactions: 0,
    }
  })

const readingOf = (parser: ReturnType<typeof findParser>, stdout: string): Evidence['reading'] => {
  if (parser === undefined) return { status: 'none', reason: 'text for people' }
  if (stdout === '') return { status: 'none', reason: 'empty' }
  try {
    return { status: 'parsed', parser: parser.id, facts: parser.parse(stdout) }
  } catch (error) {
    return { status: 'unparsed', parser: parser.id, reason: error instanceof Error ? error.message : String(error) }
  }
}

export const factsOf = (steps: readonly TestStep[], window: Window = DAY): FactView =>
  factsFrom(evidenceOf(steps), window)

const SAMPLES = join(import.meta.dirname, 'samples')

export const sample = (scenario: string, file: string): string => {
  const path = join(SAMPLES, scenario, file)
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

const HOST_FILES: Readonly<Record<string, string>> = {
  'file-proc-meminfo.txt': '/proc/meminfo',
  'file-proc-vmstat.txt': '/proc/vmstat',
  'file-proc-pressure-memory.txt': '/proc/pressure/memory',
  'file-proc-swaps.txt': '/proc/swaps',
  'file-proc-uptime.txt': '/proc/uptime',
  'file-sys-fs-cgroup-system.slice-memory.events.txt': '/sys/fs/cgroup/system.slice/memory.events',
}

const UNIT_FILES = [
  'memory.events',
  'memory.events.local',
  'memory.max',
  'memory.high',
  'memory.current',
  'memory.swap.max',
  'memory.pressure',
  'memory.stat',
  'pids.events',
  'pids.max',
  'pids.current',
]

/** Everything that one lab scenario's capture holds, as the steps of a triage. */
export const scenarioSteps = (scenario: string, unit = 'queue_worker.service'): readonly TestStep[] => {
  const file = (name: string): Pick<TestStep, 'stdout' | 'stderr'> => ({
    stdout: sample(scenario, `${name}.txt`),
    stderr: sample(scenario, `${name}.err`),
  })
  const host = Object.entries(HOST_FILES).map(([name, command]) => ({
    step: 'files',
    command,
    stdout: sample(scenario, name),
  }))
  const cgroup = UNIT_FILES.map((name) => ({
    step: 'unit-files',
    subject: unit,
    command: `/sys/fs/cgroup/system.slice/${unit}/${name}`,
    stdout: sample(scenario, `cgroup-${name}.txt`),
  }))
  return [
    ...host,
    { step: 'kernel-log', command: 'journalctl -k -b --no-pager', parser: 'log', ...file('journalctl-k-b') },
    {
      step: 'unit-log',
      subject: unit,
      command: 'journalctl -u "$UNIT"',
      parser: 'log',
      ...file(`journalctl-u-${unit}`),
    },
    { step: 'boots', command: 'journalctl --list-boots', parser: null, ...file('journalctl-list-boots') },
    { step: 'df', command: 'df -h', parser: 'df', ...file('df-h') },
    { step: 'failed', command: 'systemctl --failed', parser: 'systemctl-failed', ...file('systemctl-failed') },
    {
      step: 'unit',
      subject: unit,
      command: 'systemctl show "$UNIT"',
      parser: 'systemctl-show',
      ...file(`systemctl-show-${unit}`),
    },
    {
      step: 'unit-file',
      subject: unit,
      command: 'systemctl cat "$UNIT"',
      parser: 'systemctl-cat',
      ...file(`systemctl-cat-${unit}`),
    },
    ...cgroup,
  ]
}
