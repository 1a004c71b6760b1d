import { ExpectedError } from '../domain/errors.ts'
import type { Evidence, StoredEvidence } from '../domain/evidence.ts'
import type { Host } from '../domain/host.ts'
import type { Incident } from '../domain/incident.ts'
import type { Run, RunEvent, RunState } from '../domain/run.ts'
import { bootIdParser } from '../parsers/bootId.ts'
import type { FactView } from '../parsers/facts.ts'
import { findFileParser, findParser } from '../parsers/registry.ts'
import { findSuspects } from '../rules/suspects.ts'
import { execute } from '../runbook/execute.ts'
import { checkParameters } from '../runbook/parameters.ts'
import type { ParameterValues } from '../runbook/parameters.ts'
import type { Clean } from '../runbook/reading.ts'
import type { Runbook } from '../runbook/runbook.ts'
import type { Store } from '../store/store.ts'
import type { Connection, Transport } from '../transports/transport.ts'
import { analyse } from './analyse.ts'
import type { Analysis } from './analyse.ts'
import { hashOf } from './hash.ts'
import { incidentOf } from './incidentOf.ts'
import { Journal } from './journal.ts'
import { draftPostmortem } from './postmortem/postmortem.ts'
import type { PostmortemTools } from './postmortem/postmortem.ts'
import { recordedSamples, sampleEvidence } from './trend/sampleEvidence.ts'

/** What a triage needs from outside; `wire.ts` gives it. */
export interface TriageTools extends PostmortemTools {
  readonly connect: Transport['connect']
  readonly clean: Clean
  /** Evidence of the run that is replayed: what Medic's store held then is in it, not in the store of today. */
  readonly recorded?: readonly StoredEvidence[]
  /** Null when the store could not be opened: triage still answers, and says so. */
  readonly store: Store | null
  readonly now: () => number
  readonly newRunId: (nowMs: number) => string
  readonly medicVersion: string
}

export interface TriageRequest {
  readonly host: Host
  readonly runbook: Runbook
  readonly parameters: Readonly<Record<string, string>>
  readonly requestedBy: string
  /** A run that ended in the middle: what it stored is not asked for again. Throws RunInterrupted on another boot. */
  readonly resume?: { readonly run: Run; readonly evidence: readonly StoredEvidence[] }
  /** Called once, just before the first step that changes something; what it throws ends the run, and nothing was changed. */
  readonly beforeChange?: (connection: Connection, signal: AbortSignal) => Promise<void>
}

export type TriageEvent =
  | { readonly type: 'started'; readonly run: Run }
  | { readonly type: 'connected'; readonly description: string }
  | RunEvent

export interface TriageResult {
  readonly run: Run
  readonly analysis: Analysis
  readonly incident: Incident | null
  readonly postmortem: string | null
  /** Why nothing or not everything was stored, null when all was. */
  readonly notStored: string | null
}

/**
 * One host, one runbook, from connection to postmortem. Yields progress, returns the result.
 * Every piece of evidence is stored before anything is said about it. Throws UnreachableError when there is no way in.
 */
export async function* triage(
  tools: TriageTools,
  request: TriageRequest,
  signal: AbortSignal,
): AsyncGenerator<TriageEvent, TriageResult> {
  const { host, runbook } = request
  const { resume } = request
  const startedAtMs = resume?.run.startedAtMs ?? tools.now()
  const parameters = checkParameters(runbook, resume?.run.parameters ?? request.parameters, startedAtMs)
  const journal = new Journal(tools.store)
  let run = resume?.run ?? newRun(tools, request, parameters, startedAtMs)
  if (resume === undefined) await journal.write((store) => store.createRun(run))
  yield { type: 'started', run }

  const evidence: Evidence[] = []
  let state: RunState = 'done'
  try {
    await using connection = await tools.connect(host, signal)
    yield { type: 'connected', description: connection.description }
    if (resume !== undefined) await checkBoot(connection, resume.evidence, signal)
    for await (const event of execute({
      runbook,
      parameters,
      connection,
      parsers: { findParser, findFileParser },
      clean: tools.clean,
      findSuspects,
      sudo: host.sudo,
      beforeChange: async (stop) => {
        if (request.beforeChange === undefined) return
        if (journal.problem !== null) throw new ExpectedError(`this run cannot be recorded (${journal.problem})`)
        await request.beforeChange(connection, stop)
      },
      ...(resume === undefined ? {} : { resumeFrom: resume.evidence }),
      signal,
      now: tools.now,
    })) {
      if (event.type === 'evidence') {
        evidence.push(event.evidence)
        await journal.write((store) => store.recordEvidence(run.id, withoutReading(event.evidence)))
      }
      yield event
    }
    if (signal.aborted) state = 'cancelled'
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const ended = error instanceof RunInterrupted ? 'interrupted' : 'failed'
    await journal.write((store) => store.finishRun(run.id, ended, tools.now(), { error: message }))
    throw error
  }

  evidence.sort((one, other) => Number(one.id.slice(1)) - Number(other.id.slice(1)))
  let analysis = analyse(evidence, run.window)
  const samples = await samplesFor(tools, run, analysis, journal)
  if (samples.length > 0) {
    const steps = samples.map(({ step, subject }) => ({ step, subject }))
    yield { type: 'phase', title: 'What Medic had sampled before', steps }
    for (const item of samples) {
      await journal.write((store) => store.recordEvidence(run.id, withoutReading(item)))
      yield { type: 'evidence', evidence: item }
    }
    analysis = analyse([...evidence, ...samples], run.window)
  }
  run = { ...run, state, endedAtMs: tools.now(), bootId: bootIdOf(analysis.facts) }
  return { ...(await keep(tools, run, analysis, journal)), notStored: journal.problem }
}

