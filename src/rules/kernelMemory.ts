import { blankClaim } from '../domain/finding.ts'
import type { Claim } from '../domain/finding.ts'
import { cgroupOwner } from '../parsers/cgroupOwner.ts'
import type { KernelOomEvent } from '../parsers/log/kernel/kernelEvents.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import { amount } from './amount.ts'
import { mergeCopies } from '../parsers/log/kernel/kernelOomCopies.ts'
import { claimTime } from './oomKill.ts'
import type { Rule } from './rule.ts'
import { ramShares } from './whyAllocationFailed.ts'

/** From this share on it is the kernel's memory that is missing (reference: oom.md 1.3). */
const KERNEL_SHARE = 0.3

/** What belongs to the kernel, or to nobody the report names; files and shared memory do not. */
const KERNEL_PARTS: ReadonlySet<string> = new Set(['slab unreclaimable', 'page tables', 'kernel stacks', 'unaccounted'])

/** At the time of an OOM report the kernel itself, or huge pages set aside, held a large part of the memory. */
export const kernelMemoryRule: Rule = {
  id: 'kernel-memory',
  kinds: ['kernel-memory'],
  needs: [logParser],
  wants: [],
  explains: ['global-oom', 'memory-pressure'],
  check: (facts) => {
    const seen = new Set<KernelOomEvent>()
    const claims: Claim[] = []
    const events = facts
      .all(logParser)
      .flatMap((log) => eventsOf(log.facts, 'kernel-oom').map((event) => ({ event, log })))
    const firsts = new Set(mergeCopies(events.map(({ event }) => event)).map((event) => event.cited[0]?.text))
    for (const { event, log } of events) {
      if (event.manual || seen.has(event) || !firsts.delete(event.cited[0]?.text)) continue
      seen.add(event)
      const words = hostWords(event) ?? limitWords(event)
      if (words === null) continue
      claims.push({
        ...blankClaim('kernel-memory', words),
        ...claimTime(facts, event.time),
        confidence: event.quoted ? 'likely' : 'certain',
        doubts: event.quoted ? ["the kernel's words stand in another program's line"] : [],
        unit: event.ownerCgroup === null ? null : cgroupOwner(event.ownerCgroup).unit,
        cgroup: event.ownerCgroup,
        limitBytes: event.scope === 'memcg' ? (event.memory?.limitBytes ?? null) : null,
        citations: event.cited.map((cited) => facts.cite(log.evidence, cited.line)),
      })
    }
    return claims
  },
}

const percent = (part: number, whole: number): string => `${((part / whole) * 100).toFixed(0)} %`

const hostWords = (event: KernelOomEvent): string | null => {
  const shares = event.memInfo === null ? null : ramShares(event.memInfo, event.pageSizeBytes)
  if (shares === null || shares.usableBytes <= 0) return null
  const parts = shares.parts.filter((part) => KERNEL_PARTS.has(part.name))
  const sum = parts.reduce((total, part) => total + part.bytes, 0)
  const huge = shares.parts.find((part) => part.name === 'huge pages')?.bytes ?? 0
  const ram = amount(shares.usableBytes)
  if (huge / shares.usableBytes >= KERNEL_SHARE)
    return `huge pages set aside took ${percent(huge, shares.usableBytes)} of ${ram} RAM when memory ran out`
  if (sum / shares.usableBytes < KERNEL_SHARE) return null
  const largest = parts.toSorted((a, b) => b.bytes - a.bytes)[0]
  const slab = largest?.name === 'slab unreclaimable' ? slabWords(event) : ''
  return `the kernel itself held ${percent(sum, shares.usableBytes)} of ${ram} RAM when memory ran out, most of it ${largest?.name ?? ''}${slab}`
}

const slabWords = (event: KernelOomEvent): string => {
  const largest = event.unreclaimableSlabs.toSorted((a, b) => b.totalBytes - a.totalBytes)[0]
  return largest === undefined ? '' : ` (largest: ${largest.name}, ${amount(largest.totalBytes)})`
}

const limitWords = (event: KernelOomEvent): string | null => {
  const limit = event.memory?.limitBytes ?? null
  if (event.scope !== 'memcg' || event.stats === null || limit === null || limit === 0) return null
  const parts = ['kernel', 'slab_unreclaimable', 'sock'].map((name) => ({ name, bytes: event.stats?.[name] ?? 0 }))
  const largest = parts.toSorted((a, b) => b.bytes - a.bytes)[0]
  if (largest === undefined || largest.bytes / limit < KERNEL_SHARE) return null
  return `kernel memory (${largest.name}) took ${percent(largest.bytes, limit)} of the limit of ${amount(limit)} when it was reached`
}
