import { parseCounters } from './counters.ts'
import type { Parser } from './parser.ts'

// pids.events of a cgroup v2
//
// max 0

export interface PidsEventsFacts {
  /** Forks refused. The cgroup that forked counts it; newer kernels count at the one whose limit was hit. */
  readonly maxCount: number | null
}

export const pidsEventsParser: Parser<PidsEventsFacts> = {
  id: 'pids-events',
  parse: (output) => ({ maxCount: parseCounters('pids-events', output).get('max') ?? null }),
}
