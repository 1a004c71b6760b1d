import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fleetSections } from '../../src/settings/fleetSections.ts'

const schema = z.strictObject(fleetSections)

const complaintOf = (value: object): string => {
  const parsed = schema.safeParse(value)
  return parsed.success
    ? ''
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n')
}

describe('the settings of the fleet', () => {
  it('have defaults for everything', () => {
    expect(schema.parse({})).toEqual({
      digests: [],
      thresholds: {},
      sampler: { enabled: true, every: 900_000 },
      retention: { samples: 14 * 86_400_000, digests: 90 * 86_400_000 },
      ansible: [],
    })
  })

  it('read what a person writes', () => {
    const settings = schema.parse({
      digests: [{ name: 'nightly', hosts: ['web', 'db'], at: '07:00', zone: 'Europe/Berlin', channel: 'C0123' }],
      thresholds: { 'disk-used': { warn: '85%', critical: '95' } },
      sampler: { enabled: 'false', every: '5m' },
      ansible: './hosts.ini',
    })
    expect(settings.digests[0]).toEqual({
      name: 'nightly',
      hosts: 'web,db',
      at: '07:00',
      zone: 'Europe/Berlin',
      channel: 'C0123',
      publish: [],
    })
    expect(settings.thresholds).toEqual({ 'disk-used': { warn: 85, critical: 95 } })
    expect(settings.sampler).toEqual({ enabled: false, every: 300_000 })
    expect(settings.ansible).toEqual(['./hosts.ini'])
  })

  it.each([
    [{ digests: [{ name: 'n', at: '7:00' }] }, /at: expected a time of day/],
    [{ digests: [{ name: 'n', at: '07:00', zone: 'Berlin' }] }, /zone: expected a time zone/],
    [{ digests: [{ name: 'n', at: '07:00', channel: '#ops' }] }, /channel: expected the id of a channel/],
    [
      {
        digests: [
          { name: 'n', at: '07:00' },
          { name: 'n', at: '08:00' },
        ],
      },
      /a name of its own/,
    ],
    [{ thresholds: { disk: { warn: '1' } } }, /thresholds/],
    [{ thresholds: { load: { warn: 'high' } } }, /expected a number/],
    [{ sampler: { every: '10s' } }, /at least 1m/],
    [{ retention: { samples: '1d' } }, /at least 3d/],
  ])('refuse %j', (value, words) => {
    expect(complaintOf(value)).toMatch(words)
  })
})
