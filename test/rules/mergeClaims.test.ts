import { describe, expect, it } from 'vitest'
import { blankClaim } from '../../src/domain/finding.ts'
import type { Claim, Victim } from '../../src/domain/finding.ts'
import type { Kind } from '../../src/domain/kind.ts'
import { mergeClaims, mergeStated } from '../../src/rules/mergeClaims.ts'

const victim = (pid: number | null, fields: Partial<Victim> = {}): Victim => ({
  pid,
  comm: 'node',
  unit: null,
  anonRssBytes: null,
  ...fields,
})
const claim = (kind: Kind, second: number | null, fields: Partial<Claim> = {}): Claim => ({
  ...blankClaim(kind, kind),
  confidence: 'certain',
  at: second === null ? null : new Date(Date.parse('2026-11-23T15:00:00Z') + second * 1000).toISOString(),
  ...fields,
})
const merged = (...claims: Claim[]) => mergeStated(claims.map((one, index) => ({ rule: `r${index}`, claim: one })))
const cited = (evidence: `E${number}`, line: number) => [{ evidence, line, text: `${evidence} ${line}` }]

describe('claims that are one event', () => {
  it('are joined by process within a minute; the killer speaks, lines of both are kept', () => {
    const unknown = claim('killed-unknown-sender', 2, {
      unit: 'a.service',
      victims: [victim(7, { comm: null })],
      citations: cited('E2', 9),
    })
    const kill = claim('memcg-oom', 0, {
      victims: [victim(7, { anonRssBytes: 5 })],
      limitBytes: 9,
      citations: cited('E1', 4),
    })
    const [one, ...others] = merged(unknown, kill)
    expect(others).toEqual([])
    expect(one).toMatchObject({ kind: 'memcg-oom', unit: 'a.service', limitBytes: 9, confidence: 'certain' })
    expect(one!.victims).toEqual([victim(7, { anonRssBytes: 5 })])
    expect(one!.citations.map((citation) => citation.evidence)).toEqual(['E1', 'E2'])
  })

  it('are joined when systemd’s notice stands next to the kill of the unit, and no number of the notice is taken', () => {
    const kill = claim('global-oom', 0, { victims: [victim(7, { unit: 'a.service' })] })
    const notice = claim('memcg-oom', 1, {
      unit: 'a.service',
      confidence: 'likely',
      limitBytes: 1,
      why: 'guess',
      doubts: ['cannot tell'],
    })
    const [one, ...others] = merged(notice, kill)
    expect(others).toEqual([])
    expect(one).toMatchObject({
      kind: 'global-oom',
      unit: 'a.service',
      limitBytes: null,
      why: null,
      confidence: 'certain',
    })
  })

  it('answer the doubts of the weaker one, and keep those of an equal', () => {
    const kill = claim('memcg-oom', 0, { unit: 'a.service', victims: [victim(7)], doubts: ['torn'] })
    const notice = claim('memcg-oom', 1, { unit: 'a.service', confidence: 'likely', doubts: ['cannot tell'] })
    expect(merged(kill, notice)[0]!.doubts).toEqual(['torn'])
    expect(merged({ ...kill, confidence: 'likely' }, notice)[0]!.doubts).toEqual(['torn', 'cannot tell'])
  })

  it('take a printed wall clock before one reckoned from the boot', () => {
    const reckoned = claim('memcg-oom', 5, { atText: '[   12.713120]', victims: [victim(7)] })
    const printed = claim('memcg-oom', 3, { atText: '2026-11-23T15:00:03Z', victims: [victim(7)] })
    expect(merged(reckoned, printed)[0]).toMatchObject({ at: printed.at, atText: printed.atText })
  })

  it('each take the notice nearest to them', () => {
    const kills = [0, 25, 50].map((second) =>
      claim('memcg-oom', second, { victims: [victim(100 + second, { unit: 'a.service' })] }),
    )
    const notices = [26, 51, 1].map((second) => ({
      rule: 'notices',
      claim: claim('memcg-oom', second, { unit: 'a.service', confidence: 'likely', citations: cited('E9', second) }),
    }))
    const all = mergeStated([...kills.map((one) => ({ rule: 'kernel', claim: one })), ...notices])
    expect(all.map((one) => one.citations.map((citation) => citation.line))).toEqual([[1], [26], [51]])
  })

  it('are joined without a wall clock when name and size agree, as the same report in dmesg and journal', () => {
    const inDmesg = claim('memcg-oom', null, { atText: '[  12.713]', victims: [victim(7, { anonRssBytes: 5 })] })
    const inJournal = claim('memcg-oom', 3, { victims: [victim(7, { anonRssBytes: 5 })] })
    expect(mergeClaims([inDmesg, inJournal])).toHaveLength(1)
  })

  it.each([
    ['in UTC', 'Nov 23 15:00:02', 1],
    ['in a zone an hour east', 'Nov 23 16:00:02', 1],
    ['in Nepal', 'Nov 23 20:45:02', 1],
    ['of the day before', 'Nov 22 15:00:02', 2],
    ['some minutes later', 'Nov 23 15:05:02', 2],
  ])('are joined when a stamp without year and zone, %s, can be the other’s moment', (_, atText, count) => {
    const kill = claim('memcg-oom', null, { atText, victims: [victim(7, { unit: 'a.service' })] })
    const notice = claim('memcg-oom', 0, { unit: 'a.service', confidence: 'likely' })
    const all = merged(notice, kill)
    expect(all).toHaveLength(count)
    if (count === 1) expect(all[0]?.at).toBe('2026-11-23T15:00:00.000Z')
  })

  it('are joined over the turn of the year', () => {
    const kill = claim('memcg-oom', null, { atText: 'Jan  1 00:30:02', victims: [victim(7, { unit: 'a.service' })] })
    const notice = { ...claim('memcg-oom', 0, { unit: 'a.service' }), at: '2026-12-31T23:30:00.000Z' }
    expect(merged(notice, kill)).toHaveLength(1)
  })

  it('make likely of two things that were only possible', () => {
    const one = claim('memcg-oom', 0, { unit: 'a.service', confidence: 'possible' })
    expect(merged(one, { ...one, at: null })).toMatchObject([{ confidence: 'likely' }])
  })
})

