import { describe, expect, it } from 'vitest'
import { blankClaim } from '../../src/domain/finding.ts'
import type { Claim } from '../../src/domain/finding.ts'
import type { Kind } from '../../src/domain/kind.ts'
import { mallocEnomemRule } from '../../src/rules/mallocEnomem.ts'
import { explainsTable, rolesOf } from '../../src/rules/roles.ts'

const claim = (kind: Kind, second: number | null, fields: Partial<Claim> = {}): Claim => ({
  ...blankClaim(kind, kind),
  at: second === null ? null : new Date(Date.parse('2026-11-23T15:00:00Z') + second * 1000).toISOString(),
  ...fields,
})
const A = { unit: 'a.service' }
const roles = (...claims: Claim[]) =>
  rolesOf(claims, explainsTable([])).map((role) => (role === 'root-cause' ? 'cause' : 'symptom'))

describe('roles', () => {
  it.each<[string, Claim[], string[]]>([
    [
      'a kill explains the failure and the restarts of its unit',
      [claim('unit-failed', 1, A), claim('memcg-oom', 0, A), claim('crash-loop', 5, A)],
      ['symptom', 'cause', 'symptom'],
    ],
    ['clocks may differ by seconds', [claim('memcg-oom', 4, A), claim('unit-failed', 0, A)], ['cause', 'symptom']],
    ['a later kill explains nothing', [claim('memcg-oom', 60, A), claim('unit-failed', 0, A)], ['cause', 'cause']],
    [
      'an old kill explains no new failure',
      [claim('memcg-oom', 0, A), claim('unit-failed', 7200, A)],
      ['cause', 'cause'],
    ],
    [
      'another unit is not explained',
      [claim('memcg-oom', 0, A), claim('unit-failed', 1, { unit: 'b.service' })],
      ['cause', 'cause'],
    ],
    [
      'a kill explains the failure of its victim’s unit',
      [
        claim('global-oom', 0, { victims: [{ pid: 1, comm: null, unit: 'a.service', anonRssBytes: null }] }),
        claim('unit-failed', 1, A),
      ],
      ['cause', 'symptom'],
    ],
    [
      'an app’s own limit is the cause beside a full host',
      [claim('v8-heap', 0, A), claim('global-oom', 1, A), claim('crash-loop', 2, A)],
      ['cause', 'cause', 'symptom'],
    ],
    [
      'pressure is a symptom when somebody was killed',
      [claim('memory-pressure', null), claim('memcg-oom', 0, A)],
      ['symptom', 'cause'],
    ],
    ['pressure alone is the cause', [claim('memory-pressure', null)], ['cause']],
    [
      'throttling explains pressure and a watchdog',
      [claim('memory-high-throttle', null, A), claim('watchdog', 0, A), claim('memory-pressure', null)],
      ['cause', 'symptom', 'symptom'],
    ],
    [
      'a thrashing host explains every unit’s watchdog',
      [claim('swap-thrash', null), claim('watchdog', 0, A)],
      ['cause', 'symptom'],
    ],
    [
      'a limit not in force stands beside a kill of its unit',
      [claim('limit-not-in-force', null, A), claim('memcg-oom', 0, A)],
      ['symptom', 'cause'],
    ],
    [
      'and beside a kill of the host',
      [claim('limit-not-in-force', null, A), claim('global-oom', 0)],
      ['symptom', 'cause'],
    ],
    [
      'alone it is a cause',
      [claim('limit-not-in-force', null, A), claim('memcg-oom', 0, { unit: 'b.service' })],
      ['cause', 'cause'],
    ],
    [
      'without a clock the text’s own stamps give the order',
      [
        { ...claim('memcg-oom', null, A), atText: 'Nov 12 09:15:02' },
        { ...claim('unit-failed', null, A), atText: 'Nov 12 09:00:00' },
      ],
      ['cause', 'cause'],
    ],
  ])('%s', (_, claims, expected) => {
    expect(roles(...claims)).toEqual(expected)
  })

  it('leave a cause even in a ring', () => {
    const ring = explainsTable([
      { kinds: ['go-oom'], explains: ['rust-alloc'] },
      { kinds: ['rust-alloc'], explains: ['php-limit'] },
      { kinds: ['php-limit'], explains: ['go-oom'] },
    ])
    const claims = [claim('go-oom', 0, A), claim('rust-alloc', 0, A), claim('php-limit', 0, A)]
    expect(rolesOf(claims, ring)).toContain('root-cause')
    expect(rolesOf([], ring)).toEqual([])
  })

  it('of two that explain each other the earlier is the cause', () => {
    const both = explainsTable([
      { kinds: ['go-oom'], explains: ['rust-alloc'] },
      { kinds: ['rust-alloc'], explains: ['go-oom'] },
    ])
    expect(rolesOf([claim('go-oom', 3, A), claim('rust-alloc', 1, A)], both)).toEqual(['symptom', 'root-cause'])
  })
})

it('takes a limit that was read and is reached for the cause of the refusals it brings', () => {
  const table = explainsTable([mallocEnomemRule])
  const refused = claim('malloc-enomem', null)
  expect(rolesOf([refused, claim('cannot-fork', null)], table)).toEqual(['root-cause', 'symptom'])
  expect(rolesOf([refused, claim('cannot-fork', null, { limitBytes: 1 << 20 })], table)[1]).toBe('root-cause')
})
