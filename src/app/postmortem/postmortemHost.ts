import { zoneOffsetMinutes } from '../../domain/zoneOffset.ts'
import type { FactView, Sourced } from '../../parsers/facts.ts'
import { meminfoParser } from '../../parsers/meminfo.ts'
import { osReleaseParser } from '../../parsers/osRelease.ts'
import { timedatectlParser } from '../../parsers/timedatectl.ts'
import type { HostFact, HostFacts } from '../../render/hostFacts.ts'

/** What the evidence says about the machine itself. */
export const hostFactsOf = (facts: FactView, atMs: number): HostFacts => {
  const memory = facts.latest(meminfoParser, null)
  const system = facts.latest(osReleaseParser, null)
  const clock = facts.latest(timedatectlParser, null)
  return {
    system: fact(system, (read) => read.name),
    memTotalBytes: fact(memory, (read) => read.totalBytes),
    swapTotalBytes: fact(memory, (read) => read.swapTotalBytes),
    offsetMinutes: fact(clock, (read) => (read.timezone === null ? null : zoneOffsetMinutes(read.timezone, atMs))),
    clockSynchronised: fact(clock, (read) => read.synchronized),
  }
}

const fact = <Facts, Value>(
  sourced: Sourced<Facts> | undefined,
  pick: (facts: Facts) => Value | null,
): HostFact<Value> | null => {
  const value = sourced === undefined ? null : pick(sourced.facts)
  return value === null || sourced === undefined ? null : { value, evidence: [sourced.evidence] }
}
