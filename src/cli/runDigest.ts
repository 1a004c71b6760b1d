import { writeFile } from 'node:fs/promises'
import { DIGEST_RUNBOOK, makeDigest } from '../app/digest/digest.ts'
import type { DigestEnd, DigestRequest } from '../app/digest/digest.ts'
import { digestPageName, publishDigest } from '../app/digest/digestPage.ts'
import { thresholdsWith } from '../app/digest/digestThresholds.ts'
import { isUnseen } from '../app/fleet/fleetDocument.ts'
import { savePage } from '../app/postmortem/savePage.ts'
import { UsageError } from '../domain/errors.ts'
import { renderDigestPage } from '../render/digest/digestPage.ts'
import { renderDigestText } from '../render/digest/digestText.ts'
import { findRunbook } from '../runbook/library.ts'
import { createMedic } from '../wire.ts'
import type { Medic } from '../wire.ts'
import { createFleetProgress } from './fleetView.ts'
import { painterFor } from './painter.ts'

export interface DigestOptions {
  readonly hosts: string
  readonly name?: string
  /** True for all targets, else their names. */
  readonly publish?: true | string
  readonly page?: string
  readonly json?: boolean
  readonly quiet?: boolean
}

/** `medic digest`: the message on standard output, the full report in a file. */
export const runDigest = async (options: DigestOptions): Promise<number> => {
  await using medic = await createMedic({})
  const hosts = medic.inventory.select(options.hosts)
  const setting = medic.settings.fleet.digests.find(({ hosts: asked }) => asked === options.hosts)
  const request: DigestRequest = {
    name: nameOf(options.name ?? setting?.name ?? options.hosts),
    expression: options.hosts,
    hosts,
    runbook: findRunbook(await medic.library(), DIGEST_RUNBOOK),
    thresholds: thresholdsWith(medic.settings.fleet.thresholds),
    requestedBy: `${medic.settings.userName} (terminal)`,
  }
  const stop = new AbortController()
  const interrupt = (): void => stop.abort()
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  try {
    return await print(medic, await follow(medic, request, options, stop.signal), options, stop.signal)
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

const nameOf = (text: string): string => text.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 80)

const follow = async (
  medic: Medic,
  request: DigestRequest,
  options: DigestOptions,
  signal: AbortSignal,
): Promise<DigestEnd> => {
  const progress = createFleetProgress(process.stderr, painterFor(process.stderr))
  const counts = { total: request.hosts.length, ended: 0, running: 0, unseen: 0 }
  const run = makeDigest(await medic.fleetTools(), request, signal)
  let step = await run.next()
  while (!step.done) {
    const event = step.value
    if (event.type === 'host-started') counts.running += 1
    if (event.type === 'host-ended') {
      counts.ended += 1
      counts.running -= 1
      if (isUnseen(event.host)) counts.unseen += 1
    }
    if (options.quiet !== true) progress.show(counts)
    step = await run.next()
  }
  progress.clear()
  return step.value
}

const print = async (
  medic: Medic,
  { digest, run, notStored }: DigestEnd,
  options: DigestOptions,
  signal: AbortSignal,
): Promise<number> => {
  if (options.json === true) process.stdout.write(`${JSON.stringify(digest)}\n`)
  else process.stdout.write(renderDigestText(digest))
  const page = renderDigestPage(digest)
  let path: string | null = null
  try {
    if (options.page === undefined)
      path = await savePage(medic.settings.home, `${digestPageName(digest)}.md`, page, 'digests')
    else await writeFile(options.page, page)
  } catch (error) {
    if (options.page !== undefined)
      throw new UsageError(`--page: "${options.page}": ${error instanceof Error ? error.message : String(error)}`)
    process.stderr.write(
      `medic: the full report was not written: ${error instanceof Error ? error.message : String(error)}\n`,
    )
  }
  const to = options.json === true ? process.stderr : process.stdout
  to.write(`\nfull report: ${path ?? options.page ?? 'none'}\n`)
  let hasFailed = false
  if (options.publish !== undefined && run.state === 'done') {
    const names = options.publish === true ? [] : options.publish.split(',').map((name) => name.trim())
    for (const outcome of await publishDigest(await medic.publishers(), names, digest, signal)) {
      if (outcome.status === 'published') to.write(`published: ${outcome.target} ${outcome.address ?? ''}\n`)
      else {
        hasFailed = true
        process.stderr.write(`medic: ${outcome.target}: ${outcome.message}\n`)
      }
    }
  }
  if (notStored !== null) process.stderr.write(`medic: not stored: ${notStored}\n`)
  if (run.state !== 'done')
    process.stderr.write('medic: stopped early; nothing of it is remembered for the next night\n')
  if (hasFailed || run.state !== 'done' || digest.notChecked.length > 0) return 2
  return digest.lines.some((line) => line.state !== 'resolved') || digest.growing.length > 0 ? 1 : 0
}
