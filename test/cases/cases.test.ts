import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diagnoseText } from '../../src/app/diagnoseText.ts'
import type { Finding } from '../../src/domain/finding.ts'
import { clean } from '../../src/redaction/clean.ts'
import { damages } from './damages.ts'
import type { Damage } from './damages.ts'

/**
 * Incidents as data. `<group>/<name>.json` says what `<name>.txt` (or the sample named by `text`) must give: all
 * findings in their order, each with every stated field, null where the text is silent.
 */
interface Expected {
  readonly text?: string
  /** The text came with broken lines: what is set between or around them cannot be taken off again. */
  readonly isWrapped?: boolean
  readonly findings: readonly Partial<Finding>[]
}

interface Case extends Expected {
  readonly name: string
  readonly input: string
}

const HERE = import.meta.dirname

const casesOf = (group: string): readonly Case[] =>
  readdirSync(join(HERE, group))
    .filter((file) => file.endsWith('.json'))
    .map((file) => {
      const expected = JSON.parse(readFileSync(join(HERE, group, file), 'utf8')) as Expected
      const path =
        expected.text === undefined
          ? join(HERE, group, file.replace(/json$/, 'txt'))
          : join(HERE, '..', expected.text)
      return { ...expected, name: file.replace('.json', ''), input: readFileSync(path, 'utf8') }
    })

const findingsIn = (text: string): readonly Finding[] => diagnoseText(text, 'case', clean, 0).diagnosis.findings

const OOM_KILLS: ReadonlySet<string> = new Set([
  'global-oom',
  'memcg-oom',
  'cpuset-oom',
  'container-oom',
  'systemd-oomd',
  'earlyoom',
])

describe.each(['kernel', 'lab', 'programs', 'lookalikes'])('incidents of %s', (group) => {
  it.each(casesOf(group))('$name', ({ input, findings }) => {
    const found = findingsIn(input)
    expect(found.map((finding) => finding.kind)).toEqual(findings.map((finding) => finding.kind))
    expect(found).toMatchObject(findings)
  })

  it('has a text for every expectation and an expectation for every text', () => {
    const texts = readdirSync(join(HERE, group)).filter((file) => file.endsWith('.txt'))
    expect(texts.filter((file) => !existsSync(join(HERE, group, file.replace(/txt$/, 'json'))))).toEqual([])
  })
})

describe('look-alikes', () => {
  it('are more than fifty', () => expect(casesOf('lookalikes').length).toBeGreaterThan(50))

  it.each(casesOf('lookalikes'))('$name is no OOM kill', ({ input }) => {
    expect(findingsIn(input).filter((finding) => OOM_KILLS.has(finding.kind))).toEqual([])
  })
})

/** What a damaged copy may still say: the same process, unit and numbers as the whole one, or nothing. */
const STATED = ['unit', 'container', 'constraint', 'cgroup', 'limitBytes', 'invoker', 'largestTask'] as const

const contradictionsOf = (found: readonly Finding[], whole: readonly Partial<Finding>[]): readonly string[] =>
  found
    .filter((finding) => OOM_KILLS.has(finding.kind))
    .flatMap((finding) =>
    [
      ...STATED.filter((field) => finding[field] !== null).map((field) => [field, finding[field]] as const),
      ...finding.victims.map((victim) => ['victims', victim] as const),
    ]
      .filter(([field, value]) => !whole.some((expected) => agrees(expected[field], value)))
      .map(([field, value]) => `${finding.kind} ${field} ${JSON.stringify(value)}`),
  )

/** Every stated part of the value is stated alike by the whole text. */
const agrees = (expected: unknown, value: unknown): boolean => {
  if (Array.isArray(expected)) return expected.some((one) => agrees(one, value))
  if (typeof value !== 'object' || value === null) return value === null || expected === value
  if (typeof expected !== 'object' || expected === null) return false
  return Object.entries(value).every(([name, part]) => agrees((expected as Record<string, unknown>)[name], part))
}

const pidsOf = (findings: readonly Partial<Finding>[]): readonly (number | null)[] =>
  findings
    .flatMap((finding) => finding.victims ?? [])
    .map((victim) => victim.pid)
    .toSorted((a, b) => (a ?? 0) - (b ?? 0))

