import type { KernelOomEvent } from '../parsers/log/kernel/kernelEvents.ts'
import { logParser } from '../parsers/log/log.ts'
import { zoneStates } from './kernelZones.ts'
import { oomClaims } from './oomKill.ts'
import type { Rule } from './rule.ts'

/** The kernel killed because the memory nodes a process may use were full, whatever the rest of the host had free. */
export const cpusetOomRule: Rule = {
  id: 'cpuset-oom',
  kinds: ['cpuset-oom'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed', 'php-fpm-children', 'app-own-message', 'killed-unknown-sender'],
  check: (facts) =>
    oomClaims(
      facts,
      (event) => (event.scope === 'cpuset' ? 'cpuset-oom' : null),
      (event) => {
        const { memsAllowed, constraint } = event
        const state = hasRoom(event) ? 'had memory free, but none for this request' : 'were full'
        return constraint === 'CONSTRAINT_MEMORY_POLICY'
          ? `the memory nodes its own policy allows ${state}`
          : `the memory nodes its cpuset allows${memsAllowed === null ? '' : ` (${memsAllowed})`} ${state}`
      },
    ),
}

/** A node may have room in a zone that is closed to the request: one of movable memory only has none for the kernel. */
const hasRoom = (event: KernelOomEvent): boolean => {
  if (event.memInfo === null) return false
  const { allowed, closed } = zoneStates(event, event.memInfo)
  return (
    closed.length > 0 ||
    allowed.some(({ zone, isOut }) => !isOut && (zone.bytes['free'] ?? 0) > ROOM * (zone.bytes['high'] ?? 0))
  )
}

/** So many times what the kernel itself keeps free is room. Our choice. */
const ROOM = 4
