import { expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../../src/domain/duration.ts'

it.each([
  ['500ms', 500],
  ['90s', 90_000],
  ['15m', 900_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['0s', 0],
])('reads %s', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds))

it.each(['', '5', 's', '1w', '-1s', '1.5h', ' 1s', '1s ', '1h30m', '401d', '9999999999s', '١s'])('refuses %j', (text) =>
  expect(parseDuration(text)).toBeUndefined(),
)

it.each([0, 1, 999, 1000, 90_000, 86_400_000, 90_061_000, 86_400_001])(
  'writes %d so that it reads back',
  (milliseconds) => expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds),
)
