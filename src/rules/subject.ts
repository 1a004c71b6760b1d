import type { Claim } from '../domain/finding.ts'
import type { Kind } from '../domain/kind.ts'
import { sliceOfCgroup, unitOfCgroup } from '../parsers/unitOfCgroup.ts'

/** Kinds in which somebody ended a process to get memory back. */
export const KILL_KINDS: readonly Kind[] = [
  'global-oom',
  'memcg-oom',
  'cpuset-oom',
  'container-oom',
  'systemd-oomd',
  'earlyoom',
]

/** Kinds that are states of the whole host, whoever noticed them. */
const HOST_KINDS: ReadonlySet<Kind> = new Set([
  'memory-pressure',
  'swap-thrash',
  'kernel-memory',
  'page-alloc-failure',
  'disk-full',
  'cannot-fork',
])

export const isKill = (claim: Claim): boolean => KILL_KINDS.includes(claim.kind)

/** Units and containers that a claim is about: victims, the unit itself, the owner of the limit. */
export const subjectsOf = (claim: Claim): ReadonlySet<string> => {
  const subjects = new Set<string>()
  if (claim.unit !== null) subjects.add(claim.unit)
  if (claim.container !== null) subjects.add(claim.container)
  for (const victim of claim.victims) if (victim.unit !== null) subjects.add(victim.unit)
  if (claim.cgroup !== null) {
    const owner = unitOfCgroup(claim.cgroup) ?? sliceOfCgroup(claim.cgroup)
    if (owner !== null) subjects.add(owner)
  }
  return subjects
}

/** The claim is about the host as a whole: nothing narrower is named. */
export const isHostWide = (claim: Claim): boolean => HOST_KINDS.has(claim.kind) && subjectsOf(claim).size === 0
