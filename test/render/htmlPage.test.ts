import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderHtmlPage } from '../../src/render/htmlPage.ts'
import { sha256 } from './bundle.ts'

const PIXEL = { type: 'image/png', base64: 'iVBORw0KGgo=' } as const
const render = (markdown: string, title = 'A page') =>
  renderHtmlPage(markdown, title, new Map([['assets/a.png', PIXEL]]), sha256)
const bodyOf = (html: string): string => /<body>([^]*)<\/body>/.exec(html)?.[1] ?? ''

const sample = (name: string): string =>
  readFileSync(join(import.meta.dirname, `samples/postmortem-${name}.md`), 'utf8')

describe('the standing page', () => {
  it('shows headings, tables and fences, and none of the marks', () => {
    const body = bodyOf(render(sample('full')))
    expect(body).toContain('<h2>Summary</h2>')
    expect(body.match(/<table>/g)?.length).toBeGreaterThan(4)
    expect(body).toContain('<pre><code>')
    expect(body).not.toContain('auto:')
  })

  it('carries its pictures, and shows no other', () => {
    const body = bodyOf(render('![chart](assets/a.png) ![spy](https://e.vil/x.png) ![file](file:///etc/passwd)'))
    expect(body).toContain('<img src="data:image/png;base64,iVBORw0KGgo=" alt="chart"')
    expect(body).toContain('[picture: spy]')
    expect(body).not.toMatch(/e\.vil|etc\/passwd/)
  })

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '[a](javascript:alert(1))',
    '[a](JaVaScRiPt:alert(1))',
    '[a](data:text/html,<script>alert(1)</script>)',
    '[a](//e.vil)',
    '[a](https://u:p@e.vil)',
    '![x](data:image/svg+xml;base64,PHN2Zz4=)',
    '<a href="https://e.vil" onclick="x()">a</a>',
    '<style>*{display:none}</style>',
    '<iframe src="https://e.vil"></iframe>',
    '<!-- a --><script>alert(1)</script><!-- b -->',
    '`<script>`',
    '```html"onmouseover="x\n<script>alert(1)</script>\n```',
    '[a](https://ok.example "t\\" onmouseover=\\"x")',
  ])('obeys nothing of %j', (markdown) => {
    const body = bodyOf(render(`${markdown}\n\ntext ${markdown}\n\n| a |\n|---|\n| ${markdown} |\n`))
    expect(body).not.toMatch(/<(?:script|style|iframe|svg|object|embed|form|input|link|meta)/i)
    expect(body).not.toMatch(/<[^>]*\son\w+\s*=/i)
    expect(body).not.toMatch(/(?:href|src)="(?!https:\/\/|mailto:|data:image\/png)/i)
    expect(body).not.toContain('href="https://u:p')
  })

  it('keeps hostile evidence inert', () => {
    const body = bodyOf(render(sample('hostile')))
    expect(body).not.toMatch(/<img|<script|href="(?!https:\/\/|mailto:)/)
    expect(body).not.toContain('href="https://e.vil')
  })

  it('lets nothing out of its title and allows nothing to be loaded', () => {
    const html = render('x', '</title><script>alert(1)</script>')
    expect(html).not.toContain('<script>')
    expect(html).toMatch(
      /content="default-src &#39;none&#39;; img-src data:; style-src &#39;sha256-[A-Za-z0-9+/]{43}=&#39;/,
    )
  })

  it('holds only tags of Markdown, whatever it is given', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '&',
      '`',
      '[',
      '](',
      ')',
      'javascript:',
      '!',
      '\n',
      'a',
      '=',
      '<b',
      'on',
      '&#x3c;',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const tags = bodyOf(render(pieces.join(''))).match(/<\/?[a-z][a-z0-9]*/gi) ?? []
        for (const tag of tags)
          expect(tag).toMatch(
            /^<\/?(?:h[1-6]|p|blockquote|ul|ol|li|pre|code|hr|br|strong|em|del|a|img|table|thead|tbody|tr|th|td)$/,
          )
      }),
    )
  })
})
