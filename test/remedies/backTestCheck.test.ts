import { describe, expect, it } from 'vitest'
import { blankClaim, type Finding } from '../../src/domain/finding.ts'
import type { MemorySample } from '../../src/domain/sample.ts'
import { backTested } from '../../src/remedies/backTestCheck.ts'
import { memoryMaxMaker } from '../../src/remedies/memoryMax.ts'
import { isRefusal } from '../../src/render/postmortemResponse.ts'
import { hostFacts, samplesEvidence, UNIT } from './host.ts'

const MIB = 1024 * 1024
const QUARTER_MS = 900_000
const START_MS = Date.parse('2026-11-03T00:00:00Z')

/** A week at 15 minutes, one life. */
const week = (mibOf: (index: number) => number, count = 672): readonly MemorySample[] =>
  Array.from({ length: count }, (_, index) => ({
    atMs: START_MS + index * QUARTER_MS,
    bytes: mibOf(index) * MIB,
    life: '0',
  }))

const factsWith = (samples: readonly MemorySample[], measure: 'held' | 'current' = 'held', host = {}) =>
  hostFacts({ ...host, more: samples.length === 0 ? [] : [samplesEvidence(UNIT, samples, measure)] })

/** Up by 10 MiB a sample to a peak in the middle of the day, and back. */
const daily = week((index) => 600 + Math.max(0, 100 - 10 * Math.abs((index % 96) - 48)))

const killed = (changes: Partial<Finding>): Finding => ({
  ...blankClaim('global-oom', 'x'),
  role: 'root-cause',
  remedies: [],
  confidence: 'certain',
  unit: UNIT,
  victims: [{ pid: 1, comm: 'node', unit: UNIT, anonRssBytes: 5900 * MIB }],
  largestTask: { pid: 1, comm: 'node', rssBytes: 5900 * MIB },
  culprit: { comm: 'node', unit: UNIT, isVictim: true, why: 'x' },
  ...changes,
})

describe('a back-tested limit', () => {
  it('says against what, how often, how high and where that stands', () => {
    const facts = factsWith(daily)
    const { check, whole } = backTested(UNIT, 960, 'flat', facts)
    expect(check?.holds).toBe(true)
    const [cited] = check!.citations!
    expect(check?.detail).toBe(
      `672 samples of 7 days (every 15 min): in normal operation reached 0 times; highest 700 MiB 2026-11-04 12:00 UTC (${cited?.evidence}:${cited?.line}), and 10 MiB on top for what lies between two samples`,
    )
    expect(cited?.text).toBe('2026-11-04T12:00:00Z 734003200 held life=0 (700 MiB)')
    expect(whole).toBeNull()
  })

  it('that would have killed in normal operation does not hold, and cites each time', () => {
    const { check } = backTested(UNIT, 705, 'flat', factsWith(daily))
    expect(check?.holds).toBe(false)
    expect(check?.detail).toContain('in normal operation reached 6 times, first 2026-11-04 12:00 UTC')
    expect(check?.citations?.map(({ text }) => text.slice(0, 13))).toEqual([
      '2026-11-04T12',
      '2026-11-05T12',
      '2026-11-06T12',
      '2026-11-04T12',
    ])
  })

  it('is not refused for the climb that ended in the kill, which is told apart', () => {
    // Steady all week, and in the last five hours up to what the host could not give.
    const climb = week((index) => (index < 652 ? 600 + (index % 3) : 600 + 250 * (index - 651)))
    const { check, whole } = backTested(UNIT, 960, 'flat', factsWith(climb))
    expect(check?.holds).toBe(true)
    expect(check?.detail).toContain('in normal operation reached 0 times; highest 602 MiB')
    expect(whole).toMatch(/this limit would have been reached once, 2026-11-09 \d\d:\d\d UTC \(E\d+:\d+\)\.$/)
  })

  it('without samples is not back-tested, and says so', () => {
    expect(backTested(UNIT, 960, 'unknown', factsWith([]))).toEqual({
      check: null,
      text: 'Not back-tested: no samples of this unit yet',
      whole: null,
    })
  })

  it('is cleared by samples that count the file cache, and never refused by them', () => {
    expect(backTested(UNIT, 960, 'unknown', factsWith(daily, 'current')).check).toMatchObject({ holds: true })
    const cannot = backTested(UNIT, 700, 'unknown', factsWith(daily, 'current'))
    expect(cannot.check).toBeNull()
    expect(cannot.text).toContain('count its file cache')
  })
})

