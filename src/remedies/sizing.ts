import type { MemorySample } from '../domain/sample.ts'
import { heldBytesOf } from '../parsers/cgroupMemoryStat.ts'
import type { FactView } from '../parsers/facts.ts'
import { healthyTime, percentileBytes } from './healthyTime.ts'
import { hostView, type HostView } from './hostView.ts'
import { growthOf, steepestRise, type Growth } from './theilSen.ts'
import { heldSamplesOf } from './unitSamples.ts'
import { unitView, type UnitView } from './unitView.ts'

const MIB = 1024 * 1024

/** A number of MiB and the sentence that says where it comes from. */
export interface Quantity {
  readonly mib: number
  readonly source: string
}

/** The words of every size calculation, oom.md 4.1. Null: the evidence does not say. */
export interface Sizing {
  /** R: the host's memory. */
  readonly total: Quantity | null
  /** H: kept for kernel, ssh and the person who has to log in. */
  readonly reserve: Quantity | null
  /** O: what everything else holds. */
  readonly others: Quantity | null
  /** F: what is left for this unit. Swap is not counted. */
  readonly room: Quantity | null
  /** N: what the kernel cannot take back from the unit now. */
  readonly now: Quantity | null
  /** P: highest seen, at the kill or in samples. */
  readonly peak: Quantity | null
  /** S: 95th percentile of N in steady state; needs samples. */
  readonly steady: Quantity | null
  /** Highest N in healthy time; needs samples. */
  readonly healthyPeak: Quantity | null
  /** What it may hold on top of that between two samples; needs samples. */
  readonly steepest: Quantity | null
  readonly growth: Growth
  readonly growthMibPerHour: number | null
}

/** Sizes are printed in steps people recognise: 16 MiB below 512, 256 above 16 GiB, else 64. */
const stepOf = (mib: number): number => (mib < 512 ? 16 : mib > 16_384 ? 256 : 64)

/** For lower bounds. */
export const up64 = (mib: number): number => Math.ceil(mib / stepOf(mib)) * stepOf(mib)

/** For upper bounds. */
export const down64 = (mib: number): number => Math.floor(mib / stepOf(mib)) * stepOf(mib)

/** H, oom.md 4.1: small hosts keep 15 %, others 10 %, never more than 2 GiB. */
export const reserveMib = (totalMib: number, kernelMib: number): number =>
  totalMib < 1024
    ? Math.max(96, Math.round(0.15 * totalMib))
    : Math.min(2048, Math.max(256, Math.round(0.1 * totalMib), Math.round(kernelMib)))

/** F = R − H − O. */
export const roomMib = (totalMib: number, kernelMib: number, othersMib: number): number =>
  Math.max(0, totalMib - reserveMib(totalMib, kernelMib) - othersMib)

/** Everything about one unit's size that this run's evidence states. */
export const sizingOf = (unit: string, facts: FactView, peakBytes: number | null): Sizing => {
  const host = hostView(facts)
  const view = unitView(unit, facts)
  const now = nowOf(view)
  const total = host.totalBytes === null ? null : { mib: mib(host.totalBytes), source: 'MemTotal of /proc/meminfo' }
  const reserve = total === null ? null : reserveOf(total.mib, host)
  const others = total === null ? null : othersOf(total.mib, host, now, view)
  return {
    total,
    reserve,
    others,
    room:
      total === null || reserve === null || others === null
        ? null
        : {
            mib: Math.max(0, total.mib - reserve.mib - others.mib),
            source: `${total.mib} MiB of the host − ${reserve.mib} reserve − ${others.mib} of everything else`,
          },
    now,
    peak: peakBytes === null ? null : { mib: mib(peakBytes), source: 'what the unit held when it was killed' },
    ...measuredOf(heldSamplesOf(unit, facts)),
  }
}

/** oom.md 4.1: what the samples say about steady state, healthy peak and growth; nothing below a useful number of them. */
const measuredOf = (
  samples: readonly MemorySample[],
): Pick<Sizing, 'steady' | 'healthyPeak' | 'steepest' | 'growth' | 'growthMibPerHour'> => {
  const { growth, mibPerHour } = growthOf(samples)
  const healthy = growth === 'unknown' ? [] : healthyTime(samples, growth)
  const quantity = (bytes: number | null, source: string): Quantity | null =>
    bytes === null ? null : { mib: mib(bytes), source }
  return {
    steady: quantity(percentileBytes(healthy, 0.95), `95th percentile of ${healthy.length} samples in healthy time`),
    healthyPeak: quantity(percentileBytes(healthy, 1), `highest of ${healthy.length} samples in healthy time`),
    steepest:
      healthy.length === 0
        ? null
        : quantity(steepestRise(healthy), 'steepest rise from one sample to the next in healthy time'),
    growth,
    growthMibPerHour: mibPerHour,
  }
}

export const mib = (bytes: number): number => Math.round(bytes / MIB)

const reserveOf = (totalMib: number, host: HostView): Quantity => ({
  mib: reserveMib(totalMib, mib(host.kernelBytes ?? 0)),
  source:
    totalMib < 1024
      ? '15 % of a small host, at least 96 MiB'
      : '10 % of the host, at least 256 MiB and its kernel memory, at most 2 GiB',
})

/** MemAvailable already counts what the kernel can take back, so the difference is what is really in use. */
const othersOf = (totalMib: number, host: HostView, now: Quantity | null, view: UnitView): Quantity | null => {
  if (host.availableBytes === null) return null
  const isRunning = view.state?.activeState === 'active'
  if (now === null && isRunning) return null
  const used = totalMib - mib(host.availableBytes)
  return {
    mib: Math.max(0, used - (now?.mib ?? 0)),
    source: `MemTotal − MemAvailable${now === null ? '' : ` − ${now.mib} MiB of this unit`}, when this run looked`,
  }
}

/** N, oom.md 4.1. */
const nowOf = (view: UnitView): Quantity | null => {
  const held = view.stat === null ? null : heldBytesOf(view.stat)
  return held === null
    ? null
    : { mib: mib(held), source: 'anon + shmem + unevictable + unreclaimable kernel memory of memory.stat' }
}

/** Every input of the sum in words, for the reader who wants to check it; what is not known is named at the end. */
export const inputsText = (sizing: Sizing): string => {
  const inputs = [
    ['host', sizing.total],
    ['reserve', sizing.reserve],
    ['everything else', sizing.others],
    ['room', sizing.room],
    ['unit now', sizing.now],
    ['highest seen', sizing.peak],
    ['steady', sizing.steady],
    ['healthy peak', sizing.healthyPeak],
  ] as const
  const known = inputs.flatMap(([name, quantity]) => (quantity === null ? [] : [`${name} ${quantity.mib} MiB`]))
  const missing = inputs.flatMap(([name, quantity]) => (quantity === null ? [name] : []))
  return [...known, ...(missing.length === 0 ? [] : [`not known: ${missing.join(', ')}`])].join(', ')
}
