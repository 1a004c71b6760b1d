import { findRegions, regionHash, rewriteRegions } from './region.ts'
import type { Hash, Region } from './region.ts'

/** What became of one region. `kept`: a person edited it. `removed`: a person took it away. */
export type RegionOutcome = 'written' | 'unchanged' | 'kept' | 'removed'

export interface RegionResult {
  readonly name: string
  readonly outcome: RegionOutcome
}

export interface Merged {
  readonly text: string
  readonly regions: readonly RegionResult[]
}

/**
 * Brings a new draft into a page that people may have changed. A region whose text still has the hash it was written
 * with is replaced; an edited one stays as it is; one that is not there any more stays away. Nothing else moves by a
 * byte. A name that stands twice was copied by a person: the first is ours, the other theirs.
 */
export const mergeRegions = (page: string, draft: string, hash: Hash): Merged => {
  const wanted = firstByName(findRegions(draft))
  const there = firstByName(findRegions(page))
  const regions: RegionResult[] = [...wanted.values()].map(({ name, body }) => ({
    name,
    outcome: outcomeFor(there.get(name), body, hash),
  }))
  const written = new Set(regions.filter(({ outcome }) => outcome === 'written').map(({ name }) => name))
  const text = rewriteRegions(page, hash, (region) =>
    written.has(region.name) && there.get(region.name)?.start === region.start
      ? (wanted.get(region.name)?.body ?? null)
      : null,
  )
  return { text, regions }
}

const outcomeFor = (region: Region | undefined, wanted: string, hash: Hash): RegionOutcome => {
  if (region === undefined) return 'removed'
  // Editors in browsers write CR LF; that is no edit by a person.
  const body = region.body.replaceAll('\r\n', '\n')
  if (body === wanted) return 'unchanged'
  return regionHash(body, hash) === region.hash ? 'written' : 'kept'
}

const firstByName = (regions: readonly Region[]): ReadonlyMap<string, Region> => {
  const byName = new Map<string, Region>()
  for (const region of regions) if (!byName.has(region.name)) byName.set(region.name, region)
  return byName
}
