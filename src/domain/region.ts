/**
 * The parts of a page that Medic owns. Everything outside belongs to people, and a region a person edited does too:
 * the hash in the opening mark is of the body as last written.
 */
export interface Region {
  readonly name: string
  /** As it stands in the mark. */
  readonly hash: string
  /** Between the marks, without the blank lines next to them. */
  readonly body: string
  /** Offsets of the whole region, marks included. */
  readonly start: number
  readonly end: number
}

/** Hexadecimal digest of a text; passed in because pure code has no crypto module. */
export type Hash = (text: string) => string

/** Twelve digits: enough to notice an edit, short enough to read past. */
export const regionHash = (body: string, hash: Hash): string => hash(body).slice(0, 12)

/** Blank lines on both sides of the marks: pandoc-based wikis swallow what touches them. */
export const wrapRegion = (name: string, body: string, hash: Hash): string => {
  const trimmed = body.trim()
  return `<!-- auto:${name} ${regionHash(trimmed, hash)} -->\n\n${trimmed}\n\n<!-- /auto:${name} -->`
}

const OPEN = /^<!-- auto:([a-z][a-z0-9-]*) ([0-9a-f]{12}) -->$/gm

/** Regions of a page in order. A mark without its end is left out: then the page is somebody else's. */
export const findRegions = (markdown: string): readonly Region[] => {
  const regions: Region[] = []
  let after = 0
  for (const match of markdown.matchAll(OPEN)) {
    if (match.index < after) continue
    const [open, name = '', hash = ''] = match
    const close = `<!-- /auto:${name} -->`
    const closeAt = markdown.indexOf(`\n${close}`, match.index + open.length)
    if (closeAt === -1) continue
    const end = closeAt + 1 + close.length
    regions.push({
      name,
      hash,
      body: markdown.slice(match.index + open.length, closeAt).trim(),
      start: match.index,
      end,
    })
    after = end
  }
  return regions
}

/** Another text in some regions, hashed as ours. Null leaves a region as it stands; nothing else moves by a byte. */
export const rewriteRegions = (markdown: string, hash: Hash, rewrite: (region: Region) => string | null): string => {
  const pieces: string[] = []
  let from = 0
  for (const region of findRegions(markdown)) {
    const body = rewrite(region)
    if (body === null) continue
    const text = wrapRegion(region.name, body, hash)
    const isCrLf = markdown.slice(region.start, region.end).includes('\r\n')
    pieces.push(markdown.slice(from, region.start), isCrLf ? text.replaceAll('\n', '\r\n') : text)
    from = region.end
  }
  return pieces.join('') + markdown.slice(from)
}

/** Which incident a page is about; null for any other page. */
export const incidentOfPage = (markdown: string): string | null =>
  /^<!-- incident:(inc-[A-Za-z0-9_.@-]{1,200}) -->$/m.exec(markdown)?.[1] ?? null
