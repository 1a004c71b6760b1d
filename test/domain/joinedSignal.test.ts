import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { joinSignals } from '../../src/domain/joinedSignal.ts'

describe('a signal joined from several', () => {
  it('fires with any of them, and says why', () => {
    const one = new AbortController()
    const other = new AbortController()
    using joined = joinSignals(one.signal, other.signal)
    expect(joined.signal.aborted).toBe(false)
    other.abort(new Error('taken over'))
    expect(joined.signal.aborted).toBe(true)
    expect(joined.signal.reason).toEqual(new Error('taken over'))
  })

  it('has fired at once when one of them had', () => {
    using joined = joinSignals(new AbortController().signal, AbortSignal.abort('gone'))
    expect(joined.signal.aborted).toBe(true)
    expect(joined.signal.reason).toBe('gone')
  })

  it('keeps the first reason', () => {
    const one = new AbortController()
    const other = new AbortController()
    using joined = joinSignals(one.signal, other.signal)
    one.abort('first')
    other.abort('second')
    expect(joined.signal.reason).toBe('first')
  })

  it('leaves nothing on signals that live on, however many orders there were', () => {
    const worker = new AbortController()
    for (let order = 0; order < 1_000; order += 1) {
      using joined = joinSignals(worker.signal, new AbortController().signal)
      expect(joined.signal.aborted).toBe(false)
    }
    expect(getEventListeners(worker.signal, 'abort')).toHaveLength(0)
  })
})
