import type { EvidenceId } from '../domain/evidence.ts'

/** One fact about the host and where it was read. */
export interface HostFact<Value> {
  readonly value: Value
  readonly evidence: readonly EvidenceId[]
}

/** What the head of a postmortem says about the machine; null is "not collected". */
export interface HostFacts {
  readonly system: HostFact<string> | null
  readonly memTotalBytes: HostFact<number> | null
  readonly swapTotalBytes: HostFact<number> | null
  /** The host's own clock against UTC. */
  readonly offsetMinutes: HostFact<number> | null
  readonly clockSynchronised: HostFact<boolean> | null
}

export const NO_HOST_FACTS: HostFacts = {
  system: null,
  memTotalBytes: null,
  swapTotalBytes: null,
  offsetMinutes: null,
  clockSynchronised: null,
}
