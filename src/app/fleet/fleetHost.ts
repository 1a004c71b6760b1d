import { ExpectedError, UnreachableError } from '../../domain/errors.ts'
import { stateOfReason } from '../../domain/fleetRun.ts'
import type { FleetHost } from '../../domain/fleetRun.ts'
import type { Evidence } from '../../domain/evidence.ts'
import type { Host } from '../../domain/host.ts'
import type { Run } from '../../domain/run.ts'
import type { Runbook } from '../../runbook/runbook.ts'
import { analyseStored } from '../analyse.ts'
import { changesSomething } from '../change/changingSteps.ts'
import { incidentOf } from '../incidentOf.ts'
import { RunInterrupted, triage } from '../triage.ts'
import type { TriageEvent, TriageResult, TriageTools } from '../triage.ts'
import { limitTime } from '../../domain/timeLimit.ts'

/** Login, a second try and the last words of steps that were stopped, beside the runbook's own time limit. */
export const BESIDE_THE_RUNBOOK_MS = 45_000
/** What ignores its signal for this long is left behind; our choice. */
const GRACE_MS = 5_000
/** security-reliability.md section 10: a read-only run is taken up again within this time. */
const RESUME_WITHIN_MS = 10 * 60_000

export interface FleetHostRequest {
  readonly host: Host
  readonly runbook: Runbook
  readonly parameters: Readonly<Record<string, string>>
  readonly requestedBy: string
  /** The row an earlier process left. */
  readonly prior: FleetHost
  /** Longest time for this host, null for what the runbook needs. */
  readonly deadlineMs: number | null
}

export interface FleetHostWatcher {
  /** The row changed; stored before anything is said about it. */
  readonly save: (row: FleetHost) => Promise<void>
  readonly heard: () => void
}

export interface FleetHostEnd {
  readonly row: FleetHost
  /** The whole look, for whoever prints it now; null when there is none, or when it is older. */
  readonly result: TriageResult | null
}

export const deadlineOf = (request: FleetHostRequest): number =>
  request.deadlineMs ?? request.runbook.timeoutMs + BESIDE_THE_RUNBOOK_MS

/** One host of a fleet run, from its row to its end. Never throws: whatever happens is this host's result. */
export const runFleetHost = async (
  tools: TriageTools,
  request: FleetHostRequest,
  watcher: FleetHostWatcher,
  signal: AbortSignal,
): Promise<FleetHostEnd> => {
  using limit = limitTime(signal, deadlineOf(request))
  const look = new Look(request, watcher, signal, limit.over)
  const guard = leftBehind(limit.signal)
  try {
    return await Promise.race([look.run(tools, limit.signal), guard.passed.then(() => look.cutShort())])
  } finally {
    guard.release()
  }
}

/** A transport or a file system call that ignores its signal must not keep the whole run waiting. */
const leftBehind = (stop: AbortSignal): { readonly passed: Promise<void>; readonly release: () => void } => {
  let timer: NodeJS.Timeout | undefined
  let wait = (): void => {}
  const passed = new Promise<void>((resolve) => {
    wait = () => {
      timer = setTimeout(resolve, GRACE_MS)
    }
    if (stop.aborted) wait()
    else stop.addEventListener('abort', wait, { once: true })
  })
  return {
    passed,
    // A listener that stays would keep this host's evidence in memory for as long as the fleet run lasts.
    release: () => {
      clearTimeout(timer)
      stop.removeEventListener('abort', wait)
    },
  }
}

class Look {
  #row: FleetHost
  readonly #done = new Set<string>()
  readonly #request: FleetHostRequest
  readonly #watcher: FleetHostWatcher
  readonly #cancelled: AbortSignal
  readonly #deadline: AbortSignal

  constructor(request: FleetHostRequest, watcher: FleetHostWatcher, cancelled: AbortSignal, deadline: AbortSignal) {
    this.#request = request
    this.#watcher = watcher
    this.#cancelled = cancelled
    this.#deadline = deadline
    this.#row = { ...request.prior, state: 'running', error: null }
  }

