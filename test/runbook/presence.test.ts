import { describe, expect, it } from 'vitest'
import { isPresent } from '../../src/runbook/presence.ts'
import { factsOf } from '../rules/sampleEvidence.ts'

const notRun = (reason: string) => ({ step: 'ps', parser: null, outcome: { outcome: 'not-run' as const, reason } })

describe('when=cannot-fork', () => {
  it('holds once a step could not be started for want of a process, and for no other reason', () => {
    expect(isPresent('cannot-fork', factsOf([notRun('cannot fork: /bin/sh: 1: Cannot fork')]))).toBe(true)
    expect(isPresent('cannot-fork', factsOf([notRun('cancelled'), { step: 'free', stdout: 'Cannot fork' }]))).toBe(
      false,
    )
  })
})
