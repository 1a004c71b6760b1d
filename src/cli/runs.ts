import { setTimeout } from 'node:timers/promises'
import { UsageError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { changesSomething } from '../app/change/changingSteps.ts'
import { fleetExitCode, runBody } from '../app/fleet/fleetDocument.ts'
import { cancelRun, listRunViews, openRows, viewRun } from '../app/fleet/runView.ts'
import type { RunView } from '../app/fleet/runView.ts'
import { findRunbook } from '../runbook/library.ts'
import { createMedic } from '../wire.ts'
import type { Medic } from '../wire.ts'
import { hostLine, summaryLines } from './fleetView.ts'
import { painterFor } from './painter.ts'
import { printFleet } from './runFleet.ts'
import { printTriage } from './runTriage.ts'

const SCHEMA = 'medic.run/1'
/** How long `cancel` waits for the other process to write what arrived. */
const CANCEL_WAIT_MS = 15_000

interface Options {
  readonly json?: boolean
}

export const listRuns = async (options: Options & { readonly limit: number }): Promise<number> => {
  await using medic = await createMedic({})
  const views = await listRunViews(await medic.openStore(), options.limit, Date.now())
  if (options.json === true) {
    const runs = views.map(({ run, state, hosts }) => runBody(run, state, hosts))
    process.stdout.write(`${JSON.stringify({ schema: SCHEMA, runs })}\n`)
    return 0
  }
  if (views.length === 0) process.stdout.write('no runs yet: `medic triage` makes the first\n')
  for (const { run, state, hosts } of views) {
    const ended = hosts.filter((host) => host.state !== 'pending' && host.state !== 'running').length
    const [first] = hosts
    const about = hosts.length === 1 ? (first?.host ?? '') : `${ended}/${hosts.length} hosts`
    process.stdout.write(`${run.id}  ${state.padEnd(11)}  ${run.runbook}  ${about}\n`)
  }
  return 0
}

export const showRun = async (id: string, options: Options): Promise<number> => {
  await using medic = await createMedic({})
  print(await viewRun(await medic.openStore(), id, Date.now()), options)
  return 0
}

const print = ({ run, state, hosts }: RunView, options: Options): void => {
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ schema: SCHEMA, ...runBody(run, state, hosts) })}\n`)
    return
  }
  const painter = painterFor(process.stdout)
  const width = Math.max(...hosts.map((host) => host.host.length), 4)
  const ended = run.endedAtMs === null ? '' : `, ended ${new Date(run.endedAtMs).toISOString()}`
  const lines = [
    `${run.id}: ${state}`,
    `${run.runbook}, started ${new Date(run.startedAtMs).toISOString()}${ended}, by ${run.requestedBy}`,
    '',
    ...hosts.map((host) =>
      host.state === 'pending' || host.state === 'running'
        ? `${host.host.padEnd(width)}  ${host.state}${host.stepsTotal > 0 ? ` ${host.stepsDone}/${host.stepsTotal} steps` : ''}`
        : hostLine(host, width, painter),
    ),
    '',
    ...summaryLines(hosts, painter),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** Goes on where an earlier process ended: by hand, since a person has seen that it did. */
export const resumeRun = async (id: string, options: Options & { readonly quiet?: boolean }): Promise<number> => {
  await using medic = await createMedic({})
  const store = await medic.openStore()
  const view = await viewRun(store, id, Date.now())
  if (view.state === 'running')
    throw new UsageError(`${view.run.id}: it is running`, { hint: `\`medic run cancel ${view.run.id}\` stops it` })
  if (view.state === 'done' && (view.isFleet || view.hosts[0]?.state === 'done')) {
    process.stderr.write(`medic: ${view.run.id} is done; nothing is left to do\n`)
    print(view, options)
    return fleetExitCode(view.hosts)
  }
  const runbook = findRunbook(await medic.library(), view.run.runbook)
  if (view.isFleet) {
    const { run } = view
    const rows = openRows(view.hosts)
    return await printFleet(
      medic,
      {
        hosts: knownHosts(
          medic,
          rows.map((row) => row.host),
        ),
        runbook,
        parameters: run.parameters,
        requestedBy: run.requestedBy,
        resume: { run, hosts: rows },
      },
      options,
    )
  }
  const run = await store.findRun(id)
  if (run === undefined) return 2
  const evidence = await store.readEvidence(id)
  const request = {
    host: medic.inventory.find(run.host),
    runbook,
    parameters: run.parameters,
    requestedBy: run.requestedBy,
  }
  if (changesSomething(runbook))
    throw new UsageError(`${id}: it was changing ${run.host}`, { hint: 'look at the host, then run it anew' })
  const resume = run.runbookHash === runbook.hash ? { resume: { run, evidence } } : {}
  return await printTriage(medic, { ...request, ...resume }, options)
}

/** Hosts that are still known; the others end as interrupted, by name. */
const knownHosts = (medic: Medic, names: readonly string[]): readonly Host[] =>
  names.flatMap((name) => {
    try {
      return [medic.inventory.find(name)]
    } catch {
      return []
    }
  })

export const stopRun = async (id: string, options: Options): Promise<number> => {
  await using medic = await createMedic({})
  const store = await medic.openStore()
  let view = await viewRun(store, id, Date.now())
  const answer = await cancelRun(store, view, Date.now())
  if (answer === 'ended') process.stderr.write(`medic: ${view.run.id} had ended already: ${view.state}\n`)
  const deadline = performance.now() + CANCEL_WAIT_MS
  view = await viewRun(store, id, Date.now())
  while (view.state === 'running' && performance.now() < deadline) {
    await setTimeout(200)
    view = await viewRun(store, id, Date.now())
  }
  print(view, options)
  if (view.state !== 'running') return 0
  process.stderr.write('medic: it was asked to stop and has not yet; `medic run show` tells when\n')
  return 2
}
