import type { Citation } from '../domain/evidence.ts'
import { blankClaim } from '../domain/finding.ts'
import type { Claim, Confidence } from '../domain/finding.ts'
import type { FactView, Sourced } from '../parsers/facts.ts'
import type { LimitValue } from '../parsers/limitValue.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import { systemctlCatParser } from '../parsers/systemctlCat.ts'
import type { SystemctlCatFacts } from '../parsers/systemctlCat.ts'
import { systemctlShowParser } from '../parsers/systemctlShow.ts'
import type { UnitState } from '../parsers/systemctlShow.ts'
import { LIMIT_KEYS, askedLimit, unitOfFile, writtenLimits } from '../parsers/unitFileLimits.ts'
import type { LimitKey, WrittenLimit } from '../parsers/unitFileLimits.ts'
import { amount } from './amount.ts'
import { latestValue } from './cgroupReadings.ts'
import type { Rule } from './rule.ts'
import { citeWarnings } from './unitWarnings.ts'

/** A limit stands in a unit's files, and the running unit does not have it. */
export const limitNotInForceRule: Rule = {
  id: 'limit-not-in-force',
  kinds: ['limit-not-in-force'],
  needs: [systemctlCatParser, systemctlShowParser],
  wants: [logParser],
  explains: [],
  check: (facts) => {
    const units = new Map<string, Sourced<SystemctlCatFacts>>()
    for (const cat of facts.all(systemctlCatParser)) {
      const unit = cat.subject ?? unitOfFile(cat.facts.files[0]?.path ?? '')
      if (unit !== null) units.set(unit, cat)
    }
    return [...units].flatMap(([unit, cat]) => unitClaims(facts, unit, cat))
  },
}

interface Problem {
  readonly words: string
  readonly confidence: Confidence
  readonly limits: readonly WrittenLimit[]
}

interface InForce {
  readonly value: LimitValue
  readonly citations: readonly Citation[]
}

const unitClaims = (facts: FactView, unit: string, cat: Sourced<SystemctlCatFacts>): readonly Claim[] => {
  const shown = stateOf(facts, unit)
  if (shown === null) return []
  const limits = writtenLimits(cat.facts)
  const problems = LIMIT_KEYS.flatMap((key) => {
    const inForce = inForceOf(facts, shown, key)
    return problemsOf(key, limits, { inForce, state: shown.state, cat: cat.facts }).map((problem) => ({
      problem,
      inForce,
    }))
  })
  const [first] = problems
  if (first === undefined) return []
  const citations = problems.flatMap(({ problem, inForce }) => [
    ...problem.limits.map((limit) => facts.cite(cat.evidence, limit.line)),
    ...inForce.citations,
  ])
  const more =
    problems.length === 1 ? '' : ` (and ${problems.length - 1} more such ${problems.length === 2 ? 'line' : 'lines'})`
  return [
    {
      ...blankClaim('limit-not-in-force', `${first.problem.words}${more}`),
      confidence: first.problem.confidence,
      unit,
      why: problems.map(({ problem }) => problem.words).join('; '),
      citations: [...citations, ...citeWarnings(facts, unit)],
    },
  ]
}

const stateOf = (facts: FactView, unit: string): { state: UnitState; shown: Sourced<unknown> } | null => {
  for (const shown of facts.all(systemctlShowParser).toReversed()) {
    const state = shown.facts.units.find((candidate) => (candidate.id ?? shown.subject) === unit)
    if (state !== undefined) return { state, shown }
  }
  return null
}

const SHOWN: Record<LimitKey, (state: UnitState) => LimitValue> = {
  MemoryMax: (state) => state.memoryMaxBytes,
  MemoryHigh: (state) => state.memoryHighBytes,
  MemorySwapMax: (state) => state.memorySwapMaxBytes,
  // What MemoryLimit= is for is the hard limit; the property of that name repeats the file and proves nothing.
  MemoryLimit: (state) => state.memoryMaxBytes,
  TasksMax: (state) => state.tasksMaxCount,
}

const CGROUP_FILE: Record<LimitKey, string> = {
  MemoryMax: 'memory.max',
  MemoryHigh: 'memory.high',
  MemorySwapMax: 'memory.swap.max',
  MemoryLimit: 'memory.max',
  TasksMax: 'pids.max',
}

