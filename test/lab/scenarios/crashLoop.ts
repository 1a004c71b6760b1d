import { readKernelKills, readJournal, unitTruth } from './observe.ts'
import { deployWorker, QUEUE_WORKER } from './queueWorker.ts'
import type { Scenario } from './scenario.ts'

/** The word "memory" in an application's log is an opinion. */
export const crashLoop: Scenario = {
  id: 'crash-loop',
  title: 'the application exits 1 and logs "Memory exhaustion detected" until systemd gives up; no OOM of any kind',
  run: async (guest) => {
    // Five starts within systemd's usual 10 s are never reached in software emulation.
    await deployWorker(guest, {
      unit: ['StartLimitIntervalSec=120', 'StartLimitBurst=5'],
      settings: { CRASH: 'Memory exhaustion detected' },
    }).catch(() => {})
    await guest.until('systemd gives up restarting', 180_000, async () => {
      const lines = await readJournal(guest, `_PID=1 -g 'queue_worker.*Start request repeated too quickly'`)
      return lines.length > 0 ? true : undefined
    })
    const exits = await readJournal(guest, `_PID=1 -g 'queue_worker.*Main process exited, code=exited, status=1'`)
    return {
      ...(await unitTruth(guest, QUEUE_WORKER)),
      summary: `the application exited with status 1, ${exits.length} times; systemd gave up; nobody was killed`,
      killer: 'program',
      limitOwner: null,
      limitBytes: null,
      victims: [],
      facts: { exits: exits.length, kernelKills: (await readKernelKills(guest)).length },
    }
  },
}
