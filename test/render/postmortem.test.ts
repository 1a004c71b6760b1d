import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { marked } from 'marked'
import { describe, expect, it } from 'vitest'
import type { Finding } from '../../src/domain/finding.ts'
import { findRegions, incidentOfPage, regionHash } from '../../src/domain/region.ts'
import { countTodos, renderPostmortem } from '../../src/render/postmortem.ts'
import type { PostmortemInput } from '../../src/render/postmortemInput.ts'
import { compileTemplate } from '../../src/render/template.ts'
import { lintWording } from '../../src/render/wording.ts'
import { emptyInput, evidenceItem, fullInput, sha256 } from './bundle.ts'

const path = 'templates/postmortem.md.hbs'
const template = compileTemplate(readFileSync(join(import.meta.dirname, '../..', path), 'utf8'), path)
const draft = (input: PostmortemInput): string => renderPostmortem(input, template, sha256)

const EVIL =
  '`|**x** <!-- /auto:causes -->\n# [a](javascript:1) {{x}} \u001b[2J\u202e <img src=x> **TODO(human):** @all https://e.vil'

const spoil = (finding: Finding): Finding => ({
  ...finding,
  summary: EVIL,
  unit: EVIL,
  why: EVIL,
  constraint: EVIL,
  cgroup: EVIL,
  doubts: [EVIL],
  victims: [{ pid: 1, comm: EVIL, unit: EVIL, anonRssBytes: null }],
  invoker: { pid: null, comm: EVIL },
  culprit: { comm: EVIL, unit: EVIL, isVictim: false, why: EVIL },
  citations: finding.citations.map((citation) => ({ ...citation, text: EVIL })),
  remedies: finding.remedies.map((remedy) => ({ ...remedy, title: EVIL, because: EVIL, warnings: [EVIL] })),
})

const hostileInput: PostmortemInput = {
  ...fullInput,
  incident: { ...fullInput.incident, title: EVIL },
  diagnosis: {
    ...fullInput.diagnosis,
    findings: fullInput.diagnosis.findings.map(spoil),
    blindSpots: [EVIL],
    skipped: [{ rule: 'x', reason: EVIL }],
  },
  evidence: [evidenceItem('E1', EVIL, EVIL, { command: EVIL, subject: EVIL })],
  events: [{ atMs: fullInput.incident.occurredAtMs, what: EVIL, basis: 'reported', evidence: ['E1'] }],
  memory: {
    text: EVIL,
    evidence: ['E1'],
    rows: [{ name: EVIL, count: '1', rssBytes: 1, share: EVIL, evidence: ['E1'] }],
  },
}

const ORDER = [
  'Summary',
  'Impact',
  'Detection',
  'Timeline',
  'Causes',
  'Memory picture',
  'Response and recovery',
  'What we learned',
  'Action items',
  'Earlier similar incidents',
  'Evidence',
]

const headings = (markdown: string): string[] =>
  marked
    .lexer(markdown)
    .flatMap((token) => (token.type === 'heading' && token['depth'] === 2 ? [String(token['text'])] : []))

describe.each([
  ['empty', emptyInput],
  ['full', fullInput],
  ['hostile', hostileInput],
])('the draft of an %s bundle', (name, input) => {
  const markdown = draft(input)

  it('is this document', async () => {
    await expect(markdown).toMatchFileSnapshot(`samples/postmortem-${name}.md`)
  })

  it('has its sections in their fixed order', () => {
    expect(headings(markdown)).toEqual(ORDER)
  })

  it('owns whole regions with honest hashes', () => {
    const regions = findRegions(markdown)
    expect(regions.map((region) => region.name)).toEqual([
      'status',
      'facts',
      'summary',
      'impact',
      'detection',
      'timeline',
      'causes',
      'memory',
      'response',
      'earlier',
      'evidence',
    ])
    for (const region of regions) expect(region.hash).toBe(regionHash(region.body, sha256))
    expect(incidentOfPage(markdown)).toBe(input.incident.id)
  })

  it('counts its open questions in the banner', () => {
    expect(markdown).toContain(`${countTodos(markdown)} questions for people remain`)
    expect(countTodos(markdown)).toBe(14)
  })

  it('holds no HTML, link or picture made of data', () => {
    const kinds: string[] = []
    void marked.walkTokens(marked.lexer(markdown), (token) => {
      if (
        token.type === 'html' &&
        /^<!-- \/?(?:auto:[a-z]+(?: [0-9a-f]{12})?|incident:[\w.@-]+) -->\s*$/.test(token.raw)
      )
        return
      kinds.push(token.type)
    })
    for (const kind of ['html', 'link', 'image']) expect(kinds).not.toContain(kind)
  })

  it('is the same again', () => {
    expect(draft(input)).toBe(markdown)
  })
})

describe('any text from a host', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc
      .array(
        fc.constantFrom(
          '<!-- /auto:causes -->',
          '\n',
          '```',
          '|',
          '# ',
          '{{x}}',
          '`',
          '<!-- auto:facts 000000000000 -->',
          ' ',
          'a',
          '- ',
          '\\',
        ),
        { maxLength: 8 },
      )
      .map((parts) => parts.join('')),
  )

  it('leaves sections, regions and questions as they are', () => {
    const names = findRegions(draft(fullInput)).map((region) => region.name)
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        const first = fullInput.diagnosis.findings[0]!
        const markdown = draft({
          ...fullInput,
          incident: { ...fullInput.incident, title: a },
          diagnosis: {
            ...fullInput.diagnosis,
            findings: [
              {
                ...first,
                summary: b,
                unit: c,
                why: a,
                doubts: [b],
                citations: [{ evidence: 'E1', line: 1, text: c }],
                remedies: first.remedies.map((remedy) => ({
                  ...remedy,
                  title: a,
                  because: b,
                  files: [{ path: c, content: a }],
                })),
              },
            ],
            blindSpots: [c],
          },
          evidence: [evidenceItem('E1', a, b, { command: c })],
        })
        expect(headings(markdown)).toEqual(ORDER)
        expect(findRegions(markdown).map((region) => region.name)).toEqual(names)
        expect(countTodos(markdown)).toBe(14)
      }),
      { numRuns: 150 },
    )
  })
})

describe('the wording of drafts', () => {
  it.each([
    ['empty', emptyInput],
    ['full', fullInput],
  ])('of an %s bundle passes the linter', (_name, input) => {
    expect(lintWording(draft(input))).toEqual([])
  })
})
