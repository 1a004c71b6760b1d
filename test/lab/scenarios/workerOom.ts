import type { Guest } from '../guest.ts'
import { readKernelKills, unitTruth, untilKernelKill, untilRestarted } from './observe.ts'
import { deployWorker, QUEUE_WORKER } from './queueWorker.ts'
import type { Scenario, Truth } from './scenario.ts'

const LIMIT_MB = 200

/** A leak outside the V8 heap against the unit's own limit: killed and restarted, over and over. */
export const workerOom: Scenario = {
  id: 'worker-oom',
  title: `the worker leaks Buffers and is OOM-killed at its own MemoryMax=${LIMIT_MB}M, again and again`,
  run: (guest) => killWorkerAtItsLimit(guest),
}

export const killWorkerAtItsLimit = async (guest: Guest): Promise<Truth> => {
  await deployWorker(guest, {
    service: [`MemoryMax=${LIMIT_MB}M`],
    settings: { LEAK: 'buffers', LEAK_MB_PER_SECOND: 10 },
  })
  await untilKernelKill(guest, 180_000)
  await untilRestarted(guest, QUEUE_WORKER, 90_000)
  const victims = await readKernelKills(guest)
  return {
    ...(await unitTruth(guest, QUEUE_WORKER)),
    summary: `the kernel killed ${QUEUE_WORKER} (pid ${victims[0]?.pid}) at MemoryMax=${LIMIT_MB}M; systemd restarted it`,
    killer: 'kernel',
    limitOwner: 'unit',
    limitBytes: LIMIT_MB * 1024 * 1024,
    victims,
    facts: { constraint: victims[0]?.constraint ?? null, limitCgroup: victims[0]?.limitCgroup ?? null },
  }
}
