import { describe, expect, it } from 'vitest'
import { verdictLine } from '../../../src/slack/blocks/verdict.ts'
import { emptyDiagnosis, finding } from '../../render/bundle.ts'

const kill = finding({ kind: 'memcg-oom', confidence: 'certain', unit: 'worker.service' })

describe('the line of a verdict', () => {
  it.each([
    [[kill], 'memcg-oom, worker.service (certain)'],
    [[kill, kill, kill], 'memcg-oom, worker.service (certain), 3 times'],
    [[{ ...kill, count: 20 }, kill], 'memcg-oom, worker.service (certain), 21 times'],
    [
      [kill, { ...kill, unit: 'web.service' }, kill],
      'memcg-oom, worker.service (certain), 2 times, and 1 more finding',
    ],
    [
      [
        { ...kill, unit: null },
        { ...kill, unit: null },
      ],
      'memcg-oom (certain), and 1 more finding',
    ],
  ])('of %#', (findings, line) => {
    expect(verdictLine({ ...emptyDiagnosis, findings })).toBe(line)
  })

  it('does not take blindness for health', () => {
    expect(verdictLine(emptyDiagnosis)).toBe('nothing wrong found')
    expect(verdictLine({ ...emptyDiagnosis, decisiveBlind: true })).toContain('blind')
  })
})