/** What Medic had measured before of the units to be judged: as evidence, so that it stays with the run. */
const samplesFor = async (
  tools: TriageTools,
  run: Run,
  { evidence, diagnosis }: Analysis,
  journal: Journal,
): Promise<readonly Evidence[]> => {
  const last = evidence.at(-1)
  const next = last === undefined ? 1 : Number(last.id.slice(1)) + 1
  const { findings } = diagnosis
  if (tools.recorded !== undefined) return recordedSamples(tools.clean, tools.recorded, { findings, next })
  const question = { host: run.host, findings, untilMs: run.startedAtMs, next }
  return (await journal.read((store) => sampleEvidence({ store, clean: tools.clean }, question))) ?? []
}

/** Writes the end of a run: the incident when there is one, the draft, and last the state, which says that all is there. */
const keep = async (
  tools: TriageTools,
  run: Run,
  analysis: Analysis,
  journal: Journal,
): Promise<Omit<TriageResult, 'notStored'>> => {
  const incident = incidentOf(run, analysis.diagnosis)
  const finish = (): Promise<void> =>
    journal.write((store) => store.finishRun(run.id, run.state, run.endedAtMs ?? tools.now(), { bootId: run.bootId }))
  if (incident === null) {
    await finish()
    return { run, analysis, incident, postmortem: null }
  }
  const evidenceHash = hashOf(analysis.evidence.map(withoutReading))
  const earlier = await journal.read((store) =>
    store.listIncidents({ host: incident.host, ...(incident.unit === null ? {} : { unit: incident.unit }), limit: 6 }),
  )
  const postmortem = draftPostmortem(tools, {
    run,
    incident,
    analysis,
    evidenceHash,
    earlier: earlier?.filter((other) => other.id !== incident.id) ?? null,
    actions: [],
  })
  await journal.write(async (store) => {
    await store.createIncident(incident)
    await store.savePostmortem(incident.id, postmortem, run.endedAtMs ?? tools.now())
  })
  await finish()
  return { run, analysis, incident, postmortem }
}

const newRun = (tools: TriageTools, request: TriageRequest, parameters: ParameterValues, startedAtMs: number): Run => ({
  id: tools.newRunId(startedAtMs),
  runbook: request.runbook.id,
  runbookHash: request.runbook.hash,
  host: request.host.name,
  parameters: parameters.values,
  state: 'running',
  requestedBy: request.requestedBy,
  startedAtMs,
  endedAtMs: null,
  window: parameters.window,
  bootId: null,
  error: null,
})

export const BOOT_ID_PATH = '/proc/sys/kernel/random/boot_id'

/** Half a run before a reboot and half of it after would tell a story that never happened. */
const checkBoot = async (
  connection: Connection,
  evidence: readonly StoredEvidence[],
  signal: AbortSignal,
): Promise<void> => {
  const before = evidence.find((item) => item.command === BOOT_ID_PATH)?.result.stdout.trim() ?? ''
  const limits = { limit: { bytes: 256, keep: 'head' as const }, timeoutMs: 10_000 }
  let now = ''
  for await (const file of connection.readFiles([BOOT_ID_PATH], limits, signal)) now = file.text.trim()
  if (before === '' || before !== now)
    throw new RunInterrupted(
      before === '' || now === '' ? 'it is not known whether the host booted since' : 'the host booted since',
    )
}

/** A run cannot be taken up where it ended. */
export class RunInterrupted extends ExpectedError {}

const bootIdOf = (facts: FactView): string | null => facts.all(bootIdParser).at(-1)?.facts.bootId ?? null

/** Evidence as it is kept: facts are always read anew. */
export const withoutReading = ({ reading: _reading, ...stored }: Evidence): StoredEvidence => stored
