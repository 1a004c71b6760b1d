import type { Guest } from '../guest.ts'
import { readKernelKills, readUnit, unitTruth, untilKernelKill, untilRestarted } from './observe.ts'
import { deployWorker, QUEUE_WORKER } from './queueWorker.ts'
import type { Scenario, Truth } from './scenario.ts'

const LIMIT_MB = 200
const MAILER = 'mailer.service'
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
    const truth = await fillSlice(guest, 40)
    await untilRestarted(guest, QUEUE_WORKER, 90_000)
    const pid = truth.victims[0]?.pid
    return {
      ...truth,
      ...(await unitTruth(guest, QUEUE_WORKER)),
      summary: `the kernel killed ${QUEUE_WORKER} (pid ${pid}) at the limit of app.slice, ${LIMIT_MB} MB`,
    }
  },
}

/** The kernel kills the biggest, not the one that grows. */
export const sliceLimitInnocentVictim: Scenario = {
  id: 'slice-limit-innocent-victim',
  title: `the worker leaks into the limit of app.slice (MemoryMax=${LIMIT_MB}M), and the bigger, steady mailer is killed for it`,
  run: async (guest) => {
    const truth = await fillSlice(guest, 130)
    await untilRestarted(guest, MAILER, 90_000)
    const pid = truth.victims[0]?.pid
    return {
      ...truth,
      ...(await unitTruth(guest, MAILER)),
      summary: `the kernel killed ${MAILER} (pid ${pid}), which did not grow, at the limit of app.slice, ${LIMIT_MB} MB`,
      facts: { ...truth.facts, culprit: QUEUE_WORKER },
    }
  },
}

const fillSlice = async (guest: Guest, mailerMb: number): Promise<Truth> => {
  const mailer = `[Service]\nSlice=app.slice\nExecStart=\nExecStart=/usr/local/sbin/mailer --cache-mb=${mailerMb}\n`
  await guest.write('/etc/systemd/system/app.slice', SLICE_UNIT)
  await guest.write(`/etc/systemd/system/${MAILER}.d/slice.conf`, mailer)
  await guest.run(`systemctl daemon-reload && systemctl start ${MAILER}`)
  await guest.until('the mailer holds its cache', 60_000, async () => {
    const { stdout } = await guest.exec('cat /sys/fs/cgroup/app.slice/memory.current')
    return Number(stdout) > mailerMb * 1024 * 1024 ? true : undefined
  })
  await deployWorker(guest, {
    service: ['Slice=app.slice'],
    settings: { LEAK: 'buffers', LEAK_MB_PER_SECOND: 10 },
  })
  await untilKernelKill(guest, 180_000)
  const victims = await readKernelKills(guest)
  const steady = await readUnit(guest, MAILER)
  return {
    ...(await unitTruth(guest, QUEUE_WORKER)),
    summary: '',
    killer: 'kernel',
    limitOwner: 'slice',
    limitBytes: LIMIT_MB * 1024 * 1024,
    victims,
    facts: {
      constraint: victims[0]?.constraint ?? null,
      limitCgroup: victims[0]?.limitCgroup ?? null,
      mailerMainPid: Number(steady['MainPID']),
      mailerRestarts: Number(steady['NRestarts']),
    },
  }
}
