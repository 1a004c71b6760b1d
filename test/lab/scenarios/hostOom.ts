import type { Guest } from '../guest.ts'
import { readKernelKills, readUnit, unitTruth, untilConsoleKill, untilRestarted } from './observe.ts'
import { deployWorker, QUEUE_WORKER, type Deployment } from './queueWorker.ts'
import type { Scenario, Truth } from './scenario.ts'

/** No limit anywhere: the leak takes the machine, and a big steady neighbour stands by. */
export const hostOom: Scenario = {
  id: 'host-oom',
  title: 'no limit anywhere: the worker leaks until the whole machine is out of memory; mysqld is innocent',
  run: async (guest) => {
    const truth = await exhaustHost(guest, {})
    return {
      ...truth,
      summary: `the machine ran out of memory and the kernel killed ${QUEUE_WORKER} (pid ${truth.victims[0]?.pid})`,
    }
  },
}

/** 40 MB/s is above what reclaim can give back, which keeps the thrashing before the kill short. */
export const exhaustHost = async (guest: Guest, deployment: Deployment): Promise<Truth> => {
  await deployWorker(guest, {
    ...deployment,
    settings: { LEAK: 'buffers', LEAK_AFTER_SECONDS: 8, LEAK_MB_PER_SECOND: 40 },
  })
  await untilConsoleKill(guest, 180_000)
  await untilRestarted(guest, QUEUE_WORKER, 90_000)
  const victims = await readKernelKills(guest)
  const mysqld = await readUnit(guest, 'mysqld.service')
  const memory = await guest.run('grep ^MemTotal /proc/meminfo')
  return {
    ...(await unitTruth(guest, QUEUE_WORKER)),
    summary: '',
    killer: 'kernel',
    limitOwner: 'host',
    limitBytes: null,
    victims,
    facts: {
      constraint: victims[0]?.constraint ?? null,
      memoryTotalBytes: Number(/\d+/.exec(memory)?.[0]) * 1024,
      mysqldMainPid: Number(mysqld['MainPID']),
      mysqldRestarts: Number(mysqld['NRestarts']),
    },
  }
}
