import { nobodyKilled, readJournal, readKernelKills, unitTruth } from './observe.ts'
import type { Scenario } from './scenario.ts'

const UNIT = 'image_tools.service'

/** Looks like "out of memory" to many programs, and is a limit on tasks. */
export const forkFail: Scenario = {
  id: 'fork-fail',
  title: `${UNIT} has TasksMax=20 and wants 40 processes: fork fails, the unit fails; no memory problem`,
  run: async (guest) => {
    await guest.run(`systemctl start ${UNIT}`)
    const rejected = await guest.until('the kernel rejects a fork', 90_000, async () => {
      const lines = await readJournal(guest, `-k -g 'fork rejected by pids controller'`)
      return lines[0]
    })
    // bash tries again after 1, 2, 4 and 8 seconds before it gives up.
    await guest.until(`${UNIT} fails`, 90_000, async () =>
      (await unitTruth(guest, UNIT)).activeState === 'failed' ? true : undefined,
    )
    return {
      ...(await unitTruth(guest, UNIT)),
      ...nobodyKilled,
      summary: `${UNIT} reached TasksMax=20, fork failed, and it exited`,
      killer: 'program',
      facts: { tasksMax: 20, kernelLine: rejected.message, kernelKills: (await readKernelKills(guest)).length },
    }
  },
}
