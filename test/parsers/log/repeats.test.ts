import { describe, expect, it } from 'vitest'
import { eventsOf, logParser } from '../../../src/parsers/log/log.ts'

const repeatsOf = (text: string): readonly number[] =>
  eventsOf(logParser.parse(text), 'enomem').map((event) => event.repeats)

describe('repeats that a syslog daemon folded', () => {
  it('count as many lines as they stand for', () => {
    expect(
      repeatsOf(
        [
          'Nov 12 09:15:02 web01 sshd[7]: fork: Cannot allocate memory',
          'Nov 12 09:15:09 web01 sshd[7]: message repeated 5 times: [ fork: Cannot allocate memory]',
        ].join('\n'),
      ),
    ).toEqual([6])
  })

  it("count with the line before in older daemons' words", () => {
    expect(
      repeatsOf(
        [
          'Nov 12 09:15:02 web01 sshd[7]: fork: Cannot allocate memory',
          'Nov 12 09:15:09 web01 last message repeated 3 times',
        ].join('\n'),
      ),
    ).toEqual([4])
  })

  it('say nothing without a line before', () => {
    expect(repeatsOf('Nov 12 09:15:09 web01 last message repeated 3 times')).toEqual([])
  })
})
