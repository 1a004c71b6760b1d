import { exitCodeOf, triageDocument } from '../app/diagnosisDocument.ts'
import { hold } from '../app/holder.ts'
import type { Hold } from '../app/holder.ts'
import { triage } from '../app/triage.ts'
import type { TriageRequest, TriageResult } from '../app/triage.ts'
import { missingUnit } from '../app/missingUnit.ts'
import { savePage } from '../app/postmortem/savePage.ts'
import { findRunbook } from '../runbook/library.ts'
import { createMedic } from '../wire.ts'
import type { Medic } from '../wire.ts'
import { askConsent } from './consent.ts'
import { painterFor } from './painter.ts'
import { createProgress } from './progress.ts'
import { reportText } from './reportText.ts'

export interface TriageOptions {
  readonly unit?: string
  readonly since?: string
  readonly runbook: string
  readonly json?: boolean
  readonly acceptNewKey?: boolean
  readonly explain?: boolean
  readonly quiet?: boolean
  readonly approve?: boolean
  readonly hosts?: string
}

/** `medic triage` and `medic runbook run`: one host, progress on standard error, the answer on standard output. */
export const runTriage = async (
  hostName: string,
  options: TriageOptions,
  extra: Readonly<Record<string, string>> = {},
): Promise<number> => {
  await using medic = await createMedic({ acceptNewKey: options.acceptNewKey === true })
  const host = medic.inventory.find(hostName)
  const runbook = findRunbook(await medic.library(), options.runbook)
  const request = {
    host,
    runbook,
    parameters: { ...extra, ...given('unit', options.unit), ...given('since', options.since) },
    requestedBy: `${medic.settings.userName} (terminal)`,
  }
  const consent = await askConsent(medic, request, options.approve === true)
  try {
    const beforeChange = consent === null ? {} : { beforeChange: consent.beforeChange }
    return await printTriage(medic, { ...request, ...beforeChange }, options)
  } finally {
    await consent?.[Symbol.asyncDispose]()
  }
}

/** Runs and prints; also used to take up an interrupted run. */
export const printTriage = async (
  medic: Medic,
  request: TriageRequest,
  options: Pick<TriageOptions, 'json' | 'quiet' | 'explain'>,
): Promise<number> => {
  const { host } = request
  const stop = new AbortController()
  const interrupt = (): void => stop.abort()
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  const painter = painterFor(process.stderr)
  const progress = options.quiet === true ? null : createProgress(process.stderr, painter, host.name)
  let held: Hold | undefined
  try {
    const tools = await medic.triageTools(host)
    const runId = request.resume?.run.id ?? tools.newRunId(tools.now())
    held = tools.store === null ? undefined : await hold(tools.store, runId, Date.now).catch(() => undefined)
    const signal = held === undefined ? stop.signal : AbortSignal.any([stop.signal, held.signal])
    const run = triage({ ...tools, newRunId: () => runId }, request, signal)
    let step = await run.next()
    while (!step.done) {
      progress?.show(step.value)
      step = await run.next()
    }
    progress?.close()
    return await print(step.value, medic.settings.home, options)
  } finally {
    progress?.close()
    await held?.[Symbol.asyncDispose]()
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

const given = (name: string, value: string | undefined): Record<string, string> =>
  value === undefined ? {} : { [name]: value }

const print = async (
  result: TriageResult,
  home: string,
  options: Pick<TriageOptions, 'json' | 'explain'>,
): Promise<number> => {
  const { run, analysis, incident, postmortem } = result
  let path: string | null = null
  let notStored = result.notStored
  if (incident !== null && postmortem !== null) {
    try {
      path = await savePage(home, `${incident.id}.md`, postmortem)
    } catch (error) {
      notStored ??= error instanceof Error ? error.message : String(error)
    }
  }
  if (options.json === true) {
    const ids = { host: run.host, run: run.id, incident: incident?.id ?? null }
    process.stdout.write(`${JSON.stringify(triageDocument(analysis.diagnosis, ids, analysis.evidence))}\n`)
  } else {
    process.stdout.write(
      reportText(
        {
          host: run.host,
          diagnosis: analysis.diagnosis,
          evidence: analysis.evidence,
          incident,
          postmortemPath: path,
          durationMs: (run.endedAtMs ?? run.startedAtMs) - run.startedAtMs,
          notes: [],
        },
        options.explain === true,
      ),
    )
  }
  if (notStored !== null) process.stderr.write(`medic: not stored: ${notStored}\n`)
  const unit = run.parameters['unit'] ?? ''
  const missing = unit === '' ? null : missingUnit(analysis.facts, unit)
  if (missing !== null) {
    process.stderr.write(`medic: there is no unit "${unit}" on ${run.host}\n`)
    if (missing.near.length > 0) process.stderr.write(`hint: did you mean ${missing.near.join(', ')}?\n`)
    if (exitCodeOf(analysis.diagnosis) === 0) return 64
  }
  if (run.state === 'cancelled') {
    process.stderr.write('medic: stopped early; this is what arrived\n')
    return Math.max(2, exitCodeOf(analysis.diagnosis))
  }
  return exitCodeOf(analysis.diagnosis)
}
