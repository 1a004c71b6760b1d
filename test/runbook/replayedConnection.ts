import type { Command, FileResult, StepResult } from '../../src/domain/step.ts'
import type { Connection } from '../../src/transports/transport.ts'

export interface Sample {
  readonly stdout?: string
  readonly stderr?: string
  readonly exitCode?: number
  readonly outcome?: 'timed-out' | 'hangs' | 'not-run' | 'unanswered'
  /** Results arrive in the order of this number, then of the runbook. */
  readonly rank?: number
}

export interface Samples {
  /** By step name, or `name@unit`. */
  readonly steps?: Readonly<Record<string, Sample>>
  /** By path; null is a file nobody may read. */
  readonly files?: Readonly<Record<string, string | null>>
  readonly canFork?: boolean
  readonly breaks?: boolean
}

/** A connection that answers from samples, in an order the test chooses. */
export class ReplayedConnection implements Connection {
  readonly description = 'samples'
  readonly canFork: boolean
  readonly commands: Command[] = []
  /** Names of the steps that were sent together. */
  readonly flights: string[][] = []
  readonly reads: string[][] = []
  readonly #samples: Samples

  constructor(samples: Samples) {
    this.#samples = samples
    this.canFork = samples.canFork ?? true
  }

  async *readFiles(paths: readonly string[]): AsyncGenerator<FileResult> {
    this.reads.push([...paths])
    const { files = {} } = this.#samples
    for (const pattern of paths) {
      await Promise.resolve()
      const names = pattern.includes('*') ? Object.keys(files).filter((path) => fits(pattern, path)) : [pattern]
      // Directory order is any order; the last name first shows that numbering does not lean on it.
      for (const path of names.toReversed()) yield fileResult(path, files[path])
    }
  }

  async *run(commands: readonly Command[], signal: AbortSignal): AsyncGenerator<StepResult> {
    this.commands.push(...commands)
    this.flights.push(commands.map(({ step }) => step))
    const sample = (command: Command) =>
      this.#samples.steps?.[`${command.step}@${command.subject}`] ?? this.#samples.steps?.[command.step] ?? {}
    const queue = commands.toSorted((one, other) => (sample(one).rank ?? 0) - (sample(other).rank ?? 0))
    for (const command of queue) {
      await Promise.resolve()
      if (this.#samples.breaks === true) throw new Error('ECONNRESET')
      const { outcome } = sample(command)
      if (outcome === 'unanswered') continue
      if (outcome === 'hangs') await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      yield stepResult(command, sample(command))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const fits = (pattern: string, path: string): boolean =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`).test(path)

const stepResult = (command: Command, sample: Sample): StepResult => ({
  step: command.step,
  subject: command.subject,
  stdout: sample.stdout ?? '',
  stderr: sample.stderr ?? '',
  droppedBytes: 0,
  startedAtMs: 1000,
  durationMs: 5,
  ...(sample.outcome === 'timed-out' || sample.outcome === 'hangs'
    ? { outcome: 'timed-out' }
    : sample.outcome === 'not-run'
      ? { outcome: 'not-run', reason: 'cannot fork: EAGAIN' }
      : { outcome: 'exited', exitCode: sample.exitCode ?? 0 }),
})

const fileResult = (path: string, text: string | null | undefined): FileResult => {
  const rest = { path, text: text ?? '', droppedBytes: 0, startedAtMs: 1000, durationMs: 1 }
  if (text === undefined) return { ...rest, status: 'missing', reason: 'no such file' }
  return text === null ? { ...rest, status: 'denied', reason: 'permission denied' } : { ...rest, status: 'read' }
}
