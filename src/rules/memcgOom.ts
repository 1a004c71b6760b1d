import { cgroupOwner, leadsIntoContainer, shortContainer } from '../parsers/cgroupOwner.ts'
import type { CgroupOwner } from '../parsers/cgroupOwner.ts'
import type { KernelOomEvent } from '../parsers/log/kernel/kernelEvents.ts'
import { logParser } from '../parsers/log/log.ts'
import { amount } from './amount.ts'
import { oomClaims } from './oomKill.ts'
import type { Rule } from './rule.ts'

/**
 * The kernel killed because the limit of a cgroup was reached. Whose limit decides the kind: a container's or pod's is
 * container-oom, anything else memcg-oom (reference: oom.md 1.2).
 */
export const memcgOomRule: Rule = {
  id: 'memcg-oom',
  kinds: ['memcg-oom', 'container-oom'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed', 'php-fpm-children', 'app-own-message', 'killed-unknown-sender'],
  check: (facts) =>
    oomClaims(facts, (event) => (event.scope === 'memcg' || event.scope === 'process' ? kindOf(event) : null), causeOf),
}

const kindOf = (event: KernelOomEvent): 'memcg-oom' | 'container-oom' => {
  // What lies below a container's limit is in a container as well.
  const known = event.ownerCgroup ?? event.statsCgroup ?? event.groupCgroup
  if (known === null) return event.inContainer ? 'container-oom' : 'memcg-oom'
  if (SHORTENED.test(known) || leadsIntoContainer(known)) return 'container-oom'
  const { kind } = cgroupOwner(known)
  return kind === 'container' || kind === 'pod' ? 'container-oom' : 'memcg-oom'
}

/** A path that somebody shortened, with what only a container's or pod's has. */
const SHORTENED = /^\/?(?:\.{3}|…).{0,200}(?:\bpod[0-9a-f]{8}|kubepods|docker|cri-containerd|crio|libpod|lxc)/

const causeOf = (event: KernelOomEvent): string => {
  const limit = event.memory?.limitBytes ?? null
  const size = limit === null ? '' : ` of ${amount(limit)}`
  if (event.scope === 'process') return 'its own memory limit was reached, which the system sets for each process'
  if (event.ownerCgroup === null) return `the memory limit${size} of its control group was reached`
  const owner = cgroupOwner(event.ownerCgroup)
  const isOwn = event.ownerCgroup === event.taskCgroup
  if (isOwn && owner.kind === 'unit') return `the unit's own limit${size} was reached`
  if (isOwn && owner.kind === 'container') return `the container's own limit${size} was reached`
  const reached = limit === null ? 'its memory limit' : `its limit of ${amount(limit)}`
  const isParent = !isOwn && event.taskCgroup !== null
  return `${nameOf(owner)}${isParent ? ', which it is part of,' : ''} reached ${reached}`
}

const nameOf = (owner: CgroupOwner): string => {
  if (owner.kind === 'pod') return `pod ${owner.podUid ?? owner.path}`
  if (owner.kind === 'container') return `container ${shortContainer(owner.container ?? owner.path)}`
  if (owner.kind === 'slice') return owner.slice ?? owner.path
  if (owner.kind === 'session') return `the login ${owner.unit ?? owner.path}`
  return owner.kind === 'unit' ? (owner.unit ?? owner.path) : `the control group ${owner.path}`
}
