import type { Claim, Confidence, Diagnosis, Finding } from '../domain/finding.ts'
import { KINDS } from '../domain/kind.ts'
import type { Kind } from '../domain/kind.ts'
import { cgroupEventsParser } from '../parsers/cgroupEvents.ts'
import { cgroupFileOf } from '../parsers/cgroupPath.ts'
import type { FactView } from '../parsers/facts.ts'
import { logParser } from '../parsers/log/log.ts'
import type { Parser } from '../parsers/parser.ts'
import { isHostAsked } from './askedHost.ts'
import { findBlindSpots } from './blindSpots.ts'
import type { Blindness } from './blindSpots.ts'
import { foldFindings } from './foldFindings.ts'
import { hostChangesOf } from './hostChanges.ts'
import { instantOf } from './instant.ts'
import { confidenceRank, lowered, mergeStated } from './mergeClaims.ts'
import type { StatedClaim } from './mergeClaims.ts'
import { NotEnoughEvidence } from './notEnough.ts'
import { RULES } from './registry.ts'
import { explainsTable, rolesOf } from './roles.ts'
import type { Rule } from './rule.ts'
import { subjectsOf } from './subject.ts'

/**
 * Everything the facts prove: findings with their roles, what is clear, what was skipped and what could not be seen.
 * Pure: the same facts and rules give the same bytes.
 */
export const diagnose = (facts: FactView, rules: readonly Rule[] = RULES): Diagnosis => {
  const blindness = findBlindSpots(facts)
  const ran = runRules(facts, rules)
  const merged = mergeStated(ran.stated).map((claim) => doubted(claim, facts, blindness))
  const isHistory = (claim: Claim): boolean => isBefore(claim, facts.window.fromMs)
  const table = explainsTable(rules)
  const findings = findingsOf(
    merged.filter((claim) => !isHistory(claim)),
    table,
  )
  return {
    findings,
    history: findingsOf(merged.filter(isHistory), table),
    changes: hostChangesOf(facts),
    clear: clearKinds(facts, rules, { skipped: ran.skipped, findings, blindness }),
    skipped: ran.skipped,
    blindSpots: blindness.blindSpots,
    decisiveBlind: blindness.isDecisive,
  }
}

type Skipped = Diagnosis['skipped']

const runRules = (facts: FactView, rules: readonly Rule[]): { stated: readonly StatedClaim[]; skipped: Skipped } => {
  const stated: StatedClaim[] = []
  const skipped: { rule: string; reason: string }[] = []
  for (const rule of rules) {
    const missing = rule.needs.filter((parser) => facts.all(parser).length === 0)
    if (missing.length > 0) {
      skipped.push({ rule: rule.id, reason: whyMissing(missing, facts) })
      continue
    }
    try {
      stated.push(...rule.check(facts).map((claim) => ({ rule: rule.id, claim })))
    } catch (error) {
      // One broken rule must not take the others' findings with it.
      skipped.push({
        rule: rule.id,
        reason: whyFailed(error),
      })
    }
  }
  return { stated, skipped }
}

const whyFailed = (error: unknown): string => {
  if (error instanceof NotEnoughEvidence) return error.message
  return `the rule itself failed: ${error instanceof Error ? error.message : String(error)}`
}

const whyMissing = (missing: readonly Parser[], facts: FactView): string => {
  if (!isHostAsked(facts) && missing.some((parser) => parser.id !== logParser.id)) return 'no host was asked'
  return missing.map((parser) => `no reading of ${parser.id}${detailOf(parser, facts)}`).join('; ')
}

const detailOf = (parser: Parser, facts: FactView): string => {
  const tried = facts.evidence.find((item) => item.parser === parser.id && item.reading.status !== 'parsed')
  if (tried === undefined || tried.reading.status === 'parsed') return ''
  return ` (${tried.step}: ${tried.reading.reason})`
}