/** What the running unit has: the cgroup's file decides, systemd's own view where the unit is stopped. */
const inForceOf = (
  facts: FactView,
  { state, shown }: { state: UnitState; shown: Sourced<unknown> },
  key: LimitKey,
): InForce => {
  const property = key === 'MemoryLimit' ? 'MemoryMax' : key
  const line = state.lines[property]
  const citations = line === undefined ? [] : [facts.cite(shown.evidence, line)]
  const file = state.controlGroup === null ? undefined : latestValue(facts, state.controlGroup, CGROUP_FILE[key])
  if (file === undefined) return { value: SHOWN[key](state), citations }
  return { value: file.value, citations: [...citations, facts.cite(file.evidence, 1)] }
}

interface Context {
  readonly inForce: InForce
  readonly state: UnitState
  readonly cat: SystemctlCatFacts
}

const problemsOf = (key: LimitKey, all: readonly WrittenLimit[], context: Context): readonly Problem[] => {
  const limits = all.filter((limit) => limit.key === key)
  const { value } = context.inForce
  // Systemd did not say what is in force: nothing can be compared.
  if (limits.length === 0 || value === null) return []
  if (key === 'MemoryLimit') return oldNameProblems(limits, all, context)
  const asked = askedLimit(all, key)
  const ignored = limits.filter((limit) => !limit.isRightSection || limit.value.kind === 'invalid')
  const problems = ignored
    .filter((limit) => !isInForce(limit, value))
    .map((limit) => ({
      words: `${written(limit)} is not in force: ${whyIgnored(limit)}${nowIs(value, key)}`,
      confidence: 'certain' as const,
      limits: [limit],
    }))
  if (problems.length > 0) return problems
  if (asked !== null && !isInForce(asked, value)) return [notLoaded(asked, value, context)]
  return asked === null ? [] : overridden(limits, asked, value)
}

const written = (limit: WrittenLimit): string => `${limit.key}=${limit.text} (${limit.path}:${limit.fileLine})`

/** The kernel rounds a limit down to a page, at most 64 KiB. */
const MAX_PAGE_BYTES = 65_536

const isInForce = (limit: WrittenLimit, value: LimitValue): boolean => {
  const { value: asked } = limit
  // A share of RAM cannot be checked against a number; that any limit is in force is as much as can be said.
  if (asked.kind === 'percent') return value !== 'infinity' || asked.value >= 100
  if (asked.kind !== 'bytes' && asked.kind !== 'tasks') return false
  if (asked.value === 'infinity' || value === 'infinity' || value === null) return asked.value === value
  return asked.kind === 'tasks'
    ? asked.value === value
    : asked.value - value >= 0 && asked.value - value < MAX_PAGE_BYTES
}

const whyIgnored = (limit: WrittenLimit): string => {
  if (!limit.isRightSection) {
    const section = limit.section === null ? 'above the first section' : `in [${limit.section}]`
    const right = limit.rightSection === null ? '' : `; it belongs into [${limit.rightSection}]`
    return `the key means nothing ${section}${right}`
  }
  if (limit.value.kind !== 'invalid') return 'systemd does not apply it'
  if (limit.value.because === 'trailing-comment') {
    return 'systemd has no comments at the end of a line, so the whole value is invalid and ignored'
  }
  if (limit.value.because === 'suffix') return 'the value is invalid and ignored: the suffixes are K, M, G and T alone'
  return 'the value is no number and ignored'
}

const nowIs = (value: LimitValue, key: LimitKey): string => {
  if (value === 'infinity') return '; there is no limit now'
  return `; the limit now is ${key === 'TasksMax' || value === null ? value : amount(value)}`
}

const notLoaded = (asked: WrittenLimit, value: LimitValue, { state, cat }: Context): Problem => {
  const isPending = state.needDaemonReload === true || cat.changedOnDisk
  const reason = isPending
    ? 'the file changed after systemd read it and daemon-reload has not been run'
    : 'systemd has another value; daemon-reload may not have been run since the file was written'
  return {
    words: `${written(asked)} is not in force: ${reason}${nowIs(value, asked.key)}`,
    confidence: isPending ? 'certain' : 'likely',
    limits: [asked],
  }
}

