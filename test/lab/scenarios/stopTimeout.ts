import { readJournal, readKernelKills, readUnit, unitTruth } from './observe.ts'
import { deployWorker, isWorkerHealthy, QUEUE_WORKER } from './queueWorker.ts'
import type { Scenario } from './scenario.ts'

/** systemd itself sends SIGKILL when a stop takes too long. */
export const stopTimeout: Scenario = {
  id: 'stop-timeout',
  title: 'the worker ignores SIGTERM; `systemctl stop` waits TimeoutStopSec=5 and systemd sends SIGKILL; no OOM',
  run: async (guest) => {
    await deployWorker(guest, { service: ['TimeoutStopSec=5'], settings: { IGNORE_SIGTERM: 1 } })
    await guest.until('the worker answers', 90_000, async () => ((await isWorkerHealthy(guest, 5)) ? true : undefined))
    const pid = Number((await readUnit(guest, QUEUE_WORKER))['MainPID'])
    await guest.exec(`systemctl stop ${QUEUE_WORKER}`)
    const [killing] = await readJournal(guest, `_PID=1 -g 'Killing process ${pid} .* with signal SIGKILL'`)
    return {
      ...(await unitTruth(guest, QUEUE_WORKER)),
      summary: `root stopped ${QUEUE_WORKER}; it ignored SIGTERM, and systemd killed pid ${pid} after 5 s`,
      killer: 'systemd',
      limitOwner: null,
      limitBytes: null,
      victims: [{ pid, comm: 'MainThread', cgroup: `/system.slice/${QUEUE_WORKER}`, at: killing?.at ?? '' }],
      facts: { killingLine: killing?.message ?? null, kernelKills: (await readKernelKills(guest)).length },
    }
  },
}
