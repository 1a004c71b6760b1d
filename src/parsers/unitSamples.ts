import { ParseError } from '../domain/errors.ts'
import type { MeasuredSample, Measure } from '../domain/sample.ts'
import type { Parser } from './parser.ts'

// step kept-samples: what Medic's own sampler kept of one unit, taken from its store when the run ended
//
// # time (UTC), bytes, held (without file cache) or current (with it), life of the unit's processes
// 2026-11-10T02:15:00Z 642056192 held life=3 (612 MiB)

/** A sample and the 1-based line it stands on. */
export interface UnitSample extends MeasuredSample {
  readonly line: number
}

export interface UnitSamplesFacts {
  /** In order of time. */
  readonly samples: readonly UnitSample[]
}

const LINE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) (\d{1,15}) (held|current) life=(\d{1,6})(?: \(\d{1,12} MiB\))?$/

export const unitSamplesParser: Parser<UnitSamplesFacts> = {
  id: 'unit-samples',
  parse: (output) => ({
    samples: output.split('\n').flatMap((text, index) => {
      if (text === '' || text.startsWith('#')) return []
      const match = LINE.exec(text)
      const atMs = Date.parse(match?.[1] ?? '')
      if (match === null || Number.isNaN(atMs))
        throw new ParseError('unit-samples', index + 1, 'expected "TIME BYTES held|current life=N"')
      const [, , bytes, measure, life = ''] = match
      return [{ atMs, bytes: Number(bytes), measure: measure as Measure, life, line: index + 1 }]
    }),
  }),
}

/** A week at 15 minutes. */
const MOST_LINES = 672
const MIB = 1024 * 1024

/** The text that the parser reads. Of too many samples the highest of each stretch stay: peaks are what a limit meets. */
export const unitSamplesText = (samples: readonly MeasuredSample[]): string => {
  const stretch = Math.ceil(samples.length / MOST_LINES)
  const kept: MeasuredSample[] = []
  for (let at = 0; at < samples.length; at += stretch)
    kept.push(
      samples.slice(at, at + stretch).reduce((highest, sample) => (sample.bytes > highest.bytes ? sample : highest)),
    )
  const thinned = stretch > 1 ? [`# of ${samples.length} samples the highest of each ${stretch}`] : []
  return [
    "# time (UTC), bytes, held (without file cache) or current (with it), life of the unit's processes",
    ...thinned,
    ...kept.map(
      ({ atMs, bytes, measure, life }) =>
        `${new Date(atMs).toISOString().slice(0, 19)}Z ${Math.round(bytes)} ${measure} life=${life} (${Math.round(bytes / MIB)} MiB)`,
    ),
    '',
  ].join('\n')
}
