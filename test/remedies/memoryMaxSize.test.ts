import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hoursToKill, memoryMaxFor, type MemoryMaxQuestion } from '../../src/remedies/memoryMaxSize.ts'
import { down64, reserveMib, roomMib, up64 } from '../../src/remedies/sizing.ts'

const question = (changes: Partial<MemoryMaxQuestion>): MemoryMaxQuestion => ({
  situation: 'host',
  limitMib: null,
  nowMib: null,
  peakMib: null,
  steadyMib: null,
  healthyPeakMib: null,
  steepestMib: null,
  growth: 'unknown',
  growthMibPerHour: null,
  roomMib: null,
  ...changes,
})

describe('rounding', () => {
  it.each([
    [249, 256],
    [256, 256],
    [500, 512],
    [640, 640],
    [641, 704],
    [20_000, 20_224],
  ])('up64(%i) is %i', (given, expected) => expect(up64(given)).toBe(expected))

  it.each([
    [975, 960],
    [511, 496],
    [1087, 1024 + 0],
    [20_000, 19_968],
  ])('down64(%i) is %i', (given, expected) => expect(down64(given)).toBe(expected))
})

describe('the reserve of a host', () => {
  it.each([
    [7950, 0, 795],
    [1970, 0, 256],
    [512, 0, 96],
    [960, 0, 144],
    [64_000, 0, 2048],
    [4000, 700, 700],
  ])('of %i MiB with %i MiB of kernel memory is %i MiB', (total, kernel, expected) => {
    expect(reserveMib(total, kernel)).toBe(expected)
  })
})

describe('example A: a leak took the host', () => {
  const room = roomMib(7950, 0, 1700)
  const answer = memoryMaxFor(
    question({
      roomMib: room,
      steadyMib: 610,
      healthyPeakMib: 780,
      peakMib: 5900,
      nowMib: 640,
      growth: 'leak',
      growthMibPerHour: 420,
    }),
  )

  it('has room for 5455 MiB', () => expect(room).toBe(5455))
  it('is limited to 960 MiB', () => expect(answer).toMatchObject({ answer: 'new', mib: 960 }))
  it('is killed again after 50 minutes', () => expect(Math.round((hoursToKill(960, 610, 420) ?? 0) * 60)).toBe(50))
})

describe('example B: the host is too small', () => {
  it('has room for 464 MiB, and no number fits', () => {
    const room = roomMib(1970, 0, 1250)
    expect(room).toBe(464)
    expect(memoryMaxFor(question({ roomMib: room, steadyMib: 520, healthyPeakMib: 540 }))).toMatchObject({
      answer: 'too-small',
      mib: null,
    })
  })
})

describe('example C: a limit too tight', () => {
  const tight = question({
    situation: 'own-limit',
    limitMib: 200,
    steadyMib: 185,
    peakMib: 199,
    growth: 'flat',
    roomMib: 900,
  })

  it('is raised to 256 MiB', () => expect(memoryMaxFor(tight)).toMatchObject({ answer: 'raise', mib: 256 }))
  it('is kept when memory only grows', () => {
    expect(memoryMaxFor({ ...tight, growth: 'leak', growthMibPerHour: 30 })).toMatchObject({
      answer: 'keep',
      mib: null,
    })
  })
  it('is kept when the host has no room', () =>
    expect(memoryMaxFor({ ...tight, roomMib: 240 })).toMatchObject({ answer: 'too-small' }))
  it('is kept when the peak was a burst', () =>
    expect(memoryMaxFor({ ...tight, steadyMib: 100 })).toMatchObject({ answer: 'keep' }))
  it('is kept when it is loose already', () =>
    expect(memoryMaxFor({ ...tight, limitMib: 256 })).toMatchObject({ answer: 'keep' }))
})

describe('samples that saw more than the usual arithmetic allows for', () => {
  const saw = { steadyMib: 500, healthyPeakMib: 700, steepestMib: 300, peakMib: 1200, nowMib: 500 }
  it('raise the limit, so that it would not have killed in healthy time', () => {
    const answer = memoryMaxFor(question({ ...saw, roomMib: 5000, growth: 'flat' }))
    expect(answer).toMatchObject({ answer: 'new', mib: 1024 })
    expect(answer.because).toContain('the healthy peak of 700 MiB with 300 MiB on top')
  })
  it('of a small unit give it the least that may be set, not a refusal', () => {
    const small = question({
      steadyMib: 40,
      healthyPeakMib: 42,
      steepestMib: 1,
      nowMib: 41,
      peakMib: 400,
      growth: 'flat',
    })
    expect(memoryMaxFor({ ...small, roomMib: 300 })).toMatchObject({ answer: 'new', mib: 112 })
    expect(memoryMaxFor({ ...small, roomMib: 300 }).because).toContain('what it holds now, 41 MiB')
    expect(memoryMaxFor({ ...small, roomMib: 100 })).toMatchObject({ answer: 'too-small' })
  })
  it('do not raise it above the room of the host', () => {
    expect(memoryMaxFor(question({ ...saw, roomMib: 960, growth: 'flat' }))).toMatchObject({ mib: 960 })
  })
  it('raise a limit that was too tight above them', () => {
    const tight = question({
      ...saw,
      situation: 'own-limit',
      limitMib: 720,
      peakMib: 720,
      roomMib: 5000,
      growth: 'flat',
    })
    expect(memoryMaxFor(tight)).toMatchObject({ answer: 'raise', mib: 1024 })
    expect(memoryMaxFor({ ...tight, steepestMib: 0 })).toMatchObject({ answer: 'raise', mib: 960 })
  })
})

describe('without samples', () => {
  it('takes all the room the host has and no tighter guess', () => {
    expect(memoryMaxFor(question({ roomMib: 2330, peakMib: 2950, nowMib: 300 }))).toMatchObject({
      answer: 'new',
      mib: 2304,
    })
  })
  it('says nothing when the unit alone was not too big', () => {
    expect(memoryMaxFor(question({ roomMib: 5455, peakMib: 3000 }))).toMatchObject({ answer: 'cannot-say' })
  })
  it('says nothing when the room is not known', () =>
    expect(memoryMaxFor(question({ peakMib: 3000 }))).toMatchObject({ answer: 'cannot-say' }))
})

describe('a proposed number', () => {
  const maybe = fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: null })

  it('never does harm, whatever is known', () => {
    fc.assert(
      fc.property(
        fc.record({
          situation: fc.constantFrom('own-limit' as const, 'host' as const),
          limitMib: maybe,
          nowMib: maybe,
          peakMib: maybe,
          steadyMib: maybe,
          healthyPeakMib: maybe,
          steepestMib: maybe,
          growth: fc.constantFrom('leak' as const, 'flat' as const, 'unknown' as const),
          growthMibPerHour: maybe,
          roomMib: maybe,
        }),
        (given) => {
          const { answer, mib } = memoryMaxFor(given)
          if (mib === null) return
          expect(['new', 'raise']).toContain(answer)
          expect(mib).toBeLessThanOrEqual(given.roomMib ?? -1)
          if (answer === 'new' && given.nowMib !== null) expect(mib).toBeGreaterThanOrEqual(up64(given.nowMib) + 64)
          if (answer === 'new' && given.steadyMib !== null) expect(mib).toBeGreaterThanOrEqual(1.2 * given.steadyMib)
          if (answer === 'raise') expect(mib).toBeGreaterThan(given.limitMib ?? Number.POSITIVE_INFINITY)
        },
      ),
      { numRuns: 2000 },
    )
  })
})
