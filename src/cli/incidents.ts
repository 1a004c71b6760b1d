import { readFile, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { analyseStored } from '../app/analyse.ts'
import { exportBundle, importBundle } from '../app/bundle.ts'
import { diagnosisDocument, exitCodeOf, triageDocument } from '../app/diagnosisDocument.ts'
import { hashOf } from '../app/hash.ts'
import { incidentOf } from '../app/incidentOf.ts'
import { draftPostmortem } from '../app/postmortem/postmortem.ts'
import { UsageError } from '../domain/errors.ts'
import type { Incident } from '../domain/incident.ts'
import type { Bundle, Run } from '../domain/run.ts'
import { medicVersion } from '../version.ts'
import { createMedic } from '../wire.ts'
import type { Medic } from '../wire.ts'
import { reportText } from './reportText.ts'

export const listIncidents = async (options: {
  readonly host?: string
  readonly unit?: string
  readonly limit: string
  readonly json?: boolean
}): Promise<number> => {
  if (!/^\d{1,4}$/.test(options.limit)) throw new UsageError(`--limit "${options.limit}": expected a number up to 9999`)
  await using medic = await createMedic({})
  const store = await medic.openStore()
  const incidents = await store.listIncidents({
    limit: Number(options.limit),
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.unit === undefined ? {} : { unit: options.unit }),
  })
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ schema: 'medic.incidents/1', incidents })}\n`)
    return 0
  }
  if (incidents.length === 0) process.stdout.write('no incidents recorded\n')
  for (const incident of incidents) {
    process.stdout.write(
      `${new Date(incident.occurredAtMs).toISOString().slice(0, 19)}Z  ${incident.id}  ${incident.kind}  ${incident.title}\n`,
    )
  }
  return 0
}

export const showIncident = async (
  id: string,
  options: { readonly json?: boolean; readonly evidence?: string },
): Promise<number> => {
  await using medic = await createMedic({})
  const { incident, bundle } = await load(medic, id)
  if (options.evidence !== undefined) {
    const item = bundle.evidence.find((candidate) => candidate.id === options.evidence)
    if (item === undefined) {
      throw new UsageError(`${id}: no evidence "${options.evidence}"`, {
        hint: `there are E1 to E${bundle.evidence.length}`,
      })
    }
    process.stdout.write(item.result.stdout)
    return 0
  }
  return show(incident, bundle, options)
}

export const rediagnose = async (
  id: string,
  options: { readonly json?: boolean; readonly postmortem?: boolean },
): Promise<number> => {
  await using medic = await createMedic({})
  const { incident, bundle, earlier, before } = await load(medic, id)
  if (options.postmortem === true) {
    const analysis = analyseStored(bundle.evidence, bundle.run.window)
    if (incident === null) throw new UsageError(`${id}: nothing was found, so there is no postmortem`)
    const markdown = draftPostmortem(await medic.postmortemTools(), {
      run: bundle.run,
      incident,
      analysis,
      evidenceHash: bundle.evidenceHash,
      earlier,
      actions: [],
    })
    process.stdout.write(markdown)
    return 0
  }
  const code = show(incident, bundle, options)
  if (before !== null && incident !== null && before.kind !== incident.kind) {
    process.stderr.write(`medic: recorded as ${before.kind}, today's rules say ${incident.kind}\n`)
  }
  return code
}

export const exportIncident = async (id: string, file: string | undefined): Promise<number> => {
  await using medic = await createMedic({})
  const { bundle } = await load(medic, id)
  const bytes = exportBundle(bundle, file?.endsWith('.gz') === true)
  if (file === undefined) process.stdout.write(bytes)
  else {
    await writeFile(file, bytes, { mode: 0o600 })
    process.stderr.write(`${file}: ${bundle.evidence.length} pieces of evidence, sha256:${bundle.evidenceHash}\n`)
  }
  return 0
}

export const importIncident = async (file: string): Promise<number> => {
  await using medic = await createMedic({})
  const { bundle, incident } = fromBundle(importBundle(await readFile(file), file))
  const store = await medic.openStore()
  if ((await store.findRun(bundle.run.id)) === undefined) {
    await store.createRun({ ...bundle.run, state: 'running', endedAtMs: null })
    for (const item of bundle.evidence) await store.recordEvidence(bundle.run.id, item)
    await store.finishRun(bundle.run.id, bundle.run.state, bundle.run.endedAtMs ?? bundle.run.startedAtMs, {
      bootId: bundle.run.bootId,
      error: bundle.run.error,
    })
  }
  if (incident === null) {
    process.stdout.write(`${bundle.run.id}: recorded; nothing was found in it\n`)
    return 0
  }
  await store.createIncident(incident)
  process.stdout.write(`${incident.id}\n`)
  return 0
}

interface Loaded {
  readonly incident: Incident | null
  readonly bundle: Bundle
  /** As it was recorded, null for a bundle's file. */
  readonly before: Incident | null
  readonly earlier: readonly Incident[] | null
}

const load = async (medic: Medic, id: string): Promise<Loaded> => {
  if (/\.json(?:\.gz)?$/.test(id) && existsSync(id)) {
    return { ...fromBundle(importBundle(await readFile(id), id)), before: null, earlier: null }
  }
  const store = await medic.openStore()
  const before = await store.findIncident(id)
  const run = await store.findRun(before?.runId ?? id)
  if (run === undefined) {
    throw new UsageError(`no incident or run "${id.slice(0, 100)}"`, {
      hint: '`medic incident list` lists what was recorded',
    })
  }
  const bundle = bundleOf(run, await store.readEvidence(run.id))
  const { incident } = fromBundle(bundle)
  const earlier = incident === null ? [] : await earlierThan(store, incident)
  return { incident, bundle, before: before ?? null, earlier }
}

const earlierThan = async (store: Awaited<ReturnType<Medic['openStore']>>, incident: Incident) =>
  (
    await store.listIncidents({
      host: incident.host,
      ...(incident.unit === null ? {} : { unit: incident.unit }),
      limit: 6,
    })
  ).filter((other) => other.id !== incident.id && other.occurredAtMs <= incident.occurredAtMs)

const bundleOf = (run: Run, evidence: Bundle['evidence']): Bundle => ({
  schema: 'medic.bundle/1',
  run,
  medicVersion: medicVersion(),
  evidence,
  evidenceHash: hashOf(evidence),
})

const fromBundle = (bundle: Bundle): { incident: Incident | null; bundle: Bundle } => ({
  bundle,
  incident: incidentOf(bundle.run, analyseStored(bundle.evidence, bundle.run.window).diagnosis),
})

const show = (incident: Incident | null, bundle: Bundle, options: { readonly json?: boolean }): number => {
  const { diagnosis, evidence } = analyseStored(bundle.evidence, bundle.run.window)
  if (options.json === true) {
    const ids = { host: bundle.run.host, run: bundle.run.id, incident: incident?.id ?? null }
    const document =
      incident === null ? diagnosisDocument(diagnosis, evidence) : triageDocument(diagnosis, ids, evidence)
    process.stdout.write(`${JSON.stringify(document)}\n`)
  } else {
    process.stdout.write(
      reportText(
        { host: bundle.run.host, diagnosis, evidence, incident, postmortemPath: null, durationMs: null, notes: [] },
        false,
      ),
    )
  }
  return exitCodeOf(diagnosis)
}
