import { posix } from 'node:path'
import { z } from 'zod'

/** How pages are named and linked in a place; every kind of publisher has these settings. */
export const layoutShape = {
  folder: z
    .string()
    .regex(/^(?:[A-Za-z0-9_@][A-Za-z0-9._@ -]*\/?)*$/, 'expected a folder inside the place, such as incidents')
    .transform((text) => text.replace(/\/+$/, ''))
    .default('incidents'),
  extension: z
    .string()
    .regex(/^[a-z]{1,10}$/, 'expected an ending without its dot, such as md')
    .default('md'),
  /** `wiki` links without the ending, `file` with it. */
  links: z.enum(['wiki', 'file']).optional(),
  index: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,80}$/, 'expected the name of a page, or none')
    .default('Incidents'),
  /** Address of a page for people, `{page}` stands for its path without the ending. */
  address: z
    .string()
    .regex(/^https?:\/\/[^\s{}]+\/\{page\}$/, 'expected an address such as https://git.example/ops/wiki/{page}')
    .optional(),
}

export interface Layout {
  readonly folder: string
  readonly extension: string
  readonly links: 'wiki' | 'file'
  readonly address: string | null
}

export const pagePath = (layout: Layout, name: string): string =>
  posix.join(layout.folder, `${name}.${layout.extension}`)

export const assetPath = (layout: Layout, path: string): string => posix.join(layout.folder, path)

const withoutExtension = (layout: Layout, path: string): string =>
  path.endsWith(`.${layout.extension}`) ? path.slice(0, -layout.extension.length - 1) : path

const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/')

/** A relative link target between two files of the place, safe inside Markdown's parentheses. */
export const linkBetween = (layout: Layout, from: string, to: string, kind: 'page' | 'asset'): string => {
  const path = posix.relative(posix.dirname(from), to)
  const shown = kind === 'page' && layout.links === 'wiki' ? withoutExtension(layout, path) : path
  return encoded(shown).replace(/[()'*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

export const pageAddress = (layout: Layout, path: string): string | null =>
  layout.address === null ? null : layout.address.replace('{page}', encoded(withoutExtension(layout, path)))
