import type { Evidence, EvidenceId, StoredEvidence } from '../domain/evidence.ts'
import type { RunEvent, Suspect } from '../domain/run.ts'
import type { FileResult, Outcome, StepResult } from '../domain/step.ts'
import { factsFrom, type FactView } from '../parsers/facts.ts'
import type { Connection } from '../transports/transport.ts'
import { changes, failedChange, wavesOf } from './changeOrder.ts'
import { launch } from './flight.ts'
import { merge } from './merge.ts'
import { Numbering } from './numbering.ts'
import type { ParameterValues } from './parameters.ts'
import { comparePaths, isOpenEnded, pathsOf } from './prepare.ts'
import { isPresent } from './presence.ts'
import { readEvidence, type Clean, type OnScreen } from './reading.ts'
import { blankResult, fileEvidence, stepEvidence, unreadFile, type ParserSet, type Task } from './task.ts'
import type { Phase, Runbook, RunbookStep } from './runbook.ts'
import { chooseSuspects } from './suspicion.ts'
import { limitTime } from '../domain/timeLimit.ts'

export interface Execution {
  readonly runbook: Runbook
  readonly parameters: ParameterValues
  readonly connection: Connection
  readonly parsers: ParserSet
  /** Control bytes and secrets taken out; called on everything before it goes anywhere. */
  readonly clean: Clean
  readonly findSuspects: (facts: FactView) => readonly Suspect[]
  /** The host's inventory entry allows `sudo -n`. */
  readonly sudo?: boolean
  /** Evidence of an interrupted run of the same runbook: its steps are not run again. */
  readonly resumeFrom?: readonly StoredEvidence[]
  /** Called once, just before the first step that changes something; what it throws ends the run, and nothing was changed. */
  readonly beforeChange?: (signal: AbortSignal) => Promise<void>
  /** Receives the cells of a pty step, for a picture; already clean. */
  readonly onScreen?: OnScreen
  readonly signal: AbortSignal
  /** Clock for steps that never started. */
  readonly now: () => number
  /** How long a cancelled or overlong run waits for results on their way. */
  readonly graceMs?: number
}

/** Time for a transport to hand over the text of steps it has just stopped. */
const DEFAULT_GRACE_MS = 2_500

/**
 * Runs a runbook on a host and tells what happens. Each step ends in evidence, whatever becomes of it: cut steps keep
 * their text, cancelled ones say `not-run`. Within a phase everything that only reads starts together; steps that change
 * something go one by one, and none after one that failed. Numbers follow the runbook.
 */
export async function* execute(execution: Execution): AsyncGenerator<RunEvent> {
  const { runbook } = execution
  using limit = limitTime(execution.signal, runbook.timeoutMs)
  const state: State = {
    execution,
    signal: limit.signal,
    why: () =>
      execution.signal.aborted ? 'cancelled' : `the run's time limit of ${runbook.timeoutMs / 1000} s is reached`,
    evidence: [],
    suspects: [],
    next: 1,
    isChanging: false,
  }
  for (const phase of runbook.phases) {
    yield* runPhase(state, phase)
    const suspects = findSuspects(state)
    const changed = JSON.stringify(suspects) !== JSON.stringify(state.suspects)
    state.suspects = suspects
    if (changed) yield { type: 'suspects', suspects }
  }
}

interface State {
  readonly execution: Execution
  readonly signal: AbortSignal
  readonly why: () => string
  readonly evidence: Evidence[]
  suspects: readonly Suspect[]
  next: number
  isChanging: boolean
}

const viewOf = (state: State): FactView => factsFrom(state.evidence, state.execution.parameters.window)

const findSuspects = (state: State): readonly Suspect[] =>
  chooseSuspects(state.execution.parameters.values['unit'], state.execution.findSuspects(viewOf(state)), state.evidence)

async function* runPhase(state: State, phase: Phase): AsyncGenerator<RunEvent> {
  const numbering = new Numbering(state.next)
  const view = viewOf(state)
  const tasks = phase.steps
    .filter((step) => step.when === null || isPresent(step.when, view) !== false)
    .flatMap((step) =>
      step.each === null
        ? [taskOf(state, step, null, numbering)]
        : state.suspects.map((suspect) => taskOf(state, step, suspect, numbering)),
    )
  // A phase for a case that is not the case is not worth a word.
  if (tasks.length === 0 && phase.steps.every((step) => step.when !== null)) return
  yield {
    type: 'phase',
    title: phase.title,
    steps: tasks.map((task) => ({ step: task.step.name, subject: task.suspect?.unit ?? null })),
  }
  const emit = function* (): Generator<RunEvent> {
    for (const evidence of numbering.ready()) {
      state.evidence.push(evidence)
      yield { type: 'evidence', evidence }
    }
  }
  const open = new Set<Task>()
  for (const task of tasks) {
    if (!(await resume(state, numbering, task))) open.add(task)
  }
  yield* emit()

  for (const wave of wavesOf(tasks)) {
    const own = new Set(wave.filter((task) => open.has(task)))
    const failed = wave.some(changes) ? failedChange(state.execution.runbook, state.evidence) : null
    if (failed === null && own.size > 0 && wave.some(changes) && !state.isChanging) {
      await state.execution.beforeChange?.(state.signal)
      state.isChanging = true
    }
    if (failed === null) yield* runWave(state, numbering, own, emit)
    else
      for (const task of own)
        await settle(state, numbering, task, { outcome: 'not-run', reason: `${failed} did not end well before it` })
    yield* emit()
  }
  state.next = numbering.next
  state.evidence.sort((one, other) => Number(one.id.slice(1)) - Number(other.id.slice(1)))
}

