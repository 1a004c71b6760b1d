import type { RemedyMaker } from './remedy.ts'
import { advice } from './dropIn.ts'
import { hostView } from './hostView.ts'
import { mib } from './sizing.ts'
import { targetOf } from './target.ts'
import { limitInForce, unitView } from './unitView.ts'

/** The kernel charges 64 pages at a time; over memory.high each such batch sleeps (calculate_high_delay). */
const BATCH_MIB = 0.25
const LONGEST_S = 2
const SHORTEST_S = 0.01

/** How long one allocating thread crawls from MemoryHigh to MemoryMax when nothing can be reclaimed (oom.md 4.3). */
export const stuckSeconds = (highMib: number, maxMib: number): number => {
  let seconds = 0
  for (let usage = highMib + BATCH_MIB; usage <= maxMib; usage += BATCH_MIB) {
    const over = (usage - highMib) / highMib
    const delay = Math.min(LONGEST_S, 64 * over * over)
    if (delay >= SHORTEST_S) seconds += delay
  }
  return seconds
}

export interface HighQuestion {
  readonly highMib: number
  readonly maxMib: number | null
  readonly steadyMib: number | null
  readonly leak: boolean
  readonly swapFreeMib: number
  readonly swapMaxIsZero: boolean
  /** Of memory.current, 0 to 1. */
  readonly fileCacheShare: number
  /** A watchdog or monitoring restarts a unit that only crawls. */
  readonly restartsOnThrottle: boolean
}

/** Why MemoryHigh must not be proposed; empty when it does no harm. */
export const whyNotHigh = (question: HighQuestion): readonly string[] => {
  const { highMib, maxMib, steadyMib } = question
  if (maxMib === null) return ['there is no MemoryMax above it, so the crawl would never end']
  const gap = maxMib - highMib
  const swapHelps = question.swapFreeMib >= 2 * gap && !question.swapMaxIsZero
  return [
    ...(question.leak ? ['the unit leaks, so it would reach the gap and stay in it'] : []),
    ...(swapHelps || question.fileCacheShare >= 0.5
      ? []
      : [
          `nothing can be reclaimed: ${question.swapFreeMib} MiB of swap are free for a gap of ${gap} MiB, and ${Math.round(100 * question.fileCacheShare)} % of it is file cache`,
        ]),
    ...(steadyMib !== null && highMib < 1.2 * steadyMib ? [`it is below 1.2 times the steady ${steadyMib} MiB`] : []),
    ...(highMib < 0.9 * maxMib ? [`it is below 0.9 times MemoryMax`] : []),
    ...(question.restartsOnThrottle ? [] : ['nothing restarts a unit that crawls']),
  ]
}

/** Never sets MemoryHigh; says what an operator's gap does. */
export const memoryHighMaker: RemedyMaker = {
  id: 'memory-high',
  answers: ['memory-high-throttle', 'memcg-oom', 'watchdog', 'timeout-kill'],
  propose: (finding, facts) => {
    const target = finding.unit === null ? targetOf(finding) : ({ kind: 'unit', unit: finding.unit } as const)
    if (target.kind !== 'unit') return []
    const view = unitView(target.unit, facts)
    const high = view.cgroupValue('memory.high') ?? view.state?.memoryHighBytes ?? null
    if (typeof high !== 'number' || high === 0) return []
    const max = limitInForce(view)
    const host = hostView(facts)
    const maxMib = typeof max === 'number' ? mib(max) : null
    if (maxMib !== null && maxMib <= mib(high)) return []
    const swapFreeMib = host.swapFreeBytes === null ? 0 : mib(host.swapFreeBytes)
    const gapNeeds = maxMib === null ? null : 2 * (maxMib - mib(high))
    if (finding.kind !== 'memory-high-throttle' && gapNeeds !== null && swapFreeMib >= gapNeeds) return []
    const stuck =
      maxMib === null
        ? 'No MemoryMax stands above it, so this state never ends by itself.'
        : `One allocating thread needs at least ${Math.round(stuckSeconds(mib(high), maxMib))} s from ${mib(high)} to ${maxMib} MiB, and in all that time nothing is killed or restarted.`
    const to = maxMib === null ? 'set MemoryMax and remove MemoryHigh' : `raise MemoryHigh to ${maxMib}M or remove it`
    return [
      advice({
        id: 'memory-high',
        title:
          maxMib === null
            ? `Set a MemoryMax for ${target.unit} and remove its MemoryHigh`
            : `Raise MemoryHigh of ${target.unit} to its MemoryMax, or remove it`,
        because:
          `Over MemoryHigh (${mib(high)} MiB) the kernel makes ${target.unit} sleep at every allocation. With ${swapFreeMib} MiB of free swap ` +
          `there is nothing to reclaim, so it crawls instead of dying. ${stuck} So: ${to}. Somebody wrote that limit; a person has to change it.`,
      }),
    ]
  },
}
