import { describe, expect, it } from 'vitest'
import type { V8GcTraceEvent } from '../../src/parsers/log/programs/runtimeEvents.ts'
import { gcVerdict } from '../../src/rules/gcVerdict.ts'

const MIB = 1024 ** 2

const trace = (usedMib: readonly number[], committedMib = 80, externalPressureCount = 0): V8GcTraceEvent => ({
  type: 'v8-gc-trace',
  time: { atMs: null, atText: null, bootSeconds: null },
  cited: [],
  source: null,
  sourcePid: null,
  unit: null,
  repeats: 1,
  pid: 1,
  isolate: '0x1',
  full: usedMib.map((used, index) => ({
    uptimeMs: index * 1000,
    usedBytes: used * MIB,
    committedBytes: committedMib * MIB,
    mu: 0.9,
  })),
  fullCount: usedMib.length,
  minorCount: 0,
  externalPressureCount,
})

describe('a --trace-gc log', () => {
  it('that rises after each full collection is a heap leak', () => {
    expect(gcVerdict(trace([20, 31, 42, 50, 63, 75])).verdict).toBe('heap-leak')
  })

  it('that falls back to one floor is steady', () => {
    expect(gcVerdict(trace([60, 62, 59, 61, 60, 62])).verdict).toBe('steady')
    expect(gcVerdict(trace([20, 60, 20, 60, 20, 60, 20, 60, 20])).verdict).toBe('steady')
  })

  it('that is flat while Buffers grow shows external growth', () => {
    const flat = trace([3.1, 3.2, 3.4, 3.5, 3.8], 8)
    expect(gcVerdict(flat, { rssBytes: 323 * MIB, externalBytes: 480 * MIB }).verdict).toBe('external-growth')
    expect(gcVerdict(trace([3, 3, 3, 3, 3], 8, 9)).verdict).toBe('external-growth')
  })

  it('that is flat while only the process grows cannot name more than native memory', () => {
    const flat = trace([3, 3, 3, 3, 3], 8)
    expect(gcVerdict(flat, { rssBytes: 300 * MIB, externalBytes: null }).verdict).toBe('cannot-tell')
    expect(gcVerdict(flat, { rssBytes: 300 * MIB, externalBytes: 0 }).verdict).toBe('native-growth')
  })

  it('with far more committed than used is fragmented', () => {
    expect(gcVerdict(trace([30, 30, 30, 30, 30], 200)).verdict).toBe('heap-fragmentation')
  })

  it('with fewer than five full collections says nothing', () => {
    expect(gcVerdict(trace([1, 90, 180, 270])).verdict).toBe('cannot-tell')
    expect(gcVerdict(trace([])).verdict).toBe('cannot-tell')
  })
})
