import type { Citation } from '../domain/evidence.ts'
import type { Claim, Confidence, Victim } from '../domain/finding.ts'
import type { Kind } from '../domain/kind.ts'
import { apartMs, instantOf, minuteOf, nearMinutes } from './instant.ts'
import type { Instant } from './instant.ts'
import { KILL_KINDS, subjectsOf } from './subject.ts'
import { MAX_CITATIONS, SAME_EVENT_MS } from './thresholds.ts'

/** Reporters of one death may name different kinds; the one who did it stands before the one who only saw it. */
const DEATH_KINDS: ReadonlySet<Kind> = new Set([...KILL_KINDS, 'killed-unknown-sender'])

/** States that several readings tell of: the same kind and unit at the same time is one finding. */
const STATE_KINDS: ReadonlySet<Kind> = new Set([
  'unit-failed',
  'crash-loop',
  'limit-not-in-force',
  'php-fpm-children',
  'watchdog',
  'timeout-kill',
  'cannot-fork',
  'memory-high-throttle',
])

const CONFIDENCES: readonly Confidence[] = ['possible', 'likely', 'certain']

export const confidenceRank = (confidence: Confidence): number => CONFIDENCES.indexOf(confidence)

export const lowered = (confidence: Confidence): Confidence =>
  CONFIDENCES[Math.max(0, confidenceRank(confidence) - 1)] ?? 'possible'

/** A claim and the rule that states it. */
export interface StatedClaim {
  readonly rule: string
  readonly claim: Claim
}

/** Claims that are one event made one; the order of the rest is kept. */
export const mergeStated = (stated: readonly StatedClaim[]): readonly Claim[] => {
  const merged = new Merged()
  // Those who name a process come first, so that notices about a unit find their event.
  for (const one of stated) if (hasPid(one.claim)) merged.add(one)
  for (const one of stated) if (!hasPid(one.claim)) merged.add(one)
  return merged.claims
}

/** The same within one rule: copies of one report, told apart from another report by the process they name. */
export const mergeClaims = (claims: readonly Claim[]): readonly Claim[] =>
  mergeStated(claims.map((claim) => ({ rule: 'one', claim })))

const hasPid = (claim: Claim): boolean => claim.victims.some((victim) => victim.pid !== null)

/** A hostile log may hold thousands of alike lines in one minute: only this many are compared with each. */
const MAX_COMPARED = 200

class Merged {
  readonly claims: Claim[] = []
  readonly #instants: (Instant | null)[] = []
  readonly #rules: Set<string>[] = []
  readonly #byKey = new Map<string, number[]>()