describe.each(damages)('kernel reports, $name', (damage: Damage) => {
  it.each([...casesOf('kernel'), ...casesOf('lab').filter((one) => one.text !== undefined)])(
    '$name',
    ({ input, findings, isWrapped }) => {
      const found = findingsIn(damage.apply(input))
      expect(contradictionsOf(found, findings)).toEqual([])
      if (!damage.keepsAll || isWrapped === true) return
      expect(new Set(found.map((finding) => finding.kind))).toEqual(new Set(findings.map((finding) => finding.kind)))
      expect(pidsOf(found)).toEqual(pidsOf(findings))
    },
  )
})

/** Several damages at once, as a log goes through them: a collector's prefix, a mail's wrap, an edge of a window. */
const chains = (index: number): readonly (readonly Damage[])[] => {
  const kept = damages.filter((damage) => damage.keepsAll)
  const cuts = damages.filter((damage) => !damage.keepsAll && damage !== WRAP)
  return cuts.flatMap((cut, at) => {
    const prefix = kept[(index + at) % kept.length] ?? cut
    const other = kept[(index + at + 4) % kept.length] ?? cut
    return [
      [prefix, cut],
      [prefix, WRAP, cut],
      [cut, WRAP, prefix],
      [WRAP, other, cut],
      [prefix, other, cut],
    ]
  })
}
const WRAP = damages.find((damage) => damage.name.startsWith('wrapped')) ?? (damages[0] as Damage)

/** `Kill process 4417 (java) score 9 or sacrifice child`: who was selected is stated, and not always who died. */
const isSelected = (statement: string, text: string): boolean => {
  const pid = /"pid":(\d{1,10})/.exec(statement)?.[1]
  return pid !== undefined && new RegExp(String.raw`\bKill process ${pid} \(`).test(text)
}

describe('kernel reports under several damages at once', () => {
  const cases = casesOf('kernel').filter(({ input, isWrapped }) => isWrapped !== true && input.split('\n').length > 6)

  it.each(cases.map((one, index) => ({ ...one, index })))('$name states nothing that the whole does not', (one) => {
    const wrong = chains(one.index).flatMap((chain) => {
      const found = findingsIn(chain.reduce((text, damage) => damage.apply(text), one.input))
      return contradictionsOf(found, one.findings)
        .filter((statement) => !isSelected(statement, one.input))
        .map((statement) => `${chain.map((damage) => damage.name).join(', ')}: ${statement}`)
    })
    expect(wrong).toEqual([])
  })

  it('are seen whole through two prefixes', () => {
    const kept = damages.filter((damage) => damage.keepsAll)
    const lost = cases.flatMap((one, index) =>
      kept.flatMap((outer, at) => {
        const inner = kept[(index + at + 1) % kept.length]
        if (inner === undefined || inner === outer) return []
        const found = findingsIn(outer.apply(inner.apply(one.input)))
        const isSame = JSON.stringify(pidsOf(found)) === JSON.stringify(pidsOf(one.findings))
        return isSame ? [] : [`${one.name}: ${inner.name}, then ${outer.name}`]
      }),
    )
    expect(lost).toEqual([])
  })
})

describe.each(damages.filter((damage) => damage.keepsAll && !damage.name.includes('another program')))(
  'texts of programs and look-alikes, $name',
  (damage: Damage) => {
    it.each(['programs', 'lookalikes'])('%s say the same', (group) => {
      const changed = casesOf(group)
        .filter(({ name, isWrapped }) => !DEPENDS_ON_STAMP.has(name) && isWrapped !== true)
        .map(({ name, input }) => ({ name, whole: toldWhole(input), damaged: told(damage.apply(input)) }))
        .filter(({ whole, damaged }) => whole !== damaged)
      expect(changed).toEqual([])
    })
  },
)

const told = (text: string): string =>
  findingsIn(text)
    .map((finding) => `${finding.kind} ${JSON.stringify(finding.victims.map((victim) => victim.pid))}`)
    .toSorted()
    .join('; ')

const wholes = new Map<string, string>()
const toldWhole = (text: string): string => {
  const known = wholes.get(text) ?? told(text)
  wholes.set(text, known)
  return known
}

/** A collector's one stamp for all of its lines makes two events of a minute one, and a log line of a sentence. */
const DEPENDS_ON_STAMP: ReadonlySet<string> = new Set([
  'watchdog-twice-in-a-minute',
  'out-of-memory-sentence',
  'manual-kill-12345',
])