describe('claims that are different events', () => {
  it.each<[string, Claim, Claim]>([
    [
      'the same pid an hour later',
      claim('memcg-oom', 0, { victims: [victim(7)] }),
      claim('memcg-oom', 3600, { victims: [victim(7)] }),
    ],
    [
      'the same pid with another name',
      claim('memcg-oom', 0, { victims: [victim(7)] }),
      claim('memcg-oom', 1, { victims: [victim(7, { comm: 'php' })] }),
    ],
    [
      'the same pid and name with another size on another clock',
      claim('memcg-oom', null, { victims: [victim(7, { anonRssBytes: 1 })] }),
      claim('memcg-oom', 1, { victims: [victim(7, { anonRssBytes: 2 })] }),
    ],
    [
      'another process of the same unit',
      claim('memcg-oom', 0, { victims: [victim(7, { unit: 'a.service' })] }),
      claim('memcg-oom', 1, { victims: [victim(8, { unit: 'a.service' })] }),
    ],
    ['another unit', claim('unit-failed', 0, { unit: 'a.service' }), claim('unit-failed', 0, { unit: 'b.service' })],
    [
      'the kernel and systemd-oomd at one unit',
      claim('memcg-oom', 0, { unit: 'a.service', victims: [victim(7)] }),
      claim('systemd-oomd', 5, { unit: 'a.service' }),
    ],
    [
      'a kill and a failure of the unit',
      claim('memcg-oom', 0, { unit: 'a.service' }),
      claim('unit-failed', 1, { unit: 'a.service' }),
    ],
    [
      'two runtimes of one unit',
      claim('v8-heap', 0, { unit: 'a.service' }),
      claim('v8-heap', 1, { unit: 'a.service' }),
    ],
  ])('stay apart: %s', (_, one, other) => {
    expect(merged(one, other)).toHaveLength(2)
  })

  it('stay apart when one rule tells two notices without a process', () => {
    const notice = (second: number) => claim('memcg-oom', second, { unit: 'a.service' })
    expect(mergeClaims([notice(0), notice(25), notice(50)])).toHaveLength(3)
  })
})

it('stays quick when a hostile log repeats itself in one minute', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => [
    { rule: 'kernel', claim: claim('memcg-oom', 0, { victims: [victim(index, { unit: 'a.service' })] }) },
    { rule: 'notice', claim: claim('memcg-oom', 0, { unit: 'a.service' }) },
  ]).flat()
  const before = performance.now()
  mergeStated(many)
  expect(performance.now() - before).toBeLessThan(10_000)
})
