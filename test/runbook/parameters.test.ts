import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/domain/errors.ts'
import { checkParameters } from '../../src/runbook/parameters.ts'
import type { Parameter } from '../../src/runbook/runbook.ts'

const NOW = Date.UTC(2026, 10, 12, 9, 0, 0)

const parameter = (name: string, type: Parameter['type'], more: Partial<Parameter> = {}): Parameter => ({
  name,
  type,
  description: 'what it is',
  default: null,
  choices: [],
  ...more,
})

const check = (one: Parameter, given: Record<string, string>) =>
  checkParameters({ id: 'demo', parameters: [one] }, given, NOW)

describe('values', () => {
  it.each([
    ['queue_worker', 'queue_worker.service'],
    ['queue_worker.service', 'queue_worker.service'],
    ['app.slice', 'app.slice'],
    ['foo@1', 'foo@1.service'],
    ['php8.2-fpm', 'php8.2-fpm.service'],
  ])('reads the unit %j', (given, value) => {
    expect(check(parameter('unit', 'unit'), { unit: given })).toMatchObject({
      values: { unit: value },
      env: { UNIT: value },
    })
  })

  it.each(['-x', '../x', 'a b', "a'b", '$(reboot)', 'a/b', '.service', 'x'.repeat(201), 'a\nb', 'a\u202Eb'])(
    'refuses the unit %j',
    (given) => expect(() => check(parameter('unit', 'unit'), { unit: given })).toThrow(UsageError),
  )

  it('turns a duration into the moment that long ago, its length and the window', () => {
    expect(check(parameter('since', 'duration', { default: '24h' }), {})).toEqual({
      values: { since: '1d' },
      env: { SINCE: '2026-11-11 09:00:00 UTC', SINCE_SECONDS: '86400' },
      window: { fromMs: NOW - 86_400_000, toMs: NOW },
    })
  })

  it.each(['90', '1w', '-1h', '1.5h', '0s', '401d', '1h30m', 'yesterday'])('refuses the duration %j', (given) => {
    expect(() => check(parameter('since', 'duration'), { since: given })).toThrow(/expected a duration such as 90s/)
  })

  it.each([
    ['integer', '007', '7'],
    ['integer', '-3', '-3'],
    ['path', '/srv/app dir', '/srv/app dir'],
  ] as const)('reads the %s %j', (type, given, value) => {
    expect(check(parameter('x', type), { x: given }).env['X']).toBe(value)
  })

  it.each([
    ['integer', '0x10'],
    ['integer', '99999999999999999'],
    ['path', 'relative'],
    ['path', '/a/../b'],
    ['path', '/a\nb'],
  ] as const)('refuses the %s %j', (type, given) => {
    expect(() => check(parameter('x', type), { x: given })).toThrow(UsageError)
  })

  it('takes only the choices there are', () => {
    const mode = parameter('mode', 'choice', { choices: ['fast', 'full'] })
    expect(check(mode, { mode: 'full' }).env['MODE']).toBe('full')
    expect(() => check(mode, { mode: 'x' })).toThrow('demo: mode: "x" is not valid, expected one of fast, full')
  })
})

describe('what is left out', () => {
  it('gives an empty value for an optional parameter', () => {
    expect(check(parameter('unit', 'unit', { default: '' }), {})).toMatchObject({ values: {}, env: { UNIT: '' } })
  })

  it('asks for a parameter without default, and names one nobody knows', () => {
    expect(() => check(parameter('unit', 'unit'), {})).toThrow('demo: parameter "unit" is missing')
    expect(() => check(parameter('unit', 'unit'), { unit: 'x', toString: 'y' })).toThrow(
      'demo: unknown parameter "toString"',
    )
  })
})