/** What the rest of the evidence says against a claim; each doubt lowers the confidence by one. */
const doubted = (claim: Claim, facts: FactView, blindness: Blindness): Claim => {
  const doubts: string[] = []
  if (claim.kind === 'killed-unknown-sender' && blindness.isKernelLogBlind)
    doubts.push('the kernel log could not be read, so the kernel may have been the sender')
  if (claim.kind === 'global-oom') {
    const unit = [...subjectsOf(claim)].find((subject) => localOomCount(subject, facts) > 0)
    if (unit !== undefined)
      doubts.push(`the log says the host ran out, but ${unit} also reached its own limit (memory.events.local oom)`)
  }
  const added = doubts.filter((doubt) => !claim.doubts.includes(doubt))
  if (added.length === 0) return claim
  return {
    ...claim,
    confidence: added.reduce<Confidence>((confidence) => lowered(confidence), claim.confidence),
    doubts: [...claim.doubts, ...added],
  }
}

const localOomCount = (unit: string, facts: FactView): number => {
  const local = facts.all(cgroupEventsParser).filter((item) => {
    const file = cgroupFileOf(item.command)
    return file?.file === 'memory.events.local' && file.cgroup.endsWith(`/${unit}`)
  })
  return local.at(-1)?.facts.oomCount ?? 0
}

const isBefore = (claim: Claim, fromMs: number | null): boolean =>
  fromMs !== null && claim.at !== null && Date.parse(claim.at) < fromMs

const findingsOf = (claims: readonly Claim[], table: ReturnType<typeof explainsTable>): readonly Finding[] => {
  const roles = rolesOf(claims, table)
  const findings = claims.map((claim, at): Finding => ({ ...claim, role: roles[at] ?? 'root-cause', remedies: [] }))
  return foldFindings(findings).toSorted(inOrder)
}

/** Root causes first, then the surest, then the newest; the rest only makes the order total. */
const inOrder = (a: Finding, b: Finding): number =>
  roleRank(a) - roleRank(b) ||
  confidenceRank(b.confidence) - confidenceRank(a.confidence) ||
  newness(b) - newness(a) ||
  KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
  place(b) - place(a) ||
  compare(JSON.stringify(a), JSON.stringify(b))

const roleRank = (finding: Finding): number => (finding.role === 'root-cause' ? 0 : 1)

const newness = (finding: Finding): number => instantOf(finding)?.ms ?? -1

/** Without a clock a later line is newer. */
const place = (finding: Finding): number => finding.citations[0]?.line ?? 0

/** By code unit: the order must not depend on a locale. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Kinds whose only proof is the kernel's own words. */
const KERNEL_KINDS: ReadonlySet<Kind> = new Set([
  'global-oom',
  'memcg-oom',
  'cpuset-oom',
  'container-oom',
  'page-alloc-failure',
  'segfault',
  'kernel-memory',
  'killed-unknown-sender',
])

/** Kinds that were looked for in evidence that could have shown them, and are not there. */
const clearKinds = (
  facts: FactView,
  rules: readonly Rule[],
  { skipped, findings, blindness }: { skipped: Skipped; findings: readonly Finding[]; blindness: Blindness },
): readonly Kind[] => {
  const skippedRules = new Set(skipped.map((entry) => entry.rule))
  const hasLog = facts.all(logParser).some((item) => item.facts.lineCount > 0)
  return KINDS.filter((kind) => {
    if (findings.some((finding) => finding.kind === kind)) return false
    if (blindness.isDecisive && KERNEL_KINDS.has(kind)) return false
    if (blindness.isKernelLogBlind && KERNEL_KINDS.has(kind)) return false
    const looking = rules.filter((rule) => rule.kinds.includes(kind))
    return (
      looking.length > 0 &&
      looking.every((rule) => !skippedRules.has(rule.id) && (hasLog || !rule.needs.includes(logParser)))
    )
  })
}
