import type { StoredEvidence } from '../domain/evidence.ts'
import type { Host } from '../domain/host.ts'
import type { Transport } from './transport.ts'

/** The transport of each kind of host, loaded when it is first needed: ssh2 is slow to load. */
export const TRANSPORTS: {
  readonly [Kind in Host['transport']]: (evidence: readonly StoredEvidence[]) => Promise<Transport>
} = {
  ssh: async () => (await import('./ssh.ts')).sshTransport,
  local: async () => (await import('./local.ts')).localTransport,
  replay: async (evidence) => (await import('./replay.ts')).replayTransport(evidence),
}
