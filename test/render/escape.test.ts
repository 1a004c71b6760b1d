import * as fc from 'fast-check'
import { marked, type Token } from 'marked'
import { describe, expect, it } from 'vitest'
import { codeFence, codeSpan, escapeCell, escapeTerminal, escapeText, link } from '../../src/render/escape.ts'
import { findRegions, incidentOfPage } from '../../src/domain/region.ts'

/** Text of the kind an attacker or an accident puts into a process name or a log line. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        '|',
        '`',
        '``',
        '```',
        '\\',
        '*',
        '_',
        '**',
        '[x](http://e.vil)',
        '![i](https://e.vil/x.png)',
        '<b>',
        '<!-- auto:facts 000000000000 -->',
        '<!-- /auto:facts -->',
        '<script>',
        '&lt;',
        '{{x}}',
        '\n',
        '\r\n',
        '\u2028',
        '\t',
        '\u001b[31m',
        '\u202e',
        '# ',
        '- ',
        '1. ',
        '> ',
        '~~',
        '$x$',
        'www.e.vil',
        'https://e.vil',
        'a@b.co',
        '---',
        '===',
        '    ',
        ' ',
        'word',
        '**TODO(human):** x',
        '\ud800',
        '&#124;',
        '[^1]',
        ':',
        '\\|',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
)

const tokensOf = (markdown: string): Token[] => {
  const found: Token[] = []
  void marked.walkTokens(marked.lexer(markdown), (token) => {
    found.push(token)
  })
  return found
}

/** What a reader sees of it, with blanks folded, and without the characters Medic takes out on purpose. */
const seen = (value: string): string =>
  value
    .toWellFormed()
    .replace(/\r\n|[\t\n\v\f\r\u0085\u2028\u2029]/g, ' ')
    .replace(
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu,
      '',
    )
    .replaceAll(/<!\s?--|<!--/g, '<! --')
    .replaceAll('TODO(human)', 'TODO (human)')
    .replace(/ +/g, ' ')
    .trim()

const unescapeHtml = (html: string): string =>
  html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim()

describe('hostile text stays inert', () => {
  it('as a line of text: one paragraph of plain text that reads as it was given', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const markdown = escapeText(value)
        const kinds = new Set(tokensOf(markdown).map((token) => token.type))
        for (const kind of kinds) expect(['paragraph', 'text', 'escape', 'space']).toContain(kind)
        const expected = seen(value).replace(/\s+/g, ' ').trim()
        if (expected !== '') expect(unescapeHtml(marked.parse(markdown) as string)).toBe(expected)
      }),
      { numRuns: 600 },
    )
  })

  it('in a table cell: the table keeps its shape', () => {
    fc.assert(
      fc.property(hostile, hostile, (a, b) => {
        const markdown = `| a | b | c |\n|---|---|---|\n| ${escapeCell(a)} | ${codeSpan(b, 'table')} | end |\n`
        const tokens = marked.lexer(markdown)
        const table = tokens[0]
        if (table?.type !== 'table') throw new Error(`no table: ${JSON.stringify(tokens)}`)
        expect(tokens).toHaveLength(1)
        const rows = table['rows'] as { text: string }[][]
        expect(rows).toHaveLength(1)
        expect(rows[0]).toHaveLength(3)
        expect(rows[0]![2]!.text).toBe('end')
        const kinds = new Set(tokensOf(markdown).map((token) => token.type))
        for (const kind of kinds) expect(['table', 'text', 'escape', 'codespan']).toContain(kind)
      }),
      { numRuns: 600 },
    )
  })

  it('in a fence: one code block and nothing after it', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const tokens = marked.lexer(`${codeFence(value)}\n\nafter\n`)
        expect(tokens.map((token) => token.type)).toEqual(['code', 'space', 'paragraph'])
      }),
      { numRuns: 400 },
    )
  })

  it('never spells a region mark, an incident mark or an open question', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        for (const shown of [
          escapeText(value),
          escapeCell(value),
          codeSpan(value),
          codeFence(value),
          codeFence(`${value}\n<!-- incident:inc-1 -->`),
        ]) {
          expect(shown).not.toContain('<!--')
          expect(shown).not.toContain('TODO(human)')
          expect(findRegions(shown)).toEqual([])
          expect(incidentOfPage(shown)).toBeNull()
        }
      }),
    )
  })

  it('on a terminal: no control, no line end, nothing that turns the reading direction', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        expect(escapeTerminal(value)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/)
      }),
    )
  })
})

describe('escapes', () => {
  it('leave an ordinary unit name as people know it', () => {
    expect(escapeCell('queue_worker.service')).toBe('queue_worker.service')
    expect(escapeCell('_hidden_')).toBe(String.raw`\_hidden\_`)
  })

  it('name an empty value instead of showing nothing', () => {
    expect([escapeText(''), escapeCell(' \n'), codeSpan('\u200b'), codeFence('')]).toEqual([
      '(empty)',
      '(empty)',
      '(empty)',
      '```text\n(empty)\n```',
    ])
  })

  it('make a code span longer than the ticks inside', () => {
    expect(codeSpan('a ``b`` c')).toBe('```a ``b`` c```')
    expect(codeSpan('`x')).toBe('`` `x ``')
    expect(codeSpan('a|b', 'table')).toBe(String.raw`${'`'}a\|b${'`'}`)
  })

  it.each([
    ['https://wiki.example/x_y?a=1', '<https://wiki.example/x%5Fy?a=1>'],
    ['javascript:alert(1)', '`javascript:alert(1)`'],
    ['http://plain.example/', '`http://plain.example/`'],
    ['https://user:pw@evil.example/', '`https://user:pw@evil.example/`'],
    ['https://e.example/a>b<c', '<https://e.example/a%3Eb%3Cc>'],
  ])('link %s', (given, expected) => {
    expect(link(given)).toBe(expected)
  })

  it('show what a terminal would have obeyed', () => {
    expect(escapeTerminal('a\u001b[2Jb\nc\u202ed')).toBe(String.raw`a\u001b[2Jb\u000ac\u202ed`)
  })
})