/** A later file loosens what an earlier one says: it may be meant so, therefore only possible. */
const overridden = (limits: readonly WrittenLimit[], asked: WrittenLimit, value: LimitValue): readonly Problem[] => {
  const stricter = limits.findLast(
    (limit) =>
      limit !== asked &&
      limit.path !== asked.path &&
      limit.isRightSection &&
      limit.value.kind === asked.value.kind &&
      isStricter(limit, value),
  )
  if (stricter === undefined) return []
  const words = `${written(stricter)} is not in force: the later ${written(asked)} replaces it by a looser one`
  return [{ words, confidence: 'possible', limits: [stricter, asked] }]
}

const isStricter = (limit: WrittenLimit, value: LimitValue): boolean => {
  if (limit.value.kind !== 'bytes' && limit.value.kind !== 'tasks') return false
  const asked = limit.value.value
  if (asked === 'infinity' || value === null) return false
  return value === 'infinity' || asked < value
}

const MODERN: readonly LimitKey[] = ['MemoryMax', 'MemoryHigh', 'MemorySwapMax']

/** On cgroup v2 MemoryLimit= counts only in a unit without any modern key (oom.md 3.2). */
const oldNameProblems = (
  limits: readonly WrittenLimit[],
  all: readonly WrittenLimit[],
  { inForce }: Context,
): readonly Problem[] => {
  const last = limits.at(-1)
  if (last === undefined || isInForce(last, inForce.value)) return []
  if (last.value.kind === 'invalid' || !last.isRightSection) {
    return [
      {
        words: `${written(last)} is not in force: ${whyIgnored(last)}${nowIs(inForce.value, 'MemoryLimit')}`,
        confidence: 'certain',
        limits: [last],
      },
    ]
  }
  const modern = MODERN.map((key) => askedLimit(all, key)).find((limit) => limit !== null)
  if (modern === undefined || modern === null) {
    const words = `${written(last)} is not in force: MemoryLimit= is the old name, which this systemd does not apply; MemoryMax= is the new one${nowIs(inForce.value, 'MemoryLimit')}`
    return [{ words, confidence: 'likely', limits: [last] }]
  }
  const words = `${written(last)} is not in force: the old MemoryLimit= is ignored in a unit that has ${modern.key}=${nowIs(inForce.value, 'MemoryLimit')}`
  return [{ words, confidence: 'certain', limits: [last, modern] }]
}

/** systemd said while it read a unit file that it does not apply a limit as written. */
export const limitWarningRule: Rule = {
  id: 'limit-warning',
  kinds: ['limit-not-in-force'],
  needs: [logParser],
  wants: [systemctlCatParser],
  explains: [],
  check: (facts) => {
    const examined = new Set(
      facts.all(systemctlCatParser).map((cat) => cat.subject ?? unitOfFile(cat.facts.files[0]?.path ?? '')),
    )
    return facts.all(logParser).flatMap((log) =>
      eventsOf(log.facts, 'unit-config-warning').flatMap((event): Claim[] => {
        const isLimit = LIMIT_KEYS.some((key) => key === event.key) || /^Invalid memory limit/i.test(event.text)
        // Where the files were read, the other rule knows better than an old warning.
        if (!isLimit || event.problem === 'deprecated' || examined.has(event.unit)) return []
        const place =
          event.file === null ? '' : ` (${event.file}${event.configLine === null ? '' : `:${event.configLine}`})`
        const what = event.key === null ? `the limit "${event.value ?? ''}"` : `${event.key}=${event.value ?? ''}`
        return [
          {
            ...blankClaim(
              'limit-not-in-force',
              `${what}${place} is not in force: systemd says "${event.text.slice(0, 200)}"`,
            ),
            confidence: 'certain',
            at: event.time.atMs === null ? null : new Date(event.time.atMs).toISOString(),
            atText: event.time.atText,
            unit: event.unit,
            citations: event.cited.map((cited) => ({ evidence: log.evidence, line: cited.line, text: cited.text })),
          },
        ]
      }),
    )
  },
}