  async run(tools: TriageTools, stop: AbortSignal): Promise<FleetHostEnd> {
    try {
      const kept = await this.#takeUp(tools)
      if (kept !== null && 'row' in kept) return kept
      return await this.#triage(tools, kept, stop)
    } catch (error) {
      return { row: { ...this.#row, ...this.#endOfError(error) }, result: null }
    }
  }

  /** The row of a host that did not end by itself. */
  cutShort(): FleetHostEnd {
    return { row: { ...this.#row, ...this.#endOfStop() }, result: null }
  }

  /** What an earlier process left: a finished result, a run to go on with, or nothing. */
  async #takeUp(tools: TriageTools): Promise<FleetHostEnd | { readonly resume: Run } | null> {
    const { prior, runbook } = this.#request
    if (prior.runId === null || tools.store === null) return null
    const run = await tools.store.findRun(prior.runId)
    if (run === undefined) return null
    if (run.state === 'done') {
      const { diagnosis } = analyseStored(await tools.store.readEvidence(run.id), run.window)
      return { row: { ...this.#row, ...endOfLook(run, diagnosis), state: 'done' }, result: null }
    }
    if (changesSomething(runbook)) {
      const error = 'Medic ended while this host was being changed; look at it before you run it again'
      return { row: { ...this.#row, state: 'interrupted', error }, result: null }
    }
    if (run.state !== 'running') return null
    const isFresh = tools.now() - run.startedAtMs < RESUME_WITHIN_MS && run.runbookHash === runbook.hash
    if (isFresh) return { resume: run }
    await tools.store.finishRun(run.id, 'interrupted', tools.now(), { error: 'Medic ended in the middle' })
    return null
  }

  async #triage(tools: TriageTools, kept: { readonly resume: Run } | null, stop: AbortSignal): Promise<FleetHostEnd> {
    const { host, runbook, parameters, requestedBy } = this.#request
    const runId = kept?.resume.id ?? tools.newRunId(tools.now())
    // The row names the run before the run exists, so that no run is ever without its row.
    await this.#save({ runId })
    const evidence = kept === null ? [] : await tools.store?.readEvidence(kept.resume.id)
    const resume = kept === null ? {} : { resume: { run: kept.resume, evidence: evidence ?? [] } }
    const run = triage({ ...tools, newRunId: () => runId }, { host, runbook, parameters, requestedBy, ...resume }, stop)
    try {
      let step = await run.next()
      while (!step.done) {
        await this.#watch(step.value)
        step = await run.next()
      }
      return { row: { ...this.#row, ...this.#endOf(step.value) }, result: step.value }
    } catch (error) {
      if (!(error instanceof RunInterrupted) || stop.aborted) throw error
      return this.#triage(tools, null, stop)
    }
  }

  async #watch(event: TriageEvent): Promise<void> {
    this.#watcher.heard()
    if (event.type === 'phase') {
      await this.#save({ stepsTotal: this.#row.stepsTotal + event.steps.length, stepsDone: this.#done.size })
    } else if (event.type === 'evidence') {
      this.#done.add(JSON.stringify([event.evidence.step, event.evidence.subject]))
      this.#row = { ...this.#row, stepsDone: this.#done.size }
    } else if (event.type === 'started') this.#row = { ...this.#row, stepsTotal: 0, stepsDone: 0 }
  }

  async #save(changes: Partial<FleetHost>): Promise<void> {
    this.#row = { ...this.#row, ...changes }
    await this.#watcher.save(this.#row)
  }

  #endOf({ run, analysis, incident }: TriageResult): Partial<FleetHost> {
    const end = { ...endOfLook(run, analysis.diagnosis), incident: incident?.id ?? null }
    if (run.state === 'cancelled') return { ...end, ...this.#endOfStop() }
    const silence = whySilent(analysis.evidence, this.#request.runbook.timeoutMs)
    return silence === null ? { ...end, state: 'done' } : { ...end, state: 'timed-out', error: silence }
  }

  #endOfStop(): Partial<FleetHost> {
    if (this.#cancelled.aborted) return { state: 'cancelled', error: 'stopped before it ended' }
    const seconds = Math.round(deadlineOf(this.#request) / 1000)
    return { state: 'timed-out', error: `not done within ${seconds} s` }
  }

  #endOfError(error: unknown): Partial<FleetHost> {
    if (this.#cancelled.aborted || this.#deadline.aborted) return this.#endOfStop()
    if (error instanceof UnreachableError) return { state: stateOfReason(error.reason), error: error.message }
    if (error instanceof ExpectedError) return { state: 'refused', error: error.message }
    // One host's surprise must not take the others' results away; it is named as what it is.
    return { state: 'interrupted', error: `a bug of ours: ${error instanceof Error ? error.message : String(error)}` }
  }
}

const endOfLook = (run: Run, diagnosis: TriageResult['analysis']['diagnosis']): Partial<FleetHost> => {
  const incident = incidentOf(run, diagnosis)
  return {
    incident: incident?.id ?? null,
    findings: diagnosis.findings.length,
    verdict: incident?.title ?? null,
    isBlind: diagnosis.findings.length === 0 && diagnosis.decisiveBlind,
  }
}

/** Why a look that ended is no look: the time was over, or nothing answered at all. */
const whySilent = (evidence: readonly Evidence[], limitMs: number): string | null => {
  const isCut = evidence.some(
    ({ result }) => result.outcome === 'not-run' && result.reason.startsWith("the run's time limit"),
  )
  if (isCut) return `the time limit of ${limitMs / 1000} s was reached; what arrived is kept`
  const isSilent = evidence.length > 0 && evidence.every(({ result }) => result.outcome !== 'exited')
  return isSilent ? 'the login worked, and then no step gave an answer' : null
}
