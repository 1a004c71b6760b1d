import type { KernelOomEvent } from '../parsers/log/kernel/kernelEvents.ts'
import { logParser } from '../parsers/log/log.ts'
import { amount } from './amount.ts'
import { oomClaims } from './oomKill.ts'
import type { Rule } from './rule.ts'

/** The kernel killed because the whole host was out of memory, or because somebody asked it to (sysrq f). */
export const globalOomRule: Rule = {
  id: 'global-oom',
  kinds: ['global-oom'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed', 'php-fpm-children', 'app-own-message', 'killed-unknown-sender'],
  check: (facts) =>
    oomClaims(facts, (event) => (event.scope === 'global' || event.scope === null ? 'global-oom' : null), causeOf),
}

const causeOf = (event: KernelOomEvent): string => {
  const { memInfo, pageSizeBytes } = event
  if (event.manual) {
    const free = memInfo?.pages['free']
    const size = free === undefined || pageSizeBytes === null ? null : amount(free * pageSizeBytes)
    return size === null ? 'memory need not have been short' : `memory need not have been short, ${size} were free`
  }
  if (event.scope === null) return 'the report does not say whose memory was exhausted'
  if (memInfo === null || memInfo.ramPages === null || pageSizeBytes === null) return 'the host was out of memory'
  const swap = memInfo.totalSwapBytes === 0 ? ' and no swap' : ''
  return `the host was out of memory (${amount(memInfo.ramPages * pageSizeBytes)} RAM${swap})`
}
