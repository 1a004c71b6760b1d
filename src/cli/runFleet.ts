import { triageDocument } from '../app/diagnosisDocument.ts'
import { changesSomething } from '../app/change/changingSteps.ts'
import { UsageError } from '../domain/errors.ts'
import { runFleet } from '../app/fleet/fleet.ts'
import type { FleetEnd, FleetEvent, FleetRequest } from '../app/fleet/fleet.ts'
import { fleetExitCode, isUnseen, unseenDocument } from '../app/fleet/fleetDocument.ts'
import { savePage } from '../app/postmortem/savePage.ts'
import { findRunbook } from '../runbook/library.ts'
import { checkParameters } from '../runbook/parameters.ts'
import { createMedic } from '../wire.ts'
import type { Medic } from '../wire.ts'
import { createFleetProgress, hostLine, summaryLines } from './fleetView.ts'
import { painterFor } from './painter.ts'

export interface FleetOptions {
  readonly runbook: string
  readonly unit?: string
  readonly since?: string
  readonly json?: boolean
  readonly quiet?: boolean
  readonly acceptNewKey?: boolean
}

/** `medic triage --hosts …` and `medic runbook run NAME --hosts …`: one line a host as it ends, then a summary. */
export const runFleetCommand = async (
  expression: string,
  options: FleetOptions,
  extra: Readonly<Record<string, string>> = {},
): Promise<number> => {
  await using medic = await createMedic({ acceptNewKey: options.acceptNewKey === true })
  const hosts = medic.inventory.select(expression)
  const runbook = findRunbook(await medic.library(), options.runbook)
  if (changesSomething(runbook)) {
    throw new UsageError(`${runbook.id} changes hosts, and that is done on one host at a time`, {
      hint: `medic runbook run ${runbook.id} ${hosts[0]?.name ?? 'HOST'}`,
    })
  }
  const parameters = {
    ...extra,
    ...(options.unit === undefined ? {} : { unit: options.unit }),
    ...(options.since === undefined ? {} : { since: options.since }),
  }
  // A wrong parameter is one mistake of one person, not one failure a host.
  checkParameters(runbook, parameters, Date.now())
  return await printFleet(
    medic,
    { hosts, runbook, parameters, requestedBy: `${medic.settings.userName} (terminal)` },
    options,
  )
}

/** Runs and prints; also used to take up an interrupted run. */
export const printFleet = async (
  medic: Medic,
  request: FleetRequest,
  options: { readonly json?: boolean; readonly quiet?: boolean },
): Promise<number> => {
  const stop = new AbortController()
  const interrupt = (): void => stop.abort()
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  try {
    const end = await follow(medic, request, options, stop.signal)
    if (end.notStored !== null) process.stderr.write(`medic: not stored: ${end.notStored}\n`)
    if (end.run.state === 'cancelled') {
      process.stderr.write('medic: stopped early; this is what arrived\n')
      process.stderr.write(`hint: \`medic run resume ${end.run.id}\` looks at the rest\n`)
    }
    return fleetExitCode(end.hosts)
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

const follow = async (
  medic: Medic,
  request: FleetRequest,
  options: { readonly json?: boolean; readonly quiet?: boolean },
  signal: AbortSignal,
): Promise<FleetEnd> => {
  const painter = painterFor(process.stdout)
  const errorPainter = painterFor(process.stderr)
  const progress = createFleetProgress(process.stderr, errorPainter)
  const width = Math.max(...request.hosts.map((host) => host.name.length), 4)
  const counts = { total: 0, ended: 0, running: 0, unseen: 0 }
  const run = runFleet(await medic.fleetTools(), request, signal)
  let step = await run.next()
  while (!step.done) {
    const event: FleetEvent = step.value
    if (event.type === 'started') {
      counts.total = event.hosts.length
      counts.ended = event.hosts.filter((host) => host.state !== 'pending' && host.state !== 'running').length
      if (options.quiet !== true) process.stderr.write(`run: ${event.run.id}\n`)
    } else if (event.type === 'host-started') counts.running += 1
    else {
      counts.ended += 1
      counts.running = Math.max(0, counts.running - 1)
      if (isUnseen(event.host)) counts.unseen += 1
      progress.clear()
      if (options.json === true) process.stdout.write(`${JSON.stringify(documentOf(event))}\n`)
      else process.stdout.write(`${hostLine(event.host, width, painter)}\n`)
      await savePostmortem(medic, event)
    }
    if (options.quiet !== true) progress.show(counts)
    step = await run.next()
  }
  progress.clear()
  const to = options.json === true ? process.stderr : process.stdout
  const summary = summaryLines(step.value.hosts, options.json === true ? errorPainter : painter)
  if (options.json !== true || options.quiet !== true) to.write(`${summary.join('\n')}\n`)
  return step.value
}

const documentOf = ({ host, result }: Extract<FleetEvent, { type: 'host-ended' }>): Record<string, unknown> => {
  const base =
    result === null
      ? unseenDocument(host)
      : triageDocument(
          result.analysis.diagnosis,
          { host: host.host, run: result.run.id, incident: result.incident?.id ?? null },
          result.analysis.evidence,
        )
  return { ...base, state: host.state, error: host.error }
}

const savePostmortem = async (medic: Medic, { result }: Extract<FleetEvent, { type: 'host-ended' }>): Promise<void> => {
  if (result === null || result.incident === null || result.postmortem === null) return
  try {
    await savePage(medic.settings.home, `${result.incident.id}.md`, result.postmortem)
  } catch (error) {
    process.stderr.write(`medic: ${result.incident.id}: ${error instanceof Error ? error.message : String(error)}\n`)
  }
}
