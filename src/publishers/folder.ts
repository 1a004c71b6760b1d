import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, lstat, mkdir, open, readFile, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { z } from 'zod'
import { ExpectedError, PublishError } from '../domain/errors.ts'
import { incidentOfPage } from '../domain/region.ts'
import { layoutShape } from './layout.ts'
import type { Layout } from './layout.ts'
import { withLock } from './lock.ts'
import { findIncidentPage, planPublication } from './plan.ts'
import type { Published, Publisher, PublisherTools } from './publisher.ts'
import { LARGEST_PAGE_BYTES, MOST_TRIES } from './tree.ts'
import type { FileChange, Tree } from './tree.ts'

/** A folder of Markdown files: a docs site, a synchronised notes folder. Its own conflict guard is a lock file in it. */
export const folderSettings = z.strictObject({
  kind: z.literal('folder'),
  name: z.string().regex(/^[a-z0-9](?:[a-z0-9._-]{0,60}[a-z0-9])?$/, 'expected a name of a-z 0-9 . _ -'),
  path: z.string().min(1),
  ...layoutShape,
  folder: layoutShape.folder.default(''),
})

export type FolderSettings = z.infer<typeof folderSettings>

export const createFolderPublisher = (settings: FolderSettings, tools: PublisherTools): Publisher => {
  const root = resolve(tools.base, settings.path.replace(/^~(?=\/|$)/, tools.userHome))
  const layout: Layout = { ...settings, links: settings.links ?? 'file', address: settings.address ?? null }
  const tree = folderTree(root, layout)
  return {
    name: settings.name,
    kind: 'folder',
    index: settings.index === 'none' ? null : settings.index,

    async check() {
      await mustBeFolder(root)
      return `${root} can be written`
    },

    async findPage(incident) {
      await mustBeFolder(root)
      return explained(root, () => findIncidentPage(tree, incident, layout))
    },

    async publish(publication, { dryRun }, signal) {
      await mustBeFolder(root)
      const attempt = async (): Promise<Published | null> => {
        const { changes, ...plan } = await planPublication(tree, publication, layout, tools.hash)
        if (!dryRun) for (const change of changes) if (!(await writeWhole(root, change))) return null
        return { ...plan, revision: null }
      }
      if (dryRun) return (await explained(root, attempt)) ?? lostRaces(root)
      return withLock(join(root, '.medic.lock'), signal, () =>
        explained(root, async () => {
          for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
            const published = await attempt()
            if (published !== null) return published
          }
          return lostRaces(root)
        }),
      )
    },
  }
}

const lostRaces = (root: string): never => {
  throw new PublishError(`${root}: its pages changed ${MOST_TRIES} times while they were being read`, {
    hint: 'publish again when nobody writes there',
  })
}

const mustBeFolder = async (root: string): Promise<void> => {
  try {
    if (!(await stat(root)).isDirectory()) throw new Error('it is no folder')
    await access(root, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new PublishError(`${root}: cannot be published to: ${(cause as Error).message}`, {
      hint: 'make the folder, and let the user Medic runs as write to it',
      cause,
    })
  }
}

const explained = async <Value>(root: string, action: () => Promise<Value>): Promise<Value> => {
  try {
    return await action()
  } catch (cause) {
    if (cause instanceof ExpectedError || (cause as NodeJS.ErrnoException).code === undefined) throw cause
    throw new PublishError(`${root}: ${(cause as Error).message}`, { cause })
  }
}

const folderTree = (root: string, layout: Layout): Tree => ({
  async incidentPages() {
    const found = new Map<string, string[]>()
    for (const path of await pagesBelow(root, layout.extension)) {
      const bytes = await readFile(join(root, path)).catch(() => undefined)
      const incident = bytes === undefined ? null : incidentOfPage(bytes.toString('utf8'))
      if (incident !== null) found.set(incident, [...(found.get(incident) ?? []), path])
    }
    return found
  },

  async read(path) {
    await mustBeInside(root, path)
    const there = await lstat(join(root, path)).catch(missing)
    if (there === undefined) return undefined
    if (!there.isFile()) throw new PublishError(`${path}: is no plain file, so it was left alone`)
    if (there.size > LARGEST_PAGE_BYTES)
      throw new PublishError(`${path}: ${there.size} bytes, expected at most ${LARGEST_PAGE_BYTES}`)
    return readFile(join(root, path))
  },
})

/** Deeper folders or more pages than this belong to something else; arbitrary. */
const DEEPEST = 12
const MOST_PAGES = 20_000

/** Symbolic links and hidden folders are not followed: they may lead anywhere. */
const pagesBelow = async (root: string, extension: string): Promise<readonly string[]> => {
  const found: string[] = []
  const visit = async (folder: string, depth: number): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
      const path = join(folder, entry.name)
      if (entry.isDirectory() && depth < DEEPEST) await visit(path, depth + 1)
      else if (entry.isFile() && entry.name.endsWith(`.${extension}`) && (await stat(path)).size <= LARGEST_PAGE_BYTES)
        found.push(relative(root, path))
      if (found.length > MOST_PAGES)
        throw new PublishError(`${root}: more than ${MOST_PAGES} pages, expected a folder of postmortems`)
    }
  }
  await visit(root, 0)
  return found.toSorted()
}

const missing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
  throw error
}

/** A folder on the way may be a link that leads out. */
const mustBeInside = async (root: string, path: string): Promise<void> => {
  const wanted = await realpath(root)
  const existing = await nearestFolder(join(root, dirname(path)))
  if (existing !== wanted && !existing.startsWith(wanted + sep))
    throw new PublishError(`${path}: lies outside ${root}, by a symbolic link`)
}

const nearestFolder = async (path: string): Promise<string> => {
  const real = await realpath(path).catch(missing)
  return real ?? nearestFolder(dirname(path))
}

/**
 * Whole or not at all: a reader never sees half a page, and a full disk spoils none. False when somebody saved the file
 * since it was read.
 */
const writeWhole = async (root: string, { path, bytes, before }: FileChange): Promise<boolean> => {
  const target = join(root, path)
  const draft = join(dirname(target), `.${randomBytes(6).toString('hex')}.tmp`)
  await mkdir(dirname(target), { recursive: true })
  const mode = (await lstat(target).catch(missing))?.mode ?? 0o664
  try {
    const file = await open(draft, 'wx', mode & 0o777)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    if (!same(await readFile(target).catch(missing), before)) {
      await rm(draft, { force: true })
      return false
    }
    await rename(draft, target)
    return true
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => {})
    throw new PublishError(`${target}: cannot be written: ${(cause as Error).message}`, {
      hint: 'free some space, or let the user Medic runs as write there',
      cause,
    })
  }
}

const same = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
  one === undefined || other === undefined ? one === other : Buffer.from(one).equals(other)
