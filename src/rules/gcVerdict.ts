import type { V8GcTraceEvent } from '../parsers/log/programs/runtimeEvents.ts'

/** What a `--trace-gc` log says about where memory grows. */
export type GcVerdict =
  | 'heap-leak'
  | 'external-growth'
  | 'heap-fragmentation'
  | 'native-growth'
  | 'steady'
  | 'cannot-tell'

/** Growth of the process beside its heap over the same time, from process.memoryUsage() or /proc; null is not known. */
export interface ProcessGrowth {
  readonly rssBytes: number | null
  readonly externalBytes: number | null
}

const MIB = 1024 * 1024
/** Fewer full collections show no trend (reference: Node heap evidence). */
const MIN_FULL = 5
/** Less than this is noise of a young process. Arbitrary, from the reference's flat example (3.1 to 3.8 MB). */
const GROWTH_BYTES = 8 * MIB
/** A heap whose pages are less than half used holds freed space it cannot give back. Arbitrary. */
const FRAGMENTED_SHARE = 0.5
const EMPTY_BYTES = 32 * MIB

/**
 * Reads the used heap after full collections only. Flat heap with a growing process is Buffers (external), a native leak or
 * malloc fragmentation: V8's own trace cannot tell those apart without the process's numbers.
 */
export const gcVerdict = (
  trace: V8GcTraceEvent,
  growth: ProcessGrowth = { rssBytes: null, externalBytes: null },
): { readonly verdict: GcVerdict; readonly why: string } => {
  if (trace.full.length < MIN_FULL) {
    return { verdict: 'cannot-tell', why: `only ${trace.full.length} full collections, ${MIN_FULL} are needed` }
  }
  const slope = slopeOf(trace)
  if (slope.riseBytes >= GROWTH_BYTES && slope.risingShare >= 0.7 && slope.riseBytes >= 0.2 * slope.firstBytes) {
    return {
      verdict: 'heap-leak',
      why: `after full collections the heap rose by ${mib(slope.riseBytes)} and did not fall back`,
    }
  }
  if ((growth.externalBytes ?? 0) >= GROWTH_BYTES || trace.externalPressureCount >= MIN_FULL) {
    return { verdict: 'external-growth', why: 'the heap is flat while memory outside it (Buffers) grows' }
  }
  const wasted = emptySpaceOf(trace)
  if (wasted !== null) return { verdict: 'heap-fragmentation', why: wasted }
  if (growth.rssBytes !== null && growth.rssBytes >= GROWTH_BYTES) {
    return growth.externalBytes === null
      ? {
          verdict: 'cannot-tell',
          why: 'the process grows and the heap does not: Buffers, a native leak or malloc fragmentation',
        }
      : {
          verdict: 'native-growth',
          why: 'heap and Buffers are flat while the process grows: malloc fragmentation or a native leak',
        }
  }
  return { verdict: 'steady', why: 'after full collections the heap falls back to the same floor' }
}

/** The last third of the collections all leave most of the committed heap empty; one low tooth does not. */
const emptySpaceOf = (trace: V8GcTraceEvent): string | null => {
  const late = trace.full.slice(-Math.max(1, Math.floor(trace.full.length / 3)))
  const used = Math.max(...late.map((collection) => collection.usedBytes))
  const committed = Math.min(...late.map((collection) => collection.committedBytes))
  if (committed - used < EMPTY_BYTES || used >= FRAGMENTED_SHARE * committed) return null
  return `${mib(committed)} are committed for ${mib(used)} in use`
}

const mib = (bytes: number): string => `${Math.round(bytes / MIB)} MiB`

/** Medians of the first and last third stand against single spikes; the share of rising steps against saw-teeth. */
const slopeOf = (trace: V8GcTraceEvent): { riseBytes: number; risingShare: number; firstBytes: number } => {
  const used = trace.full.map((collection) => collection.usedBytes)
  const third = Math.max(1, Math.floor(used.length / 3))
  const firstBytes = medianOf(used.slice(0, third))
  const riseBytes = medianOf(used.slice(-third)) - firstBytes
  const rising = used.slice(1).filter((bytes, index) => bytes > (used[index] ?? 0)).length
  return { riseBytes, risingShare: rising / Math.max(1, used.length - 1), firstBytes }
}

const medianOf = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