async function* runWave(
  state: State,
  numbering: Numbering,
  open: Set<Task>,
  emit: () => Generator<RunEvent>,
): AsyncGenerator<RunEvent> {
  const { evidence, signal } = state
  const flight = launch(open, { ...state.execution, evidence, signal })
  for (const task of flight.started) {
    yield { type: 'step-started', step: task.step.name, subject: task.suspect?.unit ?? null }
  }
  const grace = state.execution.graceMs ?? DEFAULT_GRACE_MS
  for await (const merged of merge(
    flight.sources.map((source) => source.stream),
    state.signal,
    grace,
  )) {
    const source = flight.sources[merged.source]
    if (source === undefined) continue
    if (merged.type === 'end') {
      for (const task of source.tasks)
        if (open.delete(task)) await settle(state, numbering, task, endOf(state, merged.error))
    } else if (merged.item.kind === 'file') {
      const [task] = source.tasks
      if (task !== undefined && open.has(task)) await acceptFile(state, numbering, task, merged.item.file)
    } else {
      const { result } = merged.item
      const task = source.tasks.find((one) => open.has(one) && isAbout(one, result))
      if (task === undefined) continue
      open.delete(task)
      numbering.place(task.slot, 0, await stepEvidence(state.execution, task, result))
    }
    yield* emit()
  }
  for (const task of open) await settle(state, numbering, task, notStarted(state, flight.reasons.get(task)))
}

const isAbout = (task: Task, result: StepResult): boolean =>
  task.step.name === result.step && (task.suspect?.unit ?? null) === result.subject

const taskOf = (state: State, step: RunbookStep, suspect: Suspect | null, numbering: Numbering): Task => {
  const paths = step.kind === 'files' ? pathsOf(step, suspect, state.evidence) : null
  const patterns = paths !== null && 'paths' in paths ? paths.paths : []
  const count = step.kind === 'sh' ? 1 : isOpenEnded(step) ? null : Math.max(patterns.length, 1)
  return { step, suspect, slot: numbering.reserve(count), answered: new Set(), patterns, found: [] }
}

const acceptFile = async (state: State, numbering: Numbering, task: Task, file: FileResult): Promise<void> => {
  if (task.answered.has(file.path)) return
  if (isOpenEnded(task.step)) {
    task.answered.add(file.path)
    if (!(task.step.optional && file.status === 'missing')) task.found.push(file)
    return
  }
  const position = task.patterns.indexOf(file.path)
  if (position === -1) return
  task.answered.add(file.path)
  numbering.place(task.slot, position, await fileEvidence(state.execution, task, file))
}

/** Ends a task: what arrived gets its numbers, what did not gets an outcome that says why. */
const settle = async (state: State, numbering: Numbering, task: Task, outcome: Outcome): Promise<void> => {
  if (task.step.kind === 'sh') {
    numbering.place(
      task.slot,
      0,
      await stepEvidence(state.execution, task, blankResult(state.execution, task, outcome)),
    )
    return
  }
  if (!isOpenEnded(task.step)) {
    const paths = task.patterns.length === 0 ? [task.step.body] : task.patterns
    for (const [position, path] of paths.entries()) {
      if (task.answered.has(path)) continue
      numbering.place(task.slot, position, await unreadFile(state.execution, task, path, outcome))
    }
    return
  }
  const order = comparePaths(task.patterns)
  const found = task.found.toSorted((one, other) => order(one.path, other.path))
  for (const [position, file] of found.entries()) {
    numbering.place(task.slot, position, await fileEvidence(state.execution, task, file))
  }
  // Silence about files that may be missing is no news, unless the reading was cut short.
  const cut = !task.step.optional && outcome.outcome !== 'exited'
  if (cut) numbering.place(task.slot, found.length, await unreadFile(state.execution, task, task.step.body, outcome))
  numbering.settle(task.slot, found.length + (cut ? 1 : 0))
}

/** How a task that got no answer ended, now that its stream is over. */
const endOf = (state: State, error: unknown): Outcome => {
  if (state.signal.aborted) return { outcome: 'not-run', reason: state.why() }
  if (error !== null) {
    return {
      outcome: 'unknown',
      reason: `the connection failed: ${error instanceof Error ? error.message : 'unknown error'}`,
    }
  }
  return { outcome: 'exited', exitCode: 0 }
}

const notStarted = (state: State, reason: string | undefined): Outcome => ({
  outcome: 'not-run',
  reason: reason ?? (state.signal.aborted ? state.why() : 'the host gave no answer'),
})

/** Takes over what an interrupted run had stored of a task; false when the task has to run. */
const resume = async (state: State, numbering: Numbering, task: Task): Promise<boolean> => {
  const stored = state.execution.resumeFrom ?? []
  const subject = task.suspect?.unit ?? null
  const own = stored.filter((one) => one.step === task.step.name && one.subject === subject)
  if (own.length === 0) return false
  if (task.step.kind === 'files' && isOpenEnded(task.step)) {
    // Later numbers are given only once the size of an open-ended step is known.
    const last = Math.max(...own.map(numberOf))
    if (!stored.some((one) => numberOf(one) > last)) return false
    numbering.settle(task.slot, own.length)
  } else if (own.length < task.patterns.length) return false
  for (const [position, one] of own.toSorted((a, b) => numberOf(a) - numberOf(b)).entries()) {
    numbering.place(
      task.slot,
      position,
      await readEvidence(state.execution, { ...one, pty: false, optional: task.step.optional }),
    )
  }
  return true
}

const numberOf = (evidence: { readonly id: EvidenceId }): number => Number(evidence.id.slice(1))
