import { logParser } from '../parsers/log/log.ts'
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
      ({ memsAllowed, constraint }) =>
        constraint === 'CONSTRAINT_MEMORY_POLICY'
          ? 'the memory nodes its own policy allows were full'
          : `the memory nodes its cpuset allows${memsAllowed === null ? '' : ` (${memsAllowed})`} were full`,
    ),
}
