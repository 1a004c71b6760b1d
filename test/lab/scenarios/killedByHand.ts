import { readJournal, readKernelKills, readUnit, unitTruth, untilRestarted } from './observe.ts'
import { QUEUE_WORKER } from './queueWorker.ts'
import type { Scenario } from './scenario.ts'

/** To systemd the same as some OOM kills: status=9/KILL. Only sudo's line and the kernel's silence tell them apart. */
export const killedByHand: Scenario = {
  id: 'killed-by-hand',
  title: 'user dora logs in and runs `sudo kill -9` on the worker; no OOM',
  run: async (guest) => {
    const pid = Number((await readUnit(guest, QUEUE_WORKER))['MainPID'])
    await guest.execAs('dora', `sudo kill -9 ${pid}`)
    await untilRestarted(guest, QUEUE_WORKER, 90_000)
    const [sudo] = await readJournal(guest, `_COMM=sudo -g 'COMMAND=.*kill -9 ${pid}'`)
    const [end] = await readJournal(guest, `_PID=1 -g 'queue_worker.*code=killed, status=9/KILL'`)
    return {
      ...(await unitTruth(guest, QUEUE_WORKER)),
      summary: `dora ran "sudo kill -9 ${pid}"; systemd restarted ${QUEUE_WORKER}`,
      killer: 'person',
      limitOwner: null,
      limitBytes: null,
      victims: [{ pid, comm: 'MainThread', cgroup: `/system.slice/${QUEUE_WORKER}`, at: end?.at ?? '' }],
      facts: {
        person: 'dora',
        sudoLine: sudo?.message ?? null,
        kernelKills: (await readKernelKills(guest)).length,
      },
    }
  },
}
