import { blankClaim } from '../domain/finding.ts'
import type { Claim, Confidence } from '../domain/finding.ts'
import type { FactView } from '../parsers/facts.ts'
import type { LogEvent } from '../parsers/log/events.ts'
import type { PageAllocFailureEvent } from '../parsers/log/kernel/kernelEvents.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import { shortContainer } from '../parsers/cgroupOwner.ts'
import { amount } from './amount.ts'
import { claimTime } from './oomKill.ts'
import { reportedNumbers } from './reportedNumbers.ts'
import type { Rule } from './rule.ts'
import { whyAllocationFailed } from './whyAllocationFailed.ts'

/** The kernel could not get memory for itself and went on without it: nobody was killed. */
export const pageAllocFailureRule: Rule = {
  id: 'page-alloc-failure',
  kinds: ['page-alloc-failure'],
  needs: [logParser],
  wants: [],
  explains: ['global-oom'],
  check: (facts) => {
    const claims = new Map<string, Claim>()
    for (const log of facts.all(logParser)) {
      for (const event of eventsOf(log.facts, 'page-alloc-failure')) {
        if (isPrelude(event, log.facts.events)) continue
        const claim = claimOf(facts, event, log.evidence)
        const key = `${claim.summary} ${event.pid ?? ''}`
        const known = claims.get(key)
        // The same failure in another log: as many as the log that shows most of them.
        if (known === undefined) claims.set(key, claim)
        else {
          claims.set(key, {
            ...known,
            at: known.at ?? claim.at,
            count: Math.max(known.count, claim.count),
            citations: [...known.citations, ...claim.citations].slice(0, 12),
          })
        }
      }
    }
    return [...claims.values()]
  },
}

type EvidenceId = Parameters<FactView['cite']>[0]

/** 2.4 prints each page that was refused before it kills: with the kill in the same log it is no event of its own. */
const isPrelude = (event: PageAllocFailureEvent, all: readonly LogEvent[]): boolean =>
  event.order === 0 && event.comm === null && event.memInfo === null && all.some((other) => other.type === 'kernel-oom')

/** Orders from here up ask for 64 KiB in one piece: fragmentation and a driver's buffers (reference: oom.md 1.3). */
const HIGH_ORDER = 4

const claimOf = (facts: FactView, event: PageAllocFailureEvent, evidence: EvidenceId): Claim => {
  const isEarly = event.comm?.startsWith('swapper/') === true && (event.time.bootSeconds ?? 60) < 10
  const confidence: Confidence = event.quoted || isEarly ? 'likely' : 'certain'
  return {
    ...blankClaim('page-alloc-failure', summaryOf(event)),
    ...claimTime(facts, event.time),
    confidence,
    doubts: [
      ...(event.quoted ? ["the kernel's words stand in another program's line"] : []),
      ...(isEarly ? ['it happened while the machine booted, where it is usually harmless'] : []),
    ],
    why: whyOf(event),
    invoker: event.comm === null ? null : { pid: event.pid, comm: event.comm },
    report: reportedNumbers({ ...event, pageSizeBytes: pageSizeOf(event) }),
    count: event.repeats,
    citations: event.cited.map((cited) => facts.cite(evidence, cited.line)),
  }
}

/** The smallest block of the free lists is a page. */
const pageSizeOf = ({ memInfo }: PageAllocFailureEvent): number | null =>
  memInfo?.zones.find(({ freeBlocks }) => freeBlocks !== null)?.freeBlocks?.[0]?.sizeBytes ?? null

const whyOf = (event: PageAllocFailureEvent): string | null => {
  const reason = whyAllocationFailed({
    scope: 'global',
    manual: false,
    order: event.order,
    gfpMask: event.gfpMask,
    gfpFlags: event.gfpFlags,
    memory: null,
    memorySwap: null,
    kmem: null,
    memInfo: event.memInfo,
    memsAllowed: null,
    nodemask: null,
    unreclaimableSlabs: [],
    pageSizeBytes: pageSizeOf(event),
  })
  const kind =
    event.order === null
      ? null
      : event.order >= HIGH_ORDER
        ? `a request of order ${event.order} needs one large piece of memory`
        : event.gfpFlags?.includes('GFP_ATOMIC') === true
          ? 'a request that may not wait (GFP_ATOMIC) met a burst: vm.min_free_kbytes decides what is kept for it'
          : null
  const group =
    event.cacheGroup === null
      ? null
      : 'the objects were charged to a control group: its own limit may be what was met, with memory free on the host'
  const reasons = [kind, group, reason].filter((words) => words !== null)
  return reasons.length === 0 ? null : reasons.join('; ')
}

const pagesOf = (order: number | null): string => {
  if (order === null) return 'could not get pages'
  return order === 0 ? 'could not get a single page' : `could not get 2^${order} pages in one piece`
}

const cacheOf = ({ cacheName, cacheGroup }: PageAllocFailureEvent): string => {
  if (cacheName === null) return ''
  return cacheGroup === null ? ` (${cacheName})` : ` (${cacheName} of the control group ${shortContainer(cacheGroup)})`
}

const summaryOf = (event: PageAllocFailureEvent): string => {
  const who = event.comm === null ? 'the kernel' : `the kernel, working for ${event.comm},`
  const size = event.sizeBytes === null ? '' : ` of ${amount(event.sizeBytes)}`
  const what: Record<PageAllocFailureEvent['what'], string> = {
    page: pagesOf(event.order),
    vmalloc: `could not get virtual memory${size}`,
    vmap: `had no address space left for a mapping${size}`,
    slub: `could not get memory for its own objects${cacheOf(event)}`,
    cma: 'could not get contiguous memory for a device',
  }
  return `${who} ${what[event.what]}; nothing was killed`
}
