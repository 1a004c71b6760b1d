import type { Finding } from '../domain/finding.ts'
import type { FactView } from '../parsers/facts.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import { BASE_MIB, nodeProcessesOf } from './nodeFlags.ts'
import { youngMib } from './nodeDefaults.ts'
import { mib } from './sizing.ts'

/** What a Node process holds outside V8's heap: Buffers, native code, the allocator's own. */
export interface ExternalMemory {
  /** What must have been outside. */
  readonly lowMib: number
  /** What can have been outside at most; null where the heap's size was not printed. */
  readonly highMib: number | null
  /** In use after the last full collection, of all threads; null where it was not printed. */
  readonly liveHeapMib: number | null
  /** In words, with the numbers it comes from. */
  readonly source: string
}

/**
 * Of the victim at its kill: its anonymous memory less what V8 printed of its heap (`--trace-gc`), or less the most that
 * its heap may have. Null when neither is known.
 */
export const externalAtKill = (
  finding: Finding,
  facts: FactView,
  heap: { readonly limitMib: number | null; readonly nodeMajor: number | null },
): ExternalMemory | null =>
  largest(
    finding.victims.flatMap(({ pid, anonRssBytes, unit }) => {
      if (anonRssBytes === null || (unit !== null && unit !== finding.unit)) return []
      const anonMib = mib(anonRssBytes)
      const held = `at the kill it had ${anonMib} MiB of anonymous memory`
      const traced = pid === null ? null : fromTrace(pid, anonMib, held, facts)
      if (traced !== null) return [traced]
      if (heap.limitMib === null) return []
      const mostMib = heap.limitMib + youngMib(heap.nodeMajor)
      return [
        {
          lowMib: Math.max(0, anonMib - mostMib - BASE_MIB),
          highMib: null,
          liveHeapMib: null,
          source: `${held}, and its heap cannot be larger than ${mostMib} MiB`,
        },
      ]
    }),
  )

/** Of the Node processes that run in a unit now; one look, so a quiet moment looks small. Null without `--trace-gc`. */
export const externalNow = (unit: string, facts: FactView): ExternalMemory | null =>
  largest(
    nodeProcessesOf(unit, facts).flatMap(({ pid, anonBytes, swapBytes }) => {
      if (anonBytes === null) return []
      const anonMib = mib(anonBytes + (swapBytes ?? 0))
      const traced = fromTrace(pid, anonMib, `now pid ${pid} has ${anonMib} MiB of anonymous memory`, facts)
      return traced === null ? [] : [traced]
    }),
  )

/**
 * The committed heap is taken as resident: what is not makes room for garbage that came after the collection. The least
 * leaves out the base that any Node has.
 */
const fromTrace = (pid: number, anonMib: number, held: string, facts: FactView): ExternalMemory | null => {
  const last = new Map<string, { readonly usedBytes: number; readonly committedBytes: number }>()
  // Each isolate is a thread with a heap of its own; the last life under a pid is the one that was met.
  for (const item of facts.all(logParser))
    for (const trace of eventsOf(item.facts, 'v8-gc-trace')) {
      const collection = trace.full.at(-1)
      if (trace.pid === pid && collection !== undefined) last.set(trace.isolate, collection)
    }
  if (last.size === 0) return null
  const sum = (of: 'usedBytes' | 'committedBytes'): number =>
    mib([...last.values()].reduce((total, one) => total + one[of], 0))
  return {
    lowMib: Math.max(0, anonMib - sum('committedBytes') - BASE_MIB),
    highMib: Math.max(0, anonMib - sum('committedBytes')),
    liveHeapMib: sum('usedBytes'),
    source: `${held}, and the last full collection of V8 left ${sum('usedBytes')} MiB in use of ${sum('committedBytes')} MiB of heap`,
  }
}

const largest = (found: readonly ExternalMemory[]): ExternalMemory | null =>
  found.toSorted((one, other) => other.lowMib - one.lowMib || (other.highMib ?? 0) - (one.highMib ?? 0))[0] ?? null
