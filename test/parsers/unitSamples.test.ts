import { describe, expect, it } from 'vitest'
import { memorySamplesOf, type MeasuredSample } from '../../src/domain/sample.ts'
import { ParseError } from '../../src/domain/errors.ts'
import { unitSamplesParser, unitSamplesText } from '../../src/parsers/unitSamples.ts'
import { createCleaner } from '../../src/redaction/clean.ts'

const MIB = 1024 * 1024
const START_MS = Date.parse('2026-11-10T02:00:00Z')

const week = (count: number, everyMs: number, bytesOf: (index: number) => number): readonly MeasuredSample[] =>
  Array.from({ length: count }, (_, index) => ({
    atMs: START_MS + index * everyMs,
    bytes: bytesOf(index),
    measure: 'held',
    life: String(Math.floor(index / 100)),
  }))

describe("a unit's samples as evidence", () => {
  it('say one sample a line, for people and for the parser', () => {
    const text = unitSamplesText(week(2, 900_000, (index) => (600 + index) * MIB))
    expect(text.split('\n')).toEqual([
      "# time (UTC), bytes, held (without file cache) or current (with it), life of the unit's processes",
      '2026-11-10T02:00:00Z 629145600 held life=0 (600 MiB)',
      '2026-11-10T02:15:00Z 630194176 held life=0 (601 MiB)',
      '',
    ])
  })

  it('come back as they were, each with its line, and survive the redaction', () => {
    const samples = week(672, 900_000, (index) => index * 1_000_003)
    const { text, redactions } = createCleaner([])(unitSamplesText(samples))
    expect(redactions).toBe(0)
    const { samples: read } = unitSamplesParser.parse(text)
    expect(read.map(({ line: _line, ...sample }) => sample)).toEqual(samples)
    for (const { line, bytes } of read) expect(text.split('\n')[line - 1]).toContain(` ${bytes} `)
  })

  it('are thinned out by keeping the highest', () => {
    const text = unitSamplesText(week(10_080, 60_000, (index) => (index === 5003 ? 999 : index % 7) * MIB))
    const { samples } = unitSamplesParser.parse(text)
    expect(samples).toHaveLength(672)
    expect(text).toContain('# of 10080 samples the highest of each 15')
    expect(samples.filter(({ bytes }) => bytes === 999 * MIB)).toMatchObject([{ atMs: START_MS + 5003 * 60_000 }])
    expect(Math.min(...samples.map(({ bytes }) => bytes))).toBe(6 * MIB)
  })

  it.each(['2026-11-10T02:00:00Z many held life=0', 'x', '2026-99-10T02:00:00Z 1 held life=0', '1 held life=0'])(
    'that are not in this form are refused by line: %s',
    (line) => {
      expect(() => unitSamplesParser.parse(`# head\n${line}\n`)).toThrow(ParseError)
      expect(() => unitSamplesParser.parse(`# head\n${line}\n`)).toThrow(/line 2/)
    },
  )
})

describe('the measure', () => {
  const sample = (minute: number, values: Readonly<Record<string, number>>) => ({
    atMs: minute * 60_000,
    bootId: 'b',
    values,
  })
  const old = sample(1, { 'unit-memory:a.service': 900 })
  const young = sample(2, { 'unit-memory:a.service': 950, 'unit-held:a.service': 300 })
  it('of samples without more is the one with the file cache', () => {
    expect(memorySamplesOf('a.service', [old])).toMatchObject([{ bytes: 900, measure: 'current' }])
  })
  it('without the cache puts the others aside', () => {
    expect(memorySamplesOf('a.service', [old, young])).toMatchObject([{ bytes: 300, measure: 'held' }])
  })
})
