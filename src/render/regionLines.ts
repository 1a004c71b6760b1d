import type { RegionOutcome, RegionResult } from '../domain/mergeRegions.ts'

const WORDS: Readonly<Record<RegionOutcome, string>> = {
  written: 'written',
  unchanged: 'unchanged',
  kept: 'kept, a person edited it',
  removed: 'removed by a person',
}

/** What became of the regions of a page, one line an outcome: every door says it in these words. */
export const regionLines = (regions: readonly RegionResult[]): string[] =>
  (Object.keys(WORDS) as RegionOutcome[]).flatMap((outcome) => {
    const names = regions.filter((region) => region.outcome === outcome).map(({ name }) => name)
    return names.length === 0 ? [] : [`${WORDS[outcome]}: ${names.join(', ')}`]
  })
