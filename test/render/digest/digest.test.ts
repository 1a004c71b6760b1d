import { describe, expect, it } from 'vitest'
import type { Digest, DigestLine } from '../../../src/domain/digest.ts'
import { digestHeadline } from '../../../src/render/digest/digestHeadline.ts'
import { renderDigestPage } from '../../../src/render/digest/digestPage.ts'
import { renderDigestText } from '../../../src/render/digest/digestText.ts'
import { sparkline } from '../../../src/render/sparkline.ts'

const AT_MS = Date.parse('2026-11-12T02:00:00Z')
const HOUR_MS = 3_600_000

const line = (host: string, changes: Partial<DigestLine> = {}): DigestLine => ({
  host,
  check: 'reboot-wanted',
  object: 'host',
  state: 'new',
  level: 'warn',
  text: 'a reboot is wanted for 20 h',
  threshold: 'warn > 12 h',
  sinceMs: AT_MS,
  owner: null,
  ...changes,
})

const digest = (total: number, changes: Partial<Digest> = {}): Digest => ({
  schema: 'medic.digest/1',
  id: 'run-1',
  name: 'nightly',
  hosts: 'all',
  atMs: AT_MS,
  sinceMs: AT_MS - 24 * HOUR_MS,
  previousAtMs: null,
  missed: [],
  total,
  checked: total - (changes.notChecked?.length ?? 0),
  lines: [],
  growing: [],
  changes: [],
  movers: [],
  notChecked: [],
  partly: [],
  unforecast: [],
  runId: 'run-1',
  ...changes,
})

const growth = {
  host: 'web-1',
  object: 'worker.service',
  perHourBytes: 20 * 2 ** 20,
  hours: { soonest: 30, middle: 60, latest: null },
  roomBytes: 1200 * 2 ** 20,
  trend: [1, 2, null, 4],
}

describe('the headline', () => {
  it('counts what a person has to know, and is a line also when there is nothing', () => {
    expect(digestHeadline(digest(20))).toBe('20/20 hosts checked 02:00 UTC · nothing new')
    const lines = [
      line('a', { level: 'critical' }),
      line('b'),
      line('c', { state: 'same' }),
      line('d', { state: 'stale' }),
      line('e', { state: 'better' }),
      line('f', { state: 'resolved', level: 'ok' }),
    ]
    expect(digestHeadline(digest(20, { lines, growing: [growth, { ...growth, hours: null }] }))).toBe(
      '20/20 hosts checked 02:00 UTC · 1 critical · 2 new · 3 open · 1 growing · 1 resolved',
    )
  })
})

describe('the layout', () => {
  it('of one host has at most six lines and one picture', () => {
    const lines = Array.from({ length: 12 }, (_, index) => line('a', { object: `/disk${index}`, check: 'disk-used' }))
    const text = renderDigestText(digest(1, { lines, growing: [growth] }))
    const state = text.split('\n').filter((row) => row.startsWith('  '))
    expect(state).toHaveLength(7)
    expect(text).toContain('and 8 more in the full report')
    expect(text).toContain('worker.service, 48 h: ▁▃ █')
  })

  it('of 20 hosts shows the worst ten and counts the rest', () => {
    const lines = Array.from({ length: 20 }, (_, index) =>
      line(`h${index}`, index >= 18 ? { level: 'critical', text: 'bad' } : {}),
    )
    const text = renderDigestText(digest(20, { lines }))
    expect(text).toMatch(/CRITICAL h18.*\n.*CRITICAL h19/)
    expect(text).toContain('10 more hosts with open findings in the full report')
  })

  it('of 500 hosts groups by cause, names criticals only, and stays one message', () => {
    const lines = [
      ...Array.from({ length: 138 }, (_, index) => line(`web-${index}`)),
      ...Array.from({ length: 60 }, (_, index) =>
        line(`db-${index}`, { check: 'disk-used', object: '/', level: 'critical', text: '99 % used' }),
      ),
    ]
    const notChecked = Array.from({ length: 60 }, (_, index) => ({
      host: `gone-${index}`,
      reason: 'timed-out: no answer to the connection',
      lastSeenMs: null,
    }))
    const movers = Array.from({ length: 10 }, () => ({
      host: 'a',
      object: 'b.service',
      fromBytes: 1,
      toBytes: 2 ** 30,
    }))
    const text = renderDigestText(digest(500, { lines, notChecked, movers }))
    expect(text).toContain('138 hosts: reboot wanted')
    expect(text).not.toContain('web-5:')
    expect(text).toContain('CRITICAL db-29')
    expect(text).toContain('and 30 more in the full report')
    expect(text).toContain('and 40 more in the full report')
    // Slack cuts a message's text at 40 000 characters.
    expect(text.length).toBeLessThan(10_000)
    const page = renderDigestPage(digest(500, { lines, notChecked, movers }))
    for (const { host } of [...lines, ...notChecked]) expect(page).toContain(host)
  })
})

describe('a forecast', () => {
  it('never gives one date without its range', () => {
    const text = renderDigestText(digest(20, { growing: [growth, { ...growth, object: 'new.service', hours: null }] }))
    expect(text).toContain(
      'worker.service: rising 20 MiB/h, 1200 MiB left: full in 30 h to later than 14 d or never, most likely 2.5 d, if days like the last one repeat',
    )
    expect(text).toContain('new.service: rising 20 MiB/h, too early to forecast')
  })
})

it('text of a host does not come alive in a terminal', () => {
  const text = renderDigestText(digest(20, { lines: [line('a', { object: '\u001b[2J\u0007evil' })] }))
  expect(text).not.toContain('\u001b')
  expect(text).not.toContain('\u0007')
})

it.each([
  [[], ''],
  [[5, 5, 5], '▁▁▁'],
  [[0, null, 7], '▁ █'],
])('a sparkline of %j is %j', (values, picture) => {
  expect(sparkline(values)).toBe(picture)
})
