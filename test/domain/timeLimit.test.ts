import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { limitTime } from '../../src/domain/timeLimit.ts'

describe('a time limit', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('fires when the time is over, and says that it was the time', () => {
    using limit = limitTime(new AbortController().signal, 100)
    vi.advanceTimersByTime(99)
    expect([limit.signal.aborted, limit.over.aborted]).toEqual([false, false])
    vi.advanceTimersByTime(1)
    expect([limit.signal.aborted, limit.over.aborted]).toEqual([true, true])
  })

  test('fires with the outer signal, and says that it was not the time', () => {
    const outer = new AbortController()
    using limit = limitTime(outer.signal, 100)
    outer.abort()
    expect([limit.signal.aborted, limit.over.aborted]).toEqual([true, false])
  })

  test('has fired from its beginning when the outer signal had', () => {
    using limit = limitTime(AbortSignal.abort(), 100)
    expect([limit.signal.aborted, limit.over.aborted]).toEqual([true, false])
  })

  test('leaves no listener and no timer behind, however many there were', () => {
    const outer = new AbortController()
    for (let host = 0; host < 1_000; host += 1) {
      using limit = limitTime(outer.signal, 100)
      expect(limit.signal.aborted).toBe(false)
    }
    expect(getEventListeners(outer.signal, 'abort')).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })
})
