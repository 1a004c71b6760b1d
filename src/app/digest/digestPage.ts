import { wrapRegion } from '../../domain/region.ts'
import type { Digest } from '../../domain/digest.ts'
import { ExpectedError, UsageError } from '../../domain/errors.ts'
import type { Publisher } from '../../publishers/publisher.ts'
import { renderDigestPage } from '../../render/digest/digestPage.ts'
import { sha256 } from '../hash.ts'

/** How the page of a digest went at one target. */
export type DigestPageOutcome =
  | { readonly target: string; readonly status: 'published'; readonly address: string | null }
  | { readonly target: string; readonly status: 'failed'; readonly message: string }

/** `digest-nightly-2026-11-12`: one page a night, so that a second run of it writes the same page. */
export const digestPageName = (digest: Digest): string =>
  `digest-${digest.name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 80)}-${new Date(digest.atMs).toISOString().slice(0, 10)}`

/** Writes the full report at each target; a failure at one keeps none of the others from being written. */
export const publishDigest = async (
  publishers: readonly Publisher[],
  names: readonly string[],
  digest: Digest,
  signal: AbortSignal,
): Promise<readonly DigestPageOutcome[]> => {
  for (const name of names)
    if (!publishers.some((publisher) => publisher.name === name))
      throw new UsageError(`publish: unknown target "${name.slice(0, 100)}"`, {
        hint:
          publishers.length === 0
            ? 'medic.yaml names none'
            : `there are ${publishers.map(({ name: known }) => known).join(', ')}`,
      })
  const chosen = names.length === 0 ? publishers : publishers.filter(({ name }) => names.includes(name))
  const outcomes: DigestPageOutcome[] = []
  for (const publisher of chosen) {
    try {
      const text = wrapRegion('digest', renderDigestPage(digest), sha256)
      const published = await publisher.publish(
        {
          subject: `Digest ${digest.name}: ${digest.checked} of ${digest.total} hosts checked`,
          pages: [{ incident: null, name: digestPageName(digest), text: () => `${text}\n` }],
          assets: [],
        },
        { dryRun: false },
        signal,
      )
      outcomes.push({ target: publisher.name, status: 'published', address: published.pages[0]?.address ?? null })
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error
      outcomes.push({ target: publisher.name, status: 'failed', message: error.message })
    }
  }
  return outcomes
}
