import { Marked } from 'marked'
import sanitizeHtml from 'sanitize-html'
import type { Hash } from '../domain/region.ts'

export interface Picture {
  readonly type: 'image/png' | 'image/jpeg' | 'image/gif'
  readonly base64: string
}

/** Pictures by the path under which the page shows them; any other is shown as its text. */
export type Pictures = ReadonlyMap<string, Picture>

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1d1d1f;background:#fff}
table{border-collapse:collapse;display:block;overflow-x:auto;margin:1rem 0}td,th{border:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top}
pre{background:#f5f5f5;padding:.8rem;overflow-x:auto}code{font-family:ui-monospace,monospace;font-size:.9em}
blockquote{border-left:4px solid #c80;margin:1rem 0;padding:.1rem 1rem;background:#fff8e8}img{max-width:100%}
@media (prefers-color-scheme:dark){body{color:#eee;background:#1c1c1e}td,th{border-color:#555}pre{background:#2c2c2e}blockquote{background:#2e2818}a{color:#8ab4f8}}`

/**
 * One page that stands alone: no script, nothing loaded from anywhere, pictures inside. What was raw HTML in the Markdown
 * is shown as the text it is; a sanitiser and a content policy stand behind the escaping.
 */
export const renderHtmlPage = (markdown: string, title: string, pictures: Pictures, hash: Hash): string => {
  const body = sanitizeHtml(markdownToHtml(markdown, pictures), ALLOWED)
  const policy = `default-src 'none'; img-src data:; style-src 'sha256-${base64OfHex(hash(STYLE))}'; base-uri 'none'; form-action 'none'`
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">`,
    '<meta name="viewport" content="width=device-width">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    body.trim(),
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

/** Text of an element or of a quoted attribute. */
export const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')

const markdownToHtml = (markdown: string, pictures: Pictures): string => {
  const reader = new Marked({ gfm: true, async: false })
  reader.use({
    renderer: {
      // Region marks are for programs; everything else that looks like HTML is shown, not obeyed.
      html: ({ text }) => (/^\s*<!--[^]*-->\s*$/.test(text) ? '' : escapeHtml(text)),
      image: ({ href, text }) => {
        const picture = pictures.get(href)
        return picture === undefined
          ? escapeHtml(`[picture: ${text}]`)
          : `<img src="data:${picture.type};base64,${picture.base64}" alt="${escapeHtml(text)}">`
      },
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens)
        return isSafeLink(href) ? `<a href="${escapeHtml(href)}" rel="noopener noreferrer">${text}</a>` : text
      },
    },
  })
  return reader.parse(markdown, { async: false })
}

const isSafeLink = (href: string): boolean => {
  const url = URL.parse(href)
  return (
    url !== null &&
    (url.protocol === 'https:' || url.protocol === 'mailto:') &&
    url.username === '' &&
    url.password === ''
  )
}

/** What Markdown can make, and no more: no style, no id, no class. */
const ALLOWED: sanitizeHtml.IOptions = {
  allowedTags:
    'h1 h2 h3 h4 h5 h6 p blockquote ul ol li pre code hr br strong em del a img table thead tbody tr th td'.split(' '),
  allowedAttributes: { a: ['href', 'rel'], img: ['src', 'alt'], ol: ['start'] },
  allowedSchemes: ['https', 'mailto'],
  allowedSchemesByTag: { img: ['data'] },
  allowProtocolRelative: false,
  disallowedTagsMode: 'escape',
  exclusiveFilter: ({ tag, attribs }) =>
    tag === 'img' && !/^data:image\/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=]+$/.test(attribs['src'] ?? ''),
}

const base64OfHex = (hex: string): string =>
  btoa(String.fromCharCode(...(hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))))
