import { nobodyKilled, readKernelKills, unitTruth } from './observe.ts'
import { isWorkerHealthy, QUEUE_WORKER } from './queueWorker.ts'
import type { Scenario } from './scenario.ts'

/** The machine as it should be. */
export const healthy: Scenario = {
  id: 'healthy',
  title: 'nothing is wrong',
  run: async (guest) => {
    await guest.until('the worker answers', 90_000, async () => ((await isWorkerHealthy(guest, 5)) ? true : undefined))
    const state = await guest.exec('systemctl is-system-running')
    return {
      ...(await unitTruth(guest, QUEUE_WORKER)),
      ...nobodyKilled,
      summary: 'nothing is wrong',
      facts: { system: state.stdout.trim(), kernelKills: (await readKernelKills(guest)).length },
    }
  },
}
