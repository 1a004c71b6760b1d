import { assert, integer, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { incidentId } from '../../src/domain/incidentId.ts'

const occurredAtMs = Date.UTC(2026, 10, 12, 9, 15, 2, 345)

describe('an incident id', () => {
  it('says when, where and what', () => {
    expect(incidentId({ occurredAtMs, host: 'vps-01', subject: 'queue_worker.service' })).toBe(
      'inc-20261112T091502Z-vps-01-queue_worker',
    )
  })

  it('is safe as a file name whatever a host calls its units', () => {
    assert(
      property(integer({ min: 0, max: 4e12 }), string(), string(), (atMs, host, subject) => {
        const id = incidentId({ occurredAtMs: atMs, host, subject })
        expect(id).toMatch(/^inc-\d{8}T\d{6}Z-[A-Za-z0-9._-]{0,121}$/)
        expect(id).not.toContain('..')
      }),
    )
    expect(incidentId({ occurredAtMs, host: 'a', subject: '../../etc/passwd' })).not.toContain('/')
  })
})
