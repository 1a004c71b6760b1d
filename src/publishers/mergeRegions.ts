import { findRegions, regionHash, wrapRegion } from '../domain/region.ts'
import type { Hash, Region } from '../domain/region.ts'
import type { RegionResult } from './publisher.ts'

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
  const there = firstByName(findRegions(page))
  const regions: RegionResult[] = []
  const replacements: { readonly region: Region; readonly text: string }[] = []
  for (const wanted of firstByName(findRegions(draft)).values()) {
    const region = there.get(wanted.name)
    if (region === undefined) {
      regions.push({ name: wanted.name, outcome: 'removed' })
      continue
    }
    const body = withPlainLineEnds(region.body)
    if (body === wanted.body) regions.push({ name: wanted.name, outcome: 'unchanged' })
    else if (regionHash(body, hash) !== region.hash) regions.push({ name: wanted.name, outcome: 'kept' })
    else {
      regions.push({ name: wanted.name, outcome: 'written' })
      replacements.push({ region, text: wrapRegion(wanted.name, wanted.body, hash) })
    }
  }
  return { text: replaced(page, replacements), regions }
}

/** A draft whose text changed after it was marked gets the hashes of what it says now. */
export const markAnew = (draft: string, hash: Hash, change: (region: Region) => string = (region) => region.body) =>
  replaced(
    draft,
    findRegions(draft).map((region) => ({ region, text: wrapRegion(region.name, change(region), hash) })),
  )

const firstByName = (regions: readonly Region[]): ReadonlyMap<string, Region> => {
  const byName = new Map<string, Region>()
  for (const region of regions) if (!byName.has(region.name)) byName.set(region.name, region)
  return byName
}

/** Editors in browsers write CR LF; that is no edit by a person. */
const withPlainLineEnds = (text: string): string => text.replaceAll('\r\n', '\n')

const replaced = (
  page: string,
  replacements: readonly { readonly region: Region; readonly text: string }[],
): string => {
  const pieces: string[] = []
  let from = 0
  for (const { region, text } of replacements.toSorted((one, other) => one.region.start - other.region.start)) {
    const before = page.slice(region.start, region.end)
    pieces.push(page.slice(from, region.start), before.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text)
    from = region.end
  }
  return pieces.join('') + page.slice(from)
}
