import { blankClaim } from '../domain/finding.ts'
import type { Claim } from '../domain/finding.ts'
import type { EvidenceId } from '../domain/evidence.ts'
import type { FactView } from '../parsers/facts.ts'
import type { AllocationStallEvent } from '../parsers/log/kernel/kernelEvents.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import { claimTime } from './oomKill.ts'
import type { Rule } from './rule.ts'

/** Programs stood still for seconds because the kernel had no page for them. Where it ended in a kill, that is the event. */
export const allocationStallRule: Rule = {
  id: 'allocation-stall',
  kinds: ['memory-pressure'],
  needs: [logParser],
  wants: [],
  explains: [],
  check: (facts) =>
    facts.all(logParser).flatMap((log) => {
      const isKilling = eventsOf(log.facts, 'kernel-oom').length > 0
      return isKilling
        ? []
        : eventsOf(log.facts, 'allocation-stall').map((event) => claimOf(facts, event, log.evidence))
    }),
}

const claimOf = (facts: FactView, event: AllocationStallEvent, evidence: EvidenceId): Claim => {
  const seconds = (event.longestMs / 1000).toFixed(0)
  const more = event.repeats > 1 ? `; ${event.repeats} such lines, this was the longest` : ''
  return {
    ...blankClaim('memory-pressure', `${event.comm} waited ${seconds} s for memory; nothing was killed${more}`),
    ...claimTime(facts, event.time),
    confidence: event.quoted ? 'likely' : 'certain',
    doubts: event.quoted ? ["the kernel's words stand in another program's line"] : [],
    why: 'the kernel had to reclaim memory first: it was short, and what could be freed came too slowly',
    citations: event.cited.map((cited) => facts.cite(evidence, cited.line)),
  }
}
