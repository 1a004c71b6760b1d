import { marked } from 'marked'
import type { Token, Tokens } from 'marked'

/**
 * How a renderer understood a page, block by block: `heading 2: Summary`, `table 4x3`, `code: …`, `list of 2`, `quote`,
 * `text`, and what stands out inside a text (links, pictures). Marks of regions, which are comments, are left out.
 */
export const structureByMarked = (markdown: string): readonly string[] => marked.lexer(markdown).flatMap(ofToken)

const ofToken = (token: Token): readonly string[] => {
  if (token.type === 'heading') return [`heading ${String(token['depth'])}: ${plain(token.tokens ?? [])}`]
  if (token.type === 'table') {
    const table = token as Tokens.Table
    const links = [...table.header, ...table.rows.flat()].flatMap((cell) => linksIn(cell.tokens))
    return [`table ${table.rows.length}x${table.header.length}`, ...links]
  }
  if (token.type === 'code') return [`code: ${String(token['text']).trimEnd()}`]
  if (token.type === 'list') {
    const list = token as Tokens.List
    return [`list of ${list.items.length}`, ...list.items.flatMap((item) => linksIn(item.tokens))]
  }
  if (token.type === 'blockquote') return ['quote', ...linksIn(token.tokens ?? [])]
  if (token.type === 'paragraph') return ['text', ...linksIn(token.tokens ?? [])]
  if (token.type === 'space' || (token.type === 'html' && token.raw.trim().startsWith('<!--'))) return []
  return [`other: ${token.type}`]
}

const plain = (tokens: readonly Token[]): string =>
  squeezed(tokens.map((token) => (token.type === 'codespan' ? unescaped(token['text']) : textOf(token))).join(''))

const textOf = (token: Token): string => {
  if ('tokens' in token && token.tokens !== undefined) return token.tokens.map(textOf).join('')
  return 'text' in token ? unescaped(token['text']) : ''
}

const unescaped = (text: unknown): string =>
  String(text)
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')

const linksIn = (tokens: readonly Token[]): string[] => {
  const found: string[] = []
  void marked.walkTokens([...tokens], (token) => {
    if (token.type === 'link' || token.type === 'image') found.push(`${token.type} to ${String(token['href'])}`)
    else if (token.type === 'html') found.push(`raw ${token.raw}`)
  })
  return found
}

interface Node {
  readonly t: string
  readonly c?: unknown
}

export const structureByPandoc = (document: unknown): readonly string[] =>
  (document as { readonly blocks: readonly Node[] }).blocks.flatMap(ofBlock)

const ofBlock = ({ t, c }: Node): readonly string[] => {
  const parts = c as readonly unknown[]
  if (t === 'Header') return [`heading ${String(parts[0])}: ${squeezed(inlineText(parts[2]))}`]
  if (t === 'Table') return [`table ${tableSize(parts)}`, ...pandocLinks(c)]
  if (t === 'CodeBlock') return [`code: ${String(parts[1]).trimEnd()}`]
  if (t === 'BulletList') return [`list of ${parts.length}`, ...pandocLinks(c)]
  if (t === 'OrderedList') return [`list of ${(parts[1] as readonly unknown[]).length}`, ...pandocLinks(c)]
  if (t === 'BlockQuote') return ['quote', ...pandocLinks(c)]
  if (t === 'Para' || t === 'Plain') return ['text', ...pandocLinks(c)]
  if (t === 'RawBlock' && String(parts[1]).trim().startsWith('<!--')) return []
  return [`other: ${t}`]
}

/** [attributes, caption, columns, head, bodies, foot]; a row is [attributes, cells]. */
const tableSize = (parts: readonly unknown[]): string => {
  const columns = (parts[2] as readonly unknown[]).length
  const bodies = parts[4] as readonly (readonly unknown[])[]
  const rows = bodies.reduce((sum, body) => sum + (body[3] as readonly unknown[]).length, 0)
  return `${rows}x${columns}`
}

const inlineText = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(inlineText).join('')
  if (typeof value !== 'object' || value === null) return ''
  const { t, c } = value as Node
  if (t === 'Str') return String(c)
  if (t === 'Space' || t === 'SoftBreak' || t === 'LineBreak') return ' '
  if (t === 'Code') return String((c as readonly unknown[])[1])
  if (t === 'Quoted') {
    const [kind, inner] = c as readonly [Node, unknown]
    const mark = kind.t === 'DoubleQuote' ? '"' : "'"
    return `${mark}${inlineText(inner)}${mark}`
  }
  return inlineText(c)
}

const pandocLinks = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(pandocLinks)
  if (typeof value !== 'object' || value === null) return []
  const { t, c } = value as Node
  const parts = c as readonly unknown[]
  if (t === 'Link' || t === 'Image') {
    const [target] = parts[2] as readonly [string]
    return [`${t.toLowerCase()} to ${target}`, ...pandocLinks(parts[1])]
  }
  if (t === 'RawInline') return [`raw ${String(parts[1])}`]
  return pandocLinks(c)
}

/** pandoc makes typographic marks of plain ones, which changes no meaning. */
const squeezed = (text: string): string =>
  text
    .replaceAll(/[\u2018\u2019]/g, "'")
    .replaceAll(/[\u201c\u201d]/g, '"')
    .replaceAll('\u2014', '---')
    .replaceAll('\u2013', '--')
    .replaceAll('\u2026', '...')
    .replaceAll(/\s+/g, ' ')
    .trim()
