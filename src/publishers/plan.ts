import { PublishError } from '../domain/errors.ts'
import { mergeRegions } from '../domain/mergeRegions.ts'
import { findRegions, incidentOfPage } from '../domain/region.ts'
import type { Hash } from '../domain/region.ts'
import { assetPath, linkBetween, pageAddress, pagePath } from './layout.ts'
import type { Layout } from './layout.ts'
import type { FoundPage, PageDraft, PageResult, PageView, Publication } from './publisher.ts'
import { textDiff } from './textDiff.ts'
import { LARGEST_PAGE_BYTES } from './tree.ts'
import type { FileChange, Tree } from './tree.ts'

/** What has to be written so that a place holds a publication; empty changes mean that it does already. */
export interface Plan {
  readonly changes: readonly FileChange[]
  readonly pages: readonly PageResult[]
  readonly assets: readonly string[]
  readonly diff: string
  readonly notes: readonly string[]
}

/** Compares a publication with what stands in a place. Reads only. */
export const planPublication = async (
  tree: Tree,
  publication: Publication,
  layout: Layout,
  hash: Hash,
): Promise<Plan> => {
  const incidents = await tree.incidentPages()
  const placed = await placePages(tree, publication, layout, incidents)
  const changes: FileChange[] = []
  const pages: PageResult[] = []
  const notes: string[] = []
  const diffs: string[] = []
  for (const { draft, path, current, bytes } of placed) {
    const wanted = draft.text(viewFrom({ layout, path, current, incidents, placed }))
    const { text, regions } = current === null ? newPage(wanted) : mergeRegions(current, wanted, hash)
    const outcome = current === null ? 'created' : text === current ? 'unchanged' : 'updated'
    if (outcome !== 'unchanged') changes.push({ path, bytes: pageBytes(path, text), before: bytes })
    pages.push({ path, address: pageAddress(layout, path), outcome, regions })
    diffs.push(textDiff(path, current, text))
    if (regions.length > 0 && regions.every((region) => region.outcome === 'removed'))
      notes.push(`${path}: has none of Medic's regions, so it was left alone`)
  }
  const assets: string[] = []
  for (const { path: name, bytes } of publication.assets) {
    const path = assetPath(layout, name)
    const there = await tree.read(path)
    if (there !== undefined && Buffer.from(there).equals(bytes)) continue
    assets.push(path)
    // Files come first, so that a page never points at one that is not there yet.
    changes.unshift({ path, bytes, before: there })
  }
  return { changes, pages, assets, diff: diffs.filter((text) => text !== '').join('\n'), notes }
}

/** The page of an incident, as `planPublication` would find it. */
export const findIncidentPage = async (
  tree: Tree,
  incident: string,
  layout: Layout,
): Promise<FoundPage | undefined> => {
  const [path] = byIncident(await tree.incidentPages(), incident, layout) ?? [pagePath(layout, incident)]
  const bytes = path === undefined ? undefined : await tree.read(path)
  if (path === undefined || bytes === undefined) return undefined
  return { path, text: pageText(path, bytes), address: pageAddress(layout, path) }
}

interface PlacedPage {
  readonly draft: PageDraft
  readonly path: string
  readonly bytes: Uint8Array | undefined
  readonly current: string | null
}

const placePages = async (
  tree: Tree,
  publication: Publication,
  layout: Layout,
  incidents: ReadonlyMap<string, readonly string[]>,
): Promise<readonly PlacedPage[]> => {
  const placed: PlacedPage[] = []
  for (const draft of publication.pages) {
    const known = draft.incident === null ? undefined : byIncident(incidents, draft.incident, layout)
    const path = known?.[0] ?? pagePath(layout, draft.name)
    const bytes = await tree.read(path)
    const current = bytes === undefined ? null : pageText(path, bytes)
    const owner = current === null ? null : incidentOfPage(current)
    if (owner !== null && owner !== draft.incident) {
      throw new PublishError(`${path}: belongs to incident "${owner}", expected ${draft.incident ?? 'no incident'}`, {
        hint: 'somebody renamed that page over this one; give it another name',
      })
    }
    placed.push({ draft, path, bytes, current })
  }
  return placed
}

/** A copied page holds the line too: the one with the usual name wins, else the first by name. */
const byIncident = (
  incidents: ReadonlyMap<string, readonly string[]>,
  incident: string,
  layout: Layout,
): readonly string[] | undefined => {
  const usual = pagePath(layout, incident)
  return incidents.get(incident)?.toSorted((one, other) => {
    if (one === usual || other === usual) return one === usual ? -1 : 1
    return one < other ? -1 : 1
  })
}

const viewFrom = (from: {
  readonly layout: Layout
  readonly path: string
  readonly current: string | null
  readonly incidents: ReadonlyMap<string, readonly string[]>
  readonly placed: readonly PlacedPage[]
}): PageView => ({
  current: from.current,
  asset: (path) => linkBetween(from.layout, from.path, assetPath(from.layout, path), 'asset'),
  incidentPage: (incident) => {
    const path =
      byIncident(from.incidents, incident, from.layout)?.[0] ??
      from.placed.find((page) => page.draft.incident === incident)?.path
    return path === undefined ? null : linkBetween(from.layout, from.path, path, 'page')
  },
})

const newPage = (text: string) => ({
  text,
  regions: findRegions(text).map(({ name }) => ({ name, outcome: 'written' as const })),
})

const pageBytes = (path: string, text: string): Uint8Array => {
  const bytes = Buffer.from(text)
  if (bytes.length <= LARGEST_PAGE_BYTES) return bytes
  throw new PublishError(`${path}: ${bytes.length} bytes, expected at most ${LARGEST_PAGE_BYTES}`)
}

/** Text that is no UTF-8 could not be written back as it was. */
const pageText = (path: string, bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new PublishError(`${path}: is no UTF-8 text, so it was left alone`, { cause })
  }
}
