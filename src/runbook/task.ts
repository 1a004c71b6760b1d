import type { Suspect } from '../domain/run.ts'
import type { FileResult, Outcome, StepResult } from '../domain/step.ts'
import type { Parser } from '../parsers/parser.ts'
import { readEvidence, type Clean, type OnScreen } from './reading.ts'
import type { RunbookStep } from './runbook.ts'

/** The two lookups of `parsers/registry.ts`. */
export interface ParserSet {
  readonly findParser: (id: string) => Parser | undefined
  readonly findFileParser: (path: string) => Parser | undefined
}

interface Tools {
  readonly parsers: ParserSet
  readonly clean: Clean
  readonly onScreen?: OnScreen
  readonly now: () => number
}

/** One step about one subject, with its place in the numbering. */
export interface Task {
  readonly step: RunbookStep
  readonly suspect: Suspect | null
  readonly slot: number
  /** Positions of plain paths that have been answered. */
  readonly answered: Set<string>
  readonly patterns: readonly string[]
  readonly found: FileResult[]
}

/** The result of a step that gave none. */
export const blankResult = (tools: Tools, task: Task, outcome: Outcome): StepResult => ({
  // A stream that ends without a result for a step leaves its exit unknown.
  ...(outcome.outcome === 'exited' ? { outcome: 'unknown', reason: 'the host gave no answer' } : outcome),
  step: task.step.name,
  subject: task.suspect?.unit ?? null,
  stdout: '',
  stderr: '',
  droppedBytes: 0,
  startedAtMs: tools.now(),
  durationMs: 0,
})

/** Evidence of a shell step. */
export const stepEvidence = (tools: Tools, task: Task, result: StepResult) =>
  readEvidence(tools, {
    step: task.step.name,
    subject: task.suspect?.unit ?? null,
    command: task.step.body,
    parser: task.step.parse,
    pty: task.step.pty,
    optional: task.step.optional,
    result,
  })

/** Evidence of a file nobody could read. */
export const unreadFile = (tools: Tools, task: Task, path: string, outcome: Outcome) =>
  fileReading(tools, task, path, blankResult(tools, task, outcome))

/** Evidence of a file as it was read. */
export const fileEvidence = (tools: Tools, task: Task, file: FileResult) => {
  const { text: stdout, droppedBytes, startedAtMs, durationMs } = file
  const { step } = task
  const subject = task.suspect?.unit ?? null
  const rest = { step: step.name, subject, stdout, stderr: '', droppedBytes, startedAtMs, durationMs }
  return fileReading(tools, task, file.path, { ...outcomeOfFile(file), ...rest })
}

const fileReading = (tools: Tools, task: Task, path: string, result: StepResult) =>
  readEvidence(tools, {
    step: task.step.name,
    subject: task.suspect?.unit ?? null,
    command: path,
    parser: task.step.parse ?? tools.parsers.findFileParser(path)?.id ?? null,
    pty: false,
    result,
  })

const outcomeOfFile = (file: FileResult): Outcome => {
  if (file.status === 'read') return { outcome: 'exited', exitCode: 0 }
  if (file.status === 'timed-out') return { outcome: 'timed-out' }
  if (file.status === 'failed') return { outcome: 'unknown', reason: file.reason }
  return { outcome: 'not-run', reason: `${file.status}: ${file.reason}` }
}
