import { blankClaim } from '../domain/finding.ts'
import type { Claim } from '../domain/finding.ts'
import type { FactView } from '../parsers/facts.ts'
import type { SegfaultEvent } from '../parsers/log/kernel/kernelEvents.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import { mergeClaims } from './mergeClaims.ts'
import { isNear } from './nearness.ts'
import { claimTime } from './oomKill.ts'
import type { Rule } from './rule.ts'
import { unitEndingsOf } from './unitEndings.ts'
import type { UnitEnding } from './unitEndings.ts'

/** A program touched memory it may not touch, and the kernel ended it: a bug of the program, not a shortage. */
export const segfaultRule: Rule = {
  id: 'segfault',
  kinds: ['segfault'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed'],
  check: (facts) => {
    const endings = unitEndingsOf(facts).filter(({ exit }) => exit !== null && CRASHES.has(exit.signal ?? ''))
    return mergeClaims(
      facts.all(logParser).flatMap((log) =>
        eventsOf(log.facts, 'segfault').map((event) => {
          const placed = { evidence: log.evidence, time: event.time, cited: event.cited }
          return withUnit(
            claimOf(facts, event, log.evidence),
            endings.filter((end) => isNear(end.placed, placed, CORE_MS)),
          )
        }),
      ),
    )
  },
}

/** What systemd says of a process that the kernel ended for a crash. */
const CRASHES = new Set(['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGTRAP', 'SIGFPE'])

/** Writing a core takes seconds before the exit is seen. */
const CORE_MS = 30_000

/** The kernel names no unit; when exactly one ended by a crash at that time, it is this one's. */
const withUnit = (claim: Claim, endings: readonly UnitEnding[]): Claim => {
  const [first] = endings
  if (first === undefined || endings.some((ending) => ending.unit !== first.unit)) return claim
  return { ...claim, unit: first.unit, victims: claim.victims.map((victim) => ({ ...victim, unit: first.unit })) }
}

type EvidenceId = Parameters<FactView['cite']>[0]

const claimOf = (facts: FactView, event: SegfaultEvent, evidence: EvidenceId): Claim => ({
  ...blankClaim('segfault', summaryOf(event)),
  ...claimTime(facts, event.time),
  confidence: event.quoted ? 'likely' : 'certain',
  doubts: event.quoted ? ["the kernel's words stand in another program's line"] : [],
  victims: [{ pid: event.pid, comm: event.comm, unit: null, anonRssBytes: null }],
  citations: event.cited.map((cited) => facts.cite(evidence, cited.line)),
})

/** An address in the first page is a null pointer; a program that did not look at what malloc gave may get one. */
const NULL_PAGE = 0x1000

const summaryOf = (event: SegfaultEvent): string => {
  const who = event.pid === null ? event.comm : `${event.comm} (pid ${event.pid})`
  const where = event.object === null ? '' : ` in ${event.object}`
  if (event.what === 'general-protection') return `${who} crashed with a general protection fault${where}`
  if (event.what === 'trap') return `${who} crashed: ${event.trap ?? 'trap'}${where}`
  const isNull = event.address !== null && Number.parseInt(event.address, 16) < NULL_PAGE
  const address = event.address === null ? '' : ` at address ${event.address}`
  return `${who} crashed: segmentation fault${address}${where}${isNull ? ' (a null pointer; possibly an unchecked malloc)' : ''}`
}
