import type { Evidence } from '../domain/evidence.ts'
import type { Command, FileResult, StepResult } from '../domain/step.ts'
import type { Connection } from '../transports/transport.ts'
import type { ParameterValues } from './parameters.ts'
import { commandOf, pathsOf, timeoutOf } from './prepare.ts'
import { showsPressure } from './pressure.ts'
import type { Task } from './task.ts'

export type Arrival =
  | { readonly kind: 'file'; readonly file: FileResult }
  | { readonly kind: 'step'; readonly result: StepResult }

/** What was sent together and is on its way. */
export interface Flight {
  readonly started: readonly Task[]
  readonly sources: readonly { readonly tasks: readonly Task[]; readonly stream: AsyncIterable<Arrival> }[]
  /** Why a task was not sent. */
  readonly reasons: ReadonlyMap<Task, string>
}

interface Launch {
  readonly connection: Connection
  readonly parameters: ParameterValues
  readonly sudo?: boolean
  /** What is known of the host by now. */
  readonly evidence: readonly Evidence[]
  readonly signal: AbortSignal
}

/** Sends everything of a phase: one stream a files step, one for all shell steps together. */
export const launch = (
  tasks: ReadonlySet<Task>,
  { connection, parameters, sudo = false, evidence, signal }: Launch,
): Flight => {
  const reasons = new Map<Task, string>()
  const sources: { tasks: Task[]; stream: AsyncIterable<Arrival> }[] = []
  if (signal.aborted) return { started: [], sources, reasons }
  const pressed = showsPressure(evidence)
  const shell: { task: Task; command: Command }[] = []
  for (const task of tasks) {
    const { step, suspect } = task
    if (step.kind === 'sh') {
      if (connection.canFork === false) reasons.set(task, 'cannot fork: the host cannot start processes')
      else shell.push({ task, command: commandOf(step, suspect, parameters.env, { sudo, pressed }) })
      continue
    }
    const paths = pathsOf(step, suspect, evidence)
    if ('reason' in paths) {
      reasons.set(task, paths.reason)
      continue
    }
    const limits = { limit: step.limit, timeoutMs: timeoutOf(step, pressed) }
    sources.push({ tasks: [task], stream: asFiles(connection.readFiles(paths.paths, limits, signal)) })
  }
  if (shell.length > 0) {
    const commands = shell.map((one) => one.command)
    sources.push({ tasks: shell.map((one) => one.task), stream: asSteps(connection.run(commands, signal)) })
  }
  return { started: sources.flatMap((source) => source.tasks), sources, reasons }
}

async function* asFiles(files: AsyncIterable<FileResult>): AsyncGenerator<Arrival> {
  for await (const file of files) yield { kind: 'file', file }
}

async function* asSteps(results: AsyncIterable<StepResult>): AsyncGenerator<Arrival> {
  for await (const result of results) yield { kind: 'step', result }
}
