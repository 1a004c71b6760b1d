import type { Scenario } from './scenario.ts'
import { killWorkerAtItsLimit } from './workerOom.ts'

/** To be looked at as user `ops`, to whom journalctl says "No entries" with exit code 0. */
export const nonRoot: Scenario = {
  id: 'non-root',
  title: 'as worker-oom, to be looked at as user ops, who may read neither journal nor kernel log',
  run: async (guest) => {
    const truth = await killWorkerAtItsLimit(guest)
    const journal = await guest.execAs('ops', 'journalctl -k -b --no-pager')
    const dmesg = await guest.execAs('ops', 'dmesg')
    return {
      ...truth,
      summary: `${truth.summary}; user ops sees no log of it`,
      facts: {
        ...truth.facts,
        user: 'ops',
        journalOfUser: journal.stdout.trim(),
        journalExitCode: journal.code,
        dmesgExitCode: dmesg.code,
      },
    }
  },
}
