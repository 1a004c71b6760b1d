import { blankClaim } from '../domain/finding.ts'
import type { Claim } from '../domain/finding.ts'
import { cgroupEventsParser } from '../parsers/cgroupEvents.ts'
import type { CgroupEventsFacts } from '../parsers/cgroupEvents.ts'
import { cgroupValueParser } from '../parsers/cgroupValue.ts'
import type { FactView } from '../parsers/facts.ts'
import { meminfoParser } from '../parsers/meminfo.ts'
import { pressureParser } from '../parsers/pressure.ts'
import { amount } from './amount.ts'
import { cgroupReadings, latestValue, unitOfReading } from './cgroupReadings.ts'
import type { CgroupReading } from './cgroupReadings.ts'
import { citeStart } from './citeStart.ts'
import type { Rule } from './rule.ts'
import { HIGH_GAP_SHARE, HIGH_REACHED_SHARE, THROTTLE_FULL_AVG10_PERCENT } from './thresholds.ts'

/** A unit stands at its MemoryHigh= and is slowed down by the kernel: no kill, no log line, no progress. */
export const memoryHighThrottleRule: Rule = {
  id: 'memory-high-throttle',
  kinds: ['memory-high-throttle'],
  needs: [cgroupEventsParser, cgroupValueParser],
  wants: [pressureParser, meminfoParser],
  explains: ['watchdog', 'timeout-kill', 'memory-pressure', 'crash-loop', 'unit-failed'],
  check: (facts) => {
    const byCgroup = new Map<string, CgroupReading<CgroupEventsFacts>[]>()
    for (const reading of cgroupReadings(facts, cgroupEventsParser)) {
      if (reading.file !== 'memory.events') continue
      byCgroup.set(reading.cgroup, [...(byCgroup.get(reading.cgroup) ?? []), reading])
    }
    return [...byCgroup.values()].flatMap((readings) => throttleOf(facts, readings) ?? gapOf(facts, readings) ?? [])
  },
}

const throttleOf = (facts: FactView, readings: readonly CgroupReading<CgroupEventsFacts>[]): Claim | null => {
  const last = readings.at(-1)
  const first = readings[0]
  if (last === undefined || first === undefined) return null
  const { cgroup } = last
  const high = latestValue(facts, cgroup, 'memory.high')
  const current = latestValue(facts, cgroup, 'memory.current')
  const pressure = cgroupReadings(facts, pressureParser).findLast(
    (item) => item.cgroup === cgroup && item.file === 'memory.pressure',
  )
  const stalled = pressure?.facts.full?.avg10Percent ?? null
  const count = last.facts.highCount ?? 0
  if (
    high === undefined ||
    current === undefined ||
    typeof high.value !== 'number' ||
    typeof current.value !== 'number'
  )
    return null
  if (count === 0 || current.value < HIGH_REACHED_SHARE * high.value) return null
  if (pressure === undefined || stalled === null || stalled < THROTTLE_FULL_AVG10_PERCENT) return null
  const isRising = count > (first.facts.highCount ?? count)
  // Two looks that agree are proof that it stands still at this moment no more.
  if (first !== last && !isRising) return null
  const unit = unitOfReading(last)
  return {
    ...blankClaim(
      'memory-high-throttle',
      `${unit ?? cgroup} is throttled at MemoryHigh: it uses ${amount(current.value)} of ${amount(high.value)} and stood still ${stalled} % of the last ten seconds`,
    ),
    confidence: isRising ? 'certain' : 'likely',
    unit,
    cgroup,
    limitBytes: high.value,
    why: 'above MemoryHigh the kernel makes every allocation wait; nothing is killed and nothing is logged',
    citations: [
      ...readings.flatMap((reading) => citeStart(facts, reading.evidence, 'high ')),
      facts.cite(current.evidence, 1),
      facts.cite(high.evidence, 1),
      ...citeStart(facts, pressure.evidence, 'full '),
    ],
  }
}

/** A soft limit well below the hard one, and no swap to reclaim into: it will stand still before it dies (oom.md 4.3). */
const gapOf = (facts: FactView, readings: readonly CgroupReading<CgroupEventsFacts>[]): Claim | null => {
  const last = readings.at(-1)
  if (last === undefined) return null
  const { cgroup } = last
  const high = latestValue(facts, cgroup, 'memory.high')
  const max = latestValue(facts, cgroup, 'memory.max')
  const meminfo = facts.latest(meminfoParser, null)
  if (high === undefined || max === undefined || typeof high.value !== 'number') return null
  const hasSwap = (meminfo?.facts.swapTotalBytes ?? 1) > 0 && latestValue(facts, cgroup, 'memory.swap.max')?.value !== 0
  const hasGap = max.value === 'infinity' || high.value < HIGH_GAP_SHARE * max.value
  if (hasSwap || !hasGap) return null
  const unit = unitOfReading(last)
  return {
    ...blankClaim(
      'memory-high-throttle',
      `${unit ?? cgroup} will stand still at MemoryHigh (${amount(high.value)}) long before it reaches ${max.value === 'infinity' ? 'a hard limit, for it has none' : `MemoryMax (${amount(max.value)})`}: there is no swap to reclaim into`,
    ),
    confidence: 'possible',
    unit,
    cgroup,
    limitBytes: high.value,
    doubts: ['it is not throttled at this moment'],
    citations: [facts.cite(high.evidence, 1), facts.cite(max.evidence, 1)],
  }
}
