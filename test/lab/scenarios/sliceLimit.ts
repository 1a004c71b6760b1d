import { readKernelKills, readUnit, unitTruth, untilKernelKill, untilRestarted } from './observe.ts'
import { deployWorker, QUEUE_WORKER } from './queueWorker.ts'
import type { Scenario } from './scenario.ts'

const LIMIT_MB = 200
const SLICE_UNIT = `[Unit]
Description=Application slice

[Slice]
MemoryMax=${LIMIT_MB}M
`

/** The limit that was hit is not the unit's own: `systemctl show` says infinity and the unit's counters stay at 0. */
export const sliceLimit: Scenario = {
  id: 'slice-limit',
  title: `the limit hit is that of app.slice (MemoryMax=${LIMIT_MB}M), which the worker shares with an innocent mailer`,
  run: async (guest) => {
    await guest.write('/etc/systemd/system/app.slice', SLICE_UNIT)
    await guest.write('/etc/systemd/system/mailer.service.d/slice.conf', '[Service]\nSlice=app.slice\n')
    await guest.run('systemctl daemon-reload && systemctl start mailer')
    await deployWorker(guest, {
      service: ['Slice=app.slice'],
      settings: { LEAK: 'buffers', LEAK_MB_PER_SECOND: 10 },
    })
    await untilKernelKill(guest, 180_000)
    await untilRestarted(guest, QUEUE_WORKER, 90_000)
    const victims = await readKernelKills(guest)
    const mailer = await readUnit(guest, 'mailer.service')
    return {
      ...(await unitTruth(guest, QUEUE_WORKER)),
      summary: `the kernel killed ${QUEUE_WORKER} (pid ${victims[0]?.pid}) at the limit of app.slice, ${LIMIT_MB} MB`,
      killer: 'kernel',
      limitOwner: 'slice',
      limitBytes: LIMIT_MB * 1024 * 1024,
      victims,
      facts: {
        constraint: victims[0]?.constraint ?? null,
        limitCgroup: victims[0]?.limitCgroup ?? null,
        mailerMainPid: Number(mailer['MainPID']),
        mailerRestarts: Number(mailer['NRestarts']),
      },
    }
  },
}
