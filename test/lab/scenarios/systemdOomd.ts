import { readJournal, readKernelKills, unitTruth, untilRestarted } from './observe.ts'
import { deployWorker, QUEUE_WORKER } from './queueWorker.ts'
import type { Scenario } from './scenario.ts'

const SETTINGS = '[OOM]\nDefaultMemoryPressureDurationSec=5s\n'

/** Kills from user space for pressure, not for a limit: MemoryHigh below the leak makes the pressure. */
export const systemdOomd: Scenario = {
  id: 'systemd-oomd',
  title: 'systemd-oomd kills the worker for memory pressure above 20 %; the kernel kills nobody',
  run: async (guest) => {
    await guest.write('/etc/systemd/oomd.conf.d/lab.conf', SETTINGS)
    await guest.run('systemctl -q unmask systemd-oomd.service systemd-oomd.socket && systemctl start systemd-oomd')
    await deployWorker(guest, {
      service: ['MemoryHigh=120M', 'ManagedOOMMemoryPressure=kill', 'ManagedOOMMemoryPressureLimit=20%'],
      settings: { LEAK: 'buffers', LEAK_MB_PER_SECOND: 10 },
    })
    const lines = await guest.until('systemd-oomd kills the unit', 180_000, async () => {
      const found = await readJournal(guest, `-u systemd-oomd -g 'Killed .*queue_worker'`)
      return found.length > 0 ? found : undefined
    })
    await untilRestarted(guest, QUEUE_WORKER, 90_000)
    const ends = await readJournal(guest, `_PID=1 -g 'queue_worker.*Main process exited'`)
    const logged = await readJournal(guest, `-u ${QUEUE_WORKER} _COMM=MainThread + _EXE=/usr/bin/node`)
    const pid = logged.findLast(({ at }) => at <= (ends[0]?.at ?? ''))?.pid ?? 0
    return {
      ...(await unitTruth(guest, QUEUE_WORKER)),
      summary: `systemd-oomd killed ${QUEUE_WORKER} (pid ${pid}) for memory pressure; systemd restarted it`,
      killer: 'systemd-oomd',
      limitOwner: null,
      limitBytes: null,
      victims: [{ pid, comm: null, cgroup: `/system.slice/${QUEUE_WORKER}`, at: lines[0]?.at ?? '' }],
      facts: { line: lines[0]?.message ?? null, kernelKills: (await readKernelKills(guest)).length },
    }
  },
}
