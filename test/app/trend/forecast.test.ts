import { describe, expect, it } from 'vitest'
import { forecast } from '../../../src/app/trend/forecast.ts'
import type { Point } from '../../../src/app/trend/forecast.ts'

const MIB = 2 ** 20
const HOUR_MS = 3_600_000
const LIMIT = 3 * 1024 * MIB

/** The same numbers in every run, so that a failure can be looked at. */
const createChance = (seed: number) => {
  let state = seed
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const bell = (): number => Math.sqrt(-2 * Math.log(next() + 1e-12)) * Math.cos(2 * Math.PI * next())
  return { next, bell }
}

/** A daily cycle of up to 15 % of the limit, noise of up to 2 %, a sample every quarter of an hour. */
const series = (chance: ReturnType<typeof createChance>, hours: number, leakPerHour: number): readonly Point[] => {
  const phase = chance.next() * 24
  const base = LIMIT * (0.3 + 0.3 * chance.next())
  const swing = LIMIT * 0.15 * chance.next()
  const noise = LIMIT * 0.02 * chance.next()
  return Array.from({ length: hours * 4 + 1 }, (_, quarter) => {
    const hour = quarter / 4
    const cycle = swing * Math.sin((2 * Math.PI * (hour + phase)) / 24)
    return { atMs: hour * HOUR_MS, value: base + cycle + noise * chance.bell() + leakPerHour * hour }
  })
}

const until = (points: readonly Point[], hour: number, room = LIMIT * 0.3) =>
  forecast(
    points.filter((point) => point.atMs <= hour * HOUR_MS),
    { limit: LIMIT, room },
    hour * HOUR_MS,
  )

describe('the floor rule', () => {
  it('gives no false alarm on 2 000 healthy series, at any of six moments', () => {
    const chance = createChance(1)
    const alarms = Array.from({ length: 2000 }, () => series(chance, 96, 0)).flatMap((points) =>
      [26, 36, 48, 60, 72, 96].map((hour) => until(points, hour)).filter(({ state }) => state === 'growing'),
    )
    expect(alarms).toEqual([])
  })

  it.each([5.5, 6, 8, 12, 20, 40])('finds every leak of %d MiB/h under 3 GiB within 48 hours', (leak) => {
    const chance = createChance(2)
    const states = Array.from({ length: 300 }, () => until(series(chance, 48, leak * MIB), 48).state)
    expect(new Set(states)).toEqual(new Set(['growing']))
  })

  it('gives the middle with its range, and the truth lies in it', () => {
    const chance = createChance(3)
    const room = 400 * MIB
    const outside = Array.from({ length: 300 }, () => until(series(chance, 72, 10 * MIB), 72, room)).filter((one) => {
      if (one.state !== 'growing') return true
      expect(one.soonestHours).toBeLessThanOrEqual(one.middleHours)
      return one.soonestHours > 40 || (one.latestHours !== null && one.latestHours < 40)
    })
    expect(outside.length).toBeLessThanOrEqual(6)
  })

  it('says "too early" before a whole day has passed since the restart', () => {
    const points = series(createChance(4), 10, 60 * MIB)
    expect(until(points, 10)).toMatchObject({ state: 'early' })
  })

  it('takes the filling of caches after a restart for no leak', () => {
    const points = Array.from({ length: 72 * 4 }, (_, quarter) => ({
      atMs: quarter * 900_000,
      value: LIMIT * (0.2 + 0.3 * (1 - Math.exp(-quarter / 3))),
    }))
    for (const hour of [30, 40, 48, 60, 71]) expect(until(points, hour).state).not.toBe('growing')
  })

  it('says that it does not know when there are too few samples', () => {
    expect(forecast([], { limit: LIMIT, room: LIMIT }, 0)).toEqual({
      state: 'unknown',
      reason: 'only 0 hours were sampled of the last 24',
    })
    const nightly = [0, 24, 48, 72].map((hour) => ({ atMs: hour * HOUR_MS, value: hour * MIB * 100 }))
    expect(until(nightly, 72).state).toBe('unknown')
  })

  it('says nothing of an end that is more than 14 days away', () => {
    expect(until(series(createChance(5), 72, 6 * MIB), 72, 6 * MIB * 24 * 20).state).toBe('steady')
  })
})