  add({ claim, rule }: StatedClaim): void {
    const instant = instantOf(claim)
    const at = this.#match(claim, instant, rule)
    const known = at === null ? undefined : this.claims[at]
    if (at === null || known === undefined) {
      for (const key of keysOf(claim, instant)) this.#index(key, this.claims.length)
      this.claims.push(claim)
      this.#instants.push(instant)
      this.#rules.push(new Set([rule]))
      return
    }
    const one = joined(known, claim)
    this.claims[at] = one
    this.#instants[at] = instantOf(one)
    this.#rules[at]?.add(rule)
    for (const key of keysOf(one, this.#instants[at] ?? null)) this.#index(key, at)
  }

  #index(key: string, at: number): void {
    const list = this.#byKey.get(key)
    if (list === undefined) this.#byKey.set(key, [at])
    else if (list.length < MAX_COMPARED && !list.includes(at)) list.push(at)
  }

  /** The nearest in time of those that are the same event. */
  #match(claim: Claim, instant: Instant | null, rule: string): number | null {
    const near = new Set(lookupKeys(claim, instant).flatMap((key) => this.#byKey.get(key) ?? []))
    let best: { at: number; distance: number } | null = null
    for (const at of near) {
      const other = this.claims[at]
      if (other === undefined) continue
      // A rule tells each event once: two notices of one unit are two events, unless they name the same process.
      if (this.#rules[at]?.has(rule) === true && !(hasPid(claim) && hasPid(other))) continue
      const apart = apartMs(this.#instants[at] ?? null, instant)
      if (!isSameEvent(other, claim, apart)) continue
      const distance = apart ?? linesApart(other, claim)
      if (best === null || distance < best.distance) best = { at, distance }
    }
    return best?.at ?? null
  }
}

/** What a claim can be found by: its processes, and its subjects in its minute (which is what one event may take). */
const keysOf = (claim: Claim, instant: Instant | null): readonly string[] => {
  const pids = claim.victims.flatMap(({ pid }) => (pid === null ? [] : [`pid ${pid}`]))
  const when = instant === null ? ['never'] : [...minuteOf(instant), 'any']
  const subjects = isPlaceless(claim) ? [PLACELESS] : [...subjectsOf(claim)]
  return [...pids, ...subjects.flatMap((subject) => when.map((at) => `${subject} ${at}`))]
}

const lookupKeys = (claim: Claim, instant: Instant | null): readonly string[] => {
  const pids = claim.victims.flatMap(({ pid }) => (pid === null ? [] : [`pid ${pid}`]))
  if (pids.length > 0 && DEATH_KINDS.has(claim.kind)) return pids
  const subjects = [...subjectsOf(claim), ...(isUnitNotice(claim) ? [PLACELESS] : [])]
  if (instant === null) return [...pids, ...subjects.flatMap((subject) => [`${subject} never`, `${subject} any`])]
  const minutes = nearMinutes(instant)
  return [...pids, ...subjects.flatMap((subject) => [...minutes, 'never'].map((at) => `${subject} ${at}`))]
}

/** Stands for the unit of a kill whose line names none; no unit has a blank in its name. */
const PLACELESS = 'no place'

/** The kernel's bare line, without the one above it that names the control group. */
const isPlaceless = (claim: Claim): boolean =>
  killer(claim) === 'kernel' && KILL_KINDS.includes(claim.kind) && hasPid(claim) && subjectsOf(claim).size === 0

/** systemd's word that the kernel killed somebody in a unit. */
const isUnitNotice = (claim: Claim): boolean =>
  (claim.kind === 'memcg-oom' || claim.kind === 'container-oom') && claim.unit !== null && !hasPid(claim)

/** systemd speaks at once of a kill in one of its units (lab: 0.1 s); without a clock it stands right by. */
const NOTICE_MS = 5000
const NOTICE_LINES = 20

const isNoticeOf = (kill: Claim, notice: Claim, distanceMs: number | null): boolean =>
  isPlaceless(kill) &&
  isUnitNotice(notice) &&
  (distanceMs === null ? linesApart(kill, notice) <= NOTICE_LINES : distanceMs <= NOTICE_MS)

/** Without a clock the nearer line of the same text is the better partner; other texts come last. */
const linesApart = (a: Claim, b: Claim): number => {
  const one = a.citations[0]
  const other = b.citations[0]
  if (one === undefined || other === undefined || one.evidence !== other.evidence) return SAME_EVENT_MS
  return Math.min(SAME_EVENT_MS, Math.abs(one.line - other.line))
}

const isSameEvent = (a: Claim, b: Claim, distanceMs: number | null): boolean => {
  if (distanceMs !== null && distanceMs > SAME_EVENT_MS) return false
  const areDeaths = DEATH_KINDS.has(a.kind) && DEATH_KINDS.has(b.kind)
  if (areDeaths && isTwoKillers(a, b)) return false
  if (areDeaths && hasPid(a) && hasPid(b)) return shareProcess(a, b, distanceMs !== null)
  if (areDeaths) return shareSubject(a, b) || isNoticeOf(a, b, distanceMs)
  if (a.kind !== b.kind) return false
  if (hasPid(a) && hasPid(b)) return shareProcess(a, b, distanceMs !== null)
  return STATE_KINDS.has(a.kind) && shareSubject(a, b)
}

/** Without a common clock the pid alone may be another boot's: name and size have to agree as well. */
const shareProcess = (a: Claim, b: Claim, hasTime: boolean): boolean =>
  a.victims.some((one) =>
    b.victims.some((other) => {
      if (one.pid === null || one.pid !== other.pid) return false
      if (one.comm !== null && other.comm !== null && one.comm !== other.comm) return false
      if (one.anonRssBytes !== null && other.anonRssBytes !== null && one.anonRssBytes !== other.anonRssBytes)
        return false
      return hasTime || (one.comm !== null && other.comm !== null)
    }),
  )

/** The kernel, systemd-oomd and earlyoom do different deeds: one may kill what did not heed the other's request. */
const isTwoKillers = (a: Claim, b: Claim): boolean =>
  killer(a) !== killer(b) && killer(a) !== null && killer(b) !== null

const killer = (claim: Claim): string | null => {
  if (claim.kind === 'systemd-oomd' || claim.kind === 'earlyoom') return claim.kind
  return claim.kind === 'killed-unknown-sender' ? null : 'kernel'
}

const shareSubject = (a: Claim, b: Claim): boolean => {
  const inA = subjectsOf(a)
  for (const subject of subjectsOf(b)) if (inA.has(subject)) return true
  return false
}

const weight = (claim: Claim): number => {
  const stated = [claim.constraint, claim.cgroup, claim.limitBytes, claim.invoker, claim.largestTask, claim.at].filter(
    (value) => value !== null,
  ).length
  const kindRank = claim.kind === 'killed-unknown-sender' ? 0 : 1000
  return kindRank + confidenceRank(claim.confidence) * 100 + (hasPid(claim) ? 50 : 0) + stated
}

/** The better informed claim, its empty fields filled from the other as far as they speak of the same process. */
const joined = (first: Claim, second: Claim): Claim => {
  const [base, other] = weight(second) > weight(first) ? [second, first] : [first, second]
  const sameProcess = hasPid(base) && hasPid(other)
  const filled: Claim = {
    ...base,
    confidence: joinedConfidence(base, other),
    ...joinedTime(base, other),
    unit: base.unit ?? other.unit,
    container: base.container ?? other.container,
    victims: joinedVictims(base.victims, other.victims),
    culprit: base.culprit ?? other.culprit,
    doubts: joinedDoubts(base, other),
    citations: joinedCitations(base.citations, other.citations),
  }
  // A notice about a unit knows no numbers of this event, only of the unit.
  if (!sameProcess) return filled
  return {
    ...filled,
    why: base.why ?? other.why,
    constraint: base.constraint ?? other.constraint,
    cgroup: base.cgroup ?? other.cgroup,
    limitBytes: base.limitBytes ?? other.limitBytes,
    invoker: base.invoker ?? other.invoker,
    largestTask: base.largestTask ?? other.largestTask,
    report: base.report ?? other.report,
  }
}

/** A printed wall clock is better than one reckoned from the boot, which drifts. */
const joinedTime = (base: Claim, other: Claim): Pick<Claim, 'at' | 'atText'> => {
  const isReckoned = base.at === null || /^\[?\s{0,20}\d{1,10}\.\d{1,9}\]?$/.test(base.atText ?? '')
  if (isReckoned && other.at !== null) return { at: other.at, atText: other.atText ?? base.atText }
  return { at: base.at, atText: base.atText ?? other.atText }
}

/** What a weaker claim could not tell, the stronger one has told. */
const joinedDoubts = (base: Claim, other: Claim): readonly string[] => {
  const isAnswered = confidenceRank(base.confidence) > confidenceRank(other.confidence)
  return isAnswered || other.kind === 'killed-unknown-sender'
    ? base.doubts
    : [...new Set([...base.doubts, ...other.doubts])]
}

/** Two independent supporting facts are more than one (oom.md 1.1.2); nothing but a decisive line makes certain. */
const joinedConfidence = (base: Claim, other: Claim): Confidence => {
  if (base.confidence === 'possible' && other.confidence === 'possible') {
    return base.kind === other.kind && base.kind !== 'killed-unknown-sender' ? 'likely' : 'possible'
  }
  return base.confidence
}

/** Some process of the unit, not named: the one of that unit that the other claim names. */
const isOne = (victim: Victim, named: Victim): boolean =>
  victim.pid === named.pid ||
  (victim.pid === null && victim.comm === null && victim.unit !== null && victim.unit === named.unit)

const joinedVictims = (base: readonly Victim[], other: readonly Victim[]): readonly Victim[] => {
  if (base.length === 0) return other
  const victims = base.map((victim) => {
    const match = other.find((candidate) => candidate.pid !== null && isOne(victim, candidate))
    if (match === undefined) return victim
    return {
      pid: match.pid,
      comm: victim.comm ?? match.comm,
      unit: victim.unit ?? match.unit,
      anonRssBytes: victim.anonRssBytes ?? match.anonRssBytes,
    }
  })
  const extra = other.filter((victim) => victim.pid !== null && !victims.some((known) => known.pid === victim.pid))
  return [...victims, ...extra]
}

const evidenceNumber = (citation: Citation): number => Number(citation.evidence.slice(1))

/** All lines of both, once each, in order of evidence and line. */
export const joinedCitations = (a: readonly Citation[], b: readonly Citation[]): readonly Citation[] => {
  const byPlace = new Map<string, Citation>()
  for (const citation of [...a, ...b]) {
    const place = `${citation.evidence}:${citation.line}`
    if (!byPlace.has(place)) byPlace.set(place, citation)
  }
  return [...byPlace.values()]
    .slice(0, MAX_CITATIONS)
    .sort((one, other) => evidenceNumber(one) - evidenceNumber(other) || one.line - other.line)
}
