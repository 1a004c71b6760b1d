import type { Claim } from '../domain/finding.ts'
import type { Kind } from '../domain/kind.ts'
import { KINDS } from '../domain/kind.ts'
import { instantOf, laterByMs } from './instant.ts'
import type { Instant } from './instant.ts'
import { KILL_KINDS, isHostWide, subjectsOf } from './subject.ts'
import { CLOCK_SKEW_MS, EXPLAINS_WITHIN_MS, LOOP_EXPLAINED_WITHIN_MS } from './thresholds.ts'

type Explains = ReadonlyMap<Kind, ReadonlySet<Kind>>

const AFTERMATH: readonly Kind[] = [
  'crash-loop',
  'unit-failed',
  'php-fpm-children',
  'app-own-message',
  'killed-unknown-sender',
  'timeout-kill',
  'malloc-enomem',
]

/** Chains that hold whatever a single rule says of itself (oom.md 1.1.3). */
const CHAINS: Partial<Record<Kind, readonly Kind[]>> = {
  'memcg-oom': AFTERMATH,
  'global-oom': AFTERMATH,
  'cpuset-oom': AFTERMATH,
  'container-oom': AFTERMATH,
  'systemd-oomd': AFTERMATH,
  earlyoom: AFTERMATH,
  'v8-heap': ['crash-loop', 'unit-failed'],
  'jvm-heap': ['crash-loop', 'unit-failed'],
  'go-oom': ['crash-loop', 'unit-failed'],
  'rust-alloc': ['crash-loop', 'unit-failed'],
  'cpp-bad-alloc': ['crash-loop', 'unit-failed'],
  'python-memoryerror': ['crash-loop', 'unit-failed'],
  'malloc-enomem': ['crash-loop', 'unit-failed'],
  segfault: ['crash-loop', 'unit-failed'],
  'killed-unknown-sender': ['crash-loop', 'unit-failed'],
  watchdog: ['crash-loop', 'unit-failed'],
  'timeout-kill': ['crash-loop', 'unit-failed', 'killed-unknown-sender'],
  'cannot-fork': ['crash-loop', 'unit-failed', 'jvm-native-thread'],
  'disk-full': ['app-own-message', 'malloc-enomem', 'unit-failed', 'crash-loop'],
  'memory-high-throttle': ['watchdog', 'timeout-kill', 'memory-pressure', 'crash-loop', 'unit-failed'],
  'swap-thrash': ['watchdog', 'timeout-kill', 'memory-pressure'],
  'kernel-memory': ['global-oom', 'memory-pressure'],
  'page-alloc-failure': ['global-oom'],
  'crash-loop': ['unit-failed'],
}

/** What explains what: the common chains and what each rule adds. */
export const explainsTable = (rules: readonly { kinds: readonly Kind[]; explains: readonly Kind[] }[]): Explains => {
  const table = new Map<Kind, Set<Kind>>(KINDS.map((kind) => [kind, new Set(CHAINS[kind])]))
  for (const rule of rules)
    for (const kind of rule.kinds) for (const other of rule.explains) table.get(kind)?.add(other)
  return table
}

/** The role of each claim, in the order given: a root cause is explained by nothing. */
export const rolesOf = (claims: readonly Claim[], table: Explains): readonly ('root-cause' | 'symptom')[] => {
  const scene = new Scene(claims, table)
  const roles = claims.map((claim, at): 'root-cause' | 'symptom' =>
    scene.isExplained(claim, at) ? 'symptom' : 'root-cause',
  )
  // A ring of explanations would leave nobody to act on: the first of them is the cause.
  if (claims.length > 0 && !roles.includes('root-cause')) roles[0] = 'root-cause'
  return roles
}

/** A limit that was read and is reached brings the refusals, in whatever words programs and the kernel tell of them. */
const isMeasuredLimit = (claim: Claim): boolean => claim.kind === 'cannot-fork' && claim.limitBytes !== null

class Scene {
  readonly #claims: readonly Claim[]
  readonly #table: Explains
  readonly #instants: readonly (Instant | null)[]
  readonly #byKindAndSubject = new Map<string, number[]>()
  readonly #byKind = new Map<Kind, number[]>()

  constructor(claims: readonly Claim[], table: Explains) {
    this.#claims = claims
    this.#table = table
    this.#instants = claims.map(instantOf)
    for (const [at, claim] of claims.entries()) {
      push(this.#byKind, claim.kind, at)
      const subjects = isHostWide(claim) ? ['the host'] : subjectsOf(claim)
      for (const subject of subjects) push(this.#byKindAndSubject, `${claim.kind} ${subject}`, at)
    }
  }

  isExplained(claim: Claim, at: number): boolean {
    if (this.#isBystander(claim)) return true
    if (isMeasuredLimit(claim)) return false
    const causes = KINDS.filter((kind) => kind !== claim.kind && this.#table.get(kind)?.has(claim.kind) === true)
    return causes.some((kind) =>
      this.#near(claim, kind).some((cause) => this.#doesExplain(cause, at) && !this.#isExplainedBack(cause, at)),
    )
  }

  /** Claims of a kind that share a subject, and states of the host, which concern everybody on it. */
  #near(claim: Claim, kind: Kind): readonly number[] {
    if (isHostWide(claim)) return this.#byKind.get(kind) ?? []
    // A full disk somewhere is no proof of why one unit ended.
    const isOwnEnd = claim.kind === 'unit-failed' || claim.kind === 'crash-loop'
    const subjects = [...subjectsOf(claim), ...(isOwnEnd ? [] : ['the host'])]
    return subjects.flatMap((subject) => this.#byKindAndSubject.get(`${kind} ${subject}`) ?? [])
  }

  #doesExplain(cause: number, effect: number): boolean {
    const laterMs = laterByMs(this.#instants[cause] ?? null, this.#instants[effect] ?? null)
    if (laterMs === null) return true
    const withinMs = this.#claims[effect]?.kind === 'crash-loop' ? LOOP_EXPLAINED_WITHIN_MS : EXPLAINS_WITHIN_MS
    return laterMs >= -CLOCK_SKEW_MS && laterMs <= withinMs
  }

  /** Two claims that would explain each other: the earlier one stays the cause. */
  #isExplainedBack(cause: number, effect: number): boolean {
    const from = this.#claims[cause]
    const to = this.#claims[effect]
    if (from === undefined || to === undefined || this.#table.get(to.kind)?.has(from.kind) !== true) return false
    if (!this.#doesExplain(effect, cause)) return false
    const laterMs = laterByMs(this.#instants[cause] ?? null, this.#instants[effect] ?? null)
    return laterMs === null || laterMs === 0 ? effect < cause : laterMs < 0
  }

  /** Pressure is a cause only when nothing was killed; a limit that was not in force used no memory itself. */
  #isBystander(claim: Claim): boolean {
    if (claim.kind === 'memory-pressure') return KILL_KINDS.some((kind) => this.#byKind.has(kind))
    if (claim.kind !== 'limit-not-in-force') return false
    if (this.#byKind.has('global-oom')) return true
    return [...subjectsOf(claim)].some((unit) =>
      KILL_KINDS.some((kind) => this.#byKindAndSubject.has(`${kind} ${unit}`)),
    )
  }
}

const push = <Key>(map: Map<Key, number[]>, key: Key, at: number): void => {
  const list = map.get(key)
  if (list === undefined) map.set(key, [at])
  else list.push(at)
}
