import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Digest, DigestLine } from '../../../src/domain/digest.ts'
import { digestMessage } from '../../../src/slack/blocks/digest.ts'
import { BLOCK_LIMITS, blockContentLength, characterCount } from '../../../src/slack/blockLimits.ts'
import type { Draft } from '../../../src/slack/outbox/draft.ts'
import { problemMessages, validateBlocks } from '../../support/slack/validateBlocks.ts'

const quiet: Digest = {
  schema: 'medic.digest/1',
  id: 'run-1',
  name: 'nightly',
  hosts: 'all',
  atMs: Date.parse('2026-11-12T07:00:00Z'),
  sinceMs: Date.parse('2026-11-11T07:00:00Z'),
  previousAtMs: Date.parse('2026-11-11T07:00:00Z'),
  missed: [],
  total: 2,
  checked: 2,
  lines: [],
  growing: [],
  changes: [],
  movers: [],
  notChecked: [],
  partly: [],
  unforecast: [],
  runId: 'run-1',
}

const lineOf = (host: string, more: Partial<DigestLine> = {}): DigestLine => ({
  host,
  check: 'disk-used',
  object: '/',
  state: 'new',
  level: 'warn',
  text: '82 % used',
  threshold: '> 80 %',
  sinceMs: quiet.atMs - 3_600_000,
  owner: null,
  ...more,
})

/** Only names of the inventory get a button, and those are plain. */
const isName = (host: string): boolean => /^[a-z0-9][a-z0-9.-]{0,252}$/.test(host)

const messageOf = (digest: Digest, more: { address?: string | null; notPublished?: readonly string[] } = {}): Draft =>
  digestMessage({ digest, address: null, notPublished: [], nextRunAtMs: quiet.atMs, canTriage: isName, ...more })

const expectSound = (draft: Draft): void => {
  for (const blocks of [draft.portable, ...(draft.rich === null ? [] : [draft.rich])]) {
    expect(problemMessages(validateBlocks([...blocks], 'message'))).toEqual([])
    expect(blockContentLength(blocks)).toBeLessThan(BLOCK_LIMITS.message.contentLength)
  }
  expect(draft.text.trim()).not.toBe('')
  expect(characterCount(draft.plain)).toBeLessThanOrEqual(BLOCK_LIMITS.message.textLength)
}

describe('the digest message', () => {
  it('is a sentence and a context when all is well', () => {
    const draft = messageOf(quiet)
    expect(draft.rich).toBeNull()
    expect(draft.portable.map(({ type }) => type)).toEqual(['section', 'context'])
    expect(JSON.stringify(draft.portable)).toContain('2 hosts without findings')
    expectSound(draft)
  })

  it('never claims health for hosts that were not seen or a night that was missed', () => {
    const notChecked = [{ host: 'db1', reason: 'timed-out: no answer', lastSeenMs: null }]
    const draft = messageOf({ ...quiet, checked: 1, notChecked, missed: ['no digest on 2026-11-11'] })
    const text = JSON.stringify(draft.portable)
    expect(text).toContain('not checked: db1: timed-out: no answer')
    expect(text).toContain('1 host without findings')
    expect(text).toContain('no digest on 2026-11-11')
    expect(text).not.toContain('✅')
  })

  it('has at most 15 hosts in its table, the worst first, and five buttons for hosts that can be looked at', () => {
    const lines = Array.from({ length: 40 }, (_, index) => lineOf(`web-${index}`))
    const critical = lineOf('db1', { level: 'critical', check: 'oom-kills', object: 'queue.service', text: '3 kills' })
    const draft = digestMessage({
      digest: { ...quiet, total: 60, checked: 60, lines: [...lines, critical] },
      address: 'https://wiki.example/digest',
      notPublished: [],
      nextRunAtMs: null,
      canTriage: (host) => host !== 'web-0',
    })
    const table = draft.rich?.find((block) => block.type === 'table')
    expect(table?.rows).toHaveLength(16)
    expect(JSON.stringify(table?.rows[1])).toMatch(/db1.*new, critical.*OOM kills queue\.service: 3 kills/)
    const buttons = JSON.stringify(draft.portable.at(-1))
    expect(buttons.match(/"value":"[^"]*"/g)).toEqual(
      ['db1', 'web-1', 'web-2', 'web-3', 'web-4'].map((host) => `"value":"${host}"`),
    )
    const text = JSON.stringify(draft.rich)
    expect(text).toContain('<https://wiki.example/digest|full report>')
    expect(text).toContain('26 more hosts with findings in the full report')
    expectSound(draft)
  })

  it('keeps every limit whatever hosts say, for one host and for hundreds', () => {
    const hostile = fc.oneof(
      fc.constant(''),
      fc.constant('<!channel> <@U0ANNA> <https://evil.example|x> ``` *b* &amp;'),
      fc.constant('\u202e\u0000\u200b\ud800'),
      fc.constant('😀'.repeat(3_000)),
      fc.string({ unit: 'binary', maxLength: 200 }),
    )
    const name = fc.oneof(fc.constantFrom('web01', 'x'.repeat(253)), hostile)
    const line = fc
      .record({ host: name, object: hostile, text: hostile, threshold: hostile })
      .map((text) => lineOf(text.host, { ...text, owner: text.text }))
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 60 }),
        fc.array(fc.record({ host: name, text: hostile }), { maxLength: 60 }),
        hostile,
        fc.constantFrom(1, 20, 500),
        (lines, others, text, total) => {
          const draft = messageOf(
            {
              ...quiet,
              total,
              checked: total,
              lines,
              growing: others.map(({ host, text: object }) => ({
                host,
                object,
                perHourBytes: 1e9,
                hours: null,
                roomBytes: null,
                trend: [1, null],
              })),
              changes: others.map((other) => ({ ...other, kind: 'reboot' as const })),
              notChecked: others.map(({ host, text: reason }) => ({ host, reason, lastSeenMs: null })),
              partly: others,
              missed: [text],
            },
            { address: text, notPublished: [text] },
          )
          expectSound(draft)
          expect(draft.text).not.toMatch(/<[!@#h]/)
        },
      ),
      { numRuns: 60 },
    )
  })
})
