import type { DigestChange, DigestGrowth, DigestLine, DigestMover } from '../../domain/digest.ts'
import type { Host } from '../../domain/host.ts'
import type { Machine, Sample, Snapshot } from '../../domain/snapshot.ts'
import { bootIdParser } from '../../parsers/bootId.ts'
import type { FactView } from '../../parsers/facts.ts'
import { packageChangesParser } from '../../parsers/packageChanges.ts'
import type { Store } from '../../store/store.ts'
import type { Analysis } from '../analyse.ts'
import { deltasOf, snapshotsAfter } from './digestDelta.ts'
import type { Delta } from './digestDelta.ts'
import { digestReadings } from './digestReadings.ts'
import { SERIES_MS, growthOf, moversOf, sampleChanges } from '../trend/hostSeries.ts'
import type { Thresholds } from './digestThresholds.ts'
import { machineKey } from '../trend/machineKey.ts'

/** What one host adds to a digest; small, so that evidence can be let go. */
export interface HostChapter {
  readonly machine: Machine | null
  readonly snapshots: readonly Snapshot[]
  readonly sample: Sample | null
  readonly lines: readonly DigestLine[]
  readonly growing: readonly DigestGrowth[]
  readonly unforecast: string | null
  readonly movers: readonly DigestMover[]
  readonly changes: readonly DigestChange[]
  readonly blind: string | null
}

export interface ChapterInput {
  readonly store: Pick<Store, 'findMachine' | 'readSnapshots' | 'readSamples'> | null
  readonly host: Host
  readonly thresholds: Thresholds
  readonly atMs: number
  readonly sinceMs: number
}

/** A host that answered: measured, compared with what is remembered of it. Writes nothing. */
export const chapterOf = async (input: ChapterInput, analysis: Analysis): Promise<HostChapter> => {
  const { store, host, thresholds, atMs, sinceMs } = input
  const { facts, diagnosis } = analysis
  const bootId = facts.all(bootIdParser).at(-1)?.facts.bootId ?? null
  const machine: Machine = { key: machineKey(facts, host.name), host: host.name, bootId, lastSeenMs: atMs }
  const before = (await store?.readSnapshots(machine.key)) ?? []
  const kept = ((await store?.readSamples(machine.key, Math.min(sinceMs, atMs - SERIES_MS))) ?? []).filter(
    (sample) => sample.atMs < atMs,
  )
  const { readings, seen, sample } = digestReadings({
    facts,
    diagnosis,
    thresholds,
    nowMs: atMs,
    history: kept,
    sinceMs,
  })
  const deltas = deltasOf({ before, readings, seen, atMs })
  const series = { host: host.name, samples: [...kept, sample], nowMs: atMs }
  const { growing, unforecast } = growthOf(series)
  return {
    machine,
    snapshots: snapshotsAfter(deltas),
    sample,
    lines: deltas.map((delta) => lineOf(host, delta)),
    growing,
    unforecast,
    movers: moversOf(series, sinceMs),
    changes: [...sampleChanges(series, sinceMs), ...packagesOf(host.name, facts, sinceMs)],
    blind: diagnosis.blindSpots.length === 0 ? null : blindText(diagnosis.blindSpots),
  }
}

/** A host that did not answer: what was open stays open, as stale. */
export const silentChapter = async (
  input: ChapterInput,
): Promise<{ readonly lines: readonly DigestLine[]; readonly lastSeenMs: number | null }> => {
  const { store, host, atMs } = input
  const machine = await store?.findMachine(host.name)
  if (machine === undefined) return { lines: [], lastSeenMs: null }
  const before = (await store?.readSnapshots(machine.key)) ?? []
  const deltas = deltasOf({ before, readings: [], seen: new Set(), atMs })
  return { lines: deltas.map((delta) => lineOf(host, delta)), lastSeenMs: machine.lastSeenMs }
}

const lineOf = (host: Host, { state, snapshot }: Delta): DigestLine => ({
  host: host.name,
  check: snapshot.check,
  object: snapshot.object,
  state,
  level: snapshot.level,
  text: snapshot.text,
  threshold: snapshot.threshold,
  sinceMs: snapshot.sinceMs,
  owner: host.tags['owner'] ?? null,
})

const PACKAGES_NAMED = 4

const packagesOf = (host: string, facts: FactView, sinceMs: number): readonly DigestChange[] => {
  const changed = (facts.latest(packageChangesParser, null)?.facts.changes ?? []).filter((change) => {
    // dpkg writes the host's own time without a zone; servers run on UTC, and a few hours move a package by one night.
    const atMs = Date.parse(/^\d/.test(change.atText) ? `${change.atText.replace(' ', 'T')}Z` : change.atText)
    return atMs >= sinceMs
  })
  const names = [...new Set(changed.map((change) => change.package))]
  if (names.length === 0) return []
  const kernels = names.filter((name) => /^(?:linux-image|kernel)/.test(name))
  const shown = [...kernels, ...names.filter((name) => !kernels.includes(name))].slice(0, PACKAGES_NAMED)
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : ''
  return [{ host, kind: 'packages', text: `packages: ${shown.join(', ')}${more}` }]
}

const blindText = (spots: readonly string[]): string =>
  `${spots[0] ?? ''}${spots.length > 1 ? ` (and ${spots.length - 1} more)` : ''}`
