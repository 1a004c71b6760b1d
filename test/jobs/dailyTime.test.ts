import { describe, expect, it } from 'vitest'
import { lastOccurrences, localTime, nextOccurrence } from '../../src/jobs/dailyTime.ts'

const next = (at: string, zone: string, now: string): string =>
  new Date(nextOccurrence({ at, zone }, Date.parse(now)).dueAtMs).toISOString()

describe('the next moment of a daily job', () => {
  it.each([
    ['07:00', 'UTC', '2026-11-12T06:59:00Z', '2026-11-12T07:00:00.000Z'],
    ['07:00', 'UTC', '2026-11-12T07:00:00Z', '2026-11-13T07:00:00.000Z'],
    ['07:00', 'Europe/Berlin', '2026-11-12T06:30:00Z', '2026-11-13T06:00:00.000Z'],
    ['23:30', 'America/New_York', '2026-11-12T00:00:00Z', '2026-11-12T04:30:00.000Z'],
    ['07:00', 'Asia/Kolkata', '2026-11-12T02:00:00Z', '2026-11-13T01:30:00.000Z'],
  ])('%s in %s after %s is %s', (at, zone, now, due) => {
    expect(next(at, zone, now)).toBe(due)
  })

  it('that the clock skips in spring is due when it has moved on, once', () => {
    const days = lastOccurrences({ at: '02:30', zone: 'Europe/Berlin' }, 3, Date.parse('2027-03-29T12:00:00Z'))
    expect(days.map(({ localDate, dueAtMs }) => `${localDate} ${new Date(dueAtMs).toISOString()}`)).toEqual([
      '2027-03-29 2027-03-29T00:30:00.000Z',
      '2027-03-28 2027-03-28T01:00:00.000Z',
      '2027-03-27 2027-03-27T01:30:00.000Z',
    ])
  })

  it('that comes twice in autumn has one date', () => {
    const days = lastOccurrences({ at: '02:30', zone: 'Europe/Berlin' }, 3, Date.parse('2026-10-26T12:00:00Z'))
    expect(days.map(({ localDate }) => localDate)).toEqual(['2026-10-26', '2026-10-25', '2026-10-24'])
  })
})

describe('the last moments', () => {
  it('include this very one and nothing later', () => {
    const time = { at: '07:00', zone: 'UTC' }
    const now = Date.parse('2026-11-12T07:00:00Z')
    expect(lastOccurrences(time, 2, now).map(({ localDate }) => localDate)).toEqual(['2026-11-12', '2026-11-11'])
    expect(lastOccurrences(time, 1, now - 1).map(({ localDate }) => localDate)).toEqual(['2026-11-11'])
  })
})

it('a moment is written in the zone of its job', () => {
  expect(localTime('Europe/Berlin', Date.parse('2026-11-12T06:00:00Z'))).toBe('2026-11-12 07:00 GMT+1')
})
