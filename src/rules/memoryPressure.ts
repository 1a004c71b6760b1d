import { blankClaim } from '../domain/finding.ts'
import type { Claim } from '../domain/finding.ts'
import { cgroupFileOf } from '../parsers/cgroupPath.ts'
import type { FactView, Sourced } from '../parsers/facts.ts'
import { meminfoParser } from '../parsers/meminfo.ts'
import { pressureParser } from '../parsers/pressure.ts'
import type { PressureFacts } from '../parsers/pressure.ts'
import { unitOfCgroup } from '../parsers/unitOfCgroup.ts'
import { vmstatParser } from '../parsers/vmstat.ts'
import type { VmstatFacts } from '../parsers/vmstat.ts'
import { amount } from './amount.ts'
import { citeStart } from './citeStart.ts'
import { NotEnoughEvidence } from './notEnough.ts'
import type { Rule } from './rule.ts'
import { AVAILABLE_LOW_SHARE, PRESSURE_FULL_AVG10_PERCENT, PRESSURE_SOME_AVG60_PERCENT } from './thresholds.ts'

/** Tasks stand still because memory has to be reclaimed first, as the kernel itself measures it. */
export const memoryPressureRule: Rule = {
  id: 'memory-pressure',
  kinds: ['memory-pressure'],
  needs: [pressureParser],
  wants: [],
  explains: [],
  check: (facts) => {
    const latest = new Map<string, Sourced<PressureFacts>>()
    for (const reading of facts.all(pressureParser)) {
      if (/pressure\/(?:cpu|io|irq)\b|(?:cpu|io|irq)\.pressure/.test(reading.command)) continue
      latest.set(cgroupFileOf(reading.command)?.cgroup ?? '/', reading)
    }
    if (!latest.has('/')) throw new NotEnoughEvidence('the pressure of the whole host was not read')
    return [...latest].flatMap(([cgroup, reading]) => pressureClaim(facts, cgroup, reading) ?? [])
  },
}

const pressureClaim = (facts: FactView, cgroup: string, reading: Sourced<PressureFacts>): Claim | null => {
  const { some, full } = reading.facts
  const isFull = full !== null && full.avg10Percent >= PRESSURE_FULL_AVG10_PERCENT
  if (!isFull && some.avg60Percent < PRESSURE_SOME_AVG60_PERCENT) return null
  const unit = cgroup === '/' ? null : (unitOfCgroup(cgroup) ?? reading.subject)
  const who = cgroup === '/' ? 'the host' : (unit ?? cgroup)
  const words = isFull
    ? `nothing in ${who} could run for want of memory ${full.avg10Percent} % of the last ten seconds`
    : `some task of ${who} waited for memory ${some.avg60Percent} % of the last minute`
  return {
    ...blankClaim('memory-pressure', words),
    confidence: 'certain',
    unit,
    cgroup: cgroup === '/' ? null : cgroup,
    citations: [facts.cite(reading.evidence, isFull ? 2 : 1)],
  }
}

/** Hardly any memory is left, and pages that were thrown out are needed again. */
export const memoryAvailableRule: Rule = {
  id: 'memory-available',
  kinds: ['memory-pressure'],
  needs: [meminfoParser, vmstatParser],
  wants: [],
  explains: [],
  check: (facts) => {
    const meminfo = facts.latest(meminfoParser, null)
    const readings = facts.all(vmstatParser)
    const first = readings[0]
    const last = readings.at(-1)
    if (meminfo === undefined || meminfo.facts.availableBytes === null)
      throw new NotEnoughEvidence('this kernel does not say how much memory is available')
    const { availableBytes, totalBytes } = meminfo.facts
    if (availableBytes >= AVAILABLE_LOW_SHARE * totalBytes) return []
    if (first === undefined || last === undefined || first === last) {
      throw new NotEnoughEvidence('memory is short, but the refault counters were read only once')
    }
    const refaults = (vmstat: VmstatFacts): number => (vmstat.refaultAnonPages ?? 0) + (vmstat.refaultFilePages ?? 0)
    if (refaults(last.facts) <= refaults(first.facts)) return []
    return [
      {
        ...blankClaim(
          'memory-pressure',
          `only ${amount(availableBytes)} of ${amount(totalBytes)} are available, and evicted pages are being read again`,
        ),
        confidence: 'likely',
        citations: citeStart(facts, meminfo.evidence, 'MemAvailable:'),
      },
    ]
  },
}