describe('the remedy', () => {
  it('carries the back-test first among its checks, with its evidence', () => {
    const [remedy] = memoryMaxMaker.propose(killed({}), factsWith(daily))
    expect(remedy?.files).toHaveLength(1)
    expect(remedy?.checks[0]).toMatchObject({ check: 'it would not have killed a healthy unit', holds: true })
    expect(remedy?.checks[0]?.citations).toHaveLength(1)
    expect(remedy?.confidence).toBe('high')
  })

  it('tells no time to the next kill of memory that comes back, however its noise slopes', () => {
    const sloping = week((index) => 600 + index / 25 + 40 * (index % 5))
    const [remedy] = memoryMaxMaker.propose(killed({}), factsWith(sloping))
    expect(remedy?.files).toHaveLength(1)
    expect(remedy?.warnings.join(' ')).not.toContain('next kill')
  })

  it('says that it was not back-tested when nobody sampled the unit', () => {
    const [remedy] = memoryMaxMaker.propose(killed({}), factsWith([]))
    expect(remedy?.warnings).toContain('Not back-tested: no samples of this unit yet.')
    expect(remedy?.checks.map(({ check }) => check)).not.toContain('it would not have killed a healthy unit')
  })

  it('takes no size from samples that count the file cache', () => {
    const [held] = memoryMaxMaker.propose(killed({}), factsWith(daily))
    const [cache] = memoryMaxMaker.propose(killed({}), factsWith(daily, 'current'))
    const [none] = memoryMaxMaker.propose(killed({}), factsWith([]))
    expect(cache?.title).toBe(none?.title)
    expect(cache?.title).not.toBe(held?.title)
  })

  it('is not proposed where the room of the host is less than a healthy week took', () => {
    // 7950 of the host - 795 reserve - 6000 others: room for 1155 MiB, and every noon took 1400.
    const big = week((index) => 640 + Math.max(0, 760 - 10 * Math.abs((index % 96) - 48)))
    const [remedy] = memoryMaxMaker.propose(killed({}), factsWith(big, 'held', { availableMib: 7950 - 6640 }))
    expect(remedy?.files).toEqual([])
    expect(remedy?.because).toMatch(/it would not have killed a healthy unit: .* reached \d+ times|no number fits/)
  })

  it('to raise a tight limit is tested too, and said not to hold where it would kill', () => {
    const tight = killed({
      kind: 'memcg-oom',
      cgroup: `/system.slice/${UNIT}`,
      limitBytes: 720 * MIB,
      victims: [{ pid: 1, comm: 'node', unit: UNIT, anonRssBytes: 719 * MIB }],
      largestTask: null,
    })
    const host = { max: String(720 * MIB), nowMib: 600 }
    const [raise] = memoryMaxMaker.propose(tight, factsWith(daily, 'held', host))
    expect(raise?.id).toBe('memory-max-raise')
    expect(raise?.because).toContain(
      'Back-test: 672 samples of 7 days (every 15 min): in normal operation reached 0 times',
    )
    expect(isRefusal(raise!)).toBe(false)
    const [, unsure] = memoryMaxMaker.propose(tight, factsWith([], 'held', host))
    expect(unsure?.because).toContain('Not back-tested: no samples of this unit yet.')
    // Too few to size by, and a burst of 500 MiB among them that came and went.
    const few = week((index) => (index === 12 ? 1100 : 600), 25)
    const [, harmful] = memoryMaxMaker.propose(tight, factsWith(few, 'held', host))
    expect(harmful?.because).toMatch(/Back-test: 25 samples .* in normal operation reached once, 2026/)
    expect(isRefusal(harmful!)).toBe(true)
  })
})
