import type { Guest } from '../guest.ts'
import { nobodyKilled, numberIn, readCgroup, readKernelKills, unitTruth } from './observe.ts'
import { deployWorker, isWorkerHealthy, QUEUE_WORKER } from './queueWorker.ts'
import type { Scenario, Truth } from './scenario.ts'

const HIGH_MB = 150
const SWAP_MB = 128

/** A brake without a wall: never killed, and dead all the same. */
export const memoryHigh: Scenario = {
  id: 'memory-high',
  title: `the worker is throttled at MemoryHigh=${HIGH_MB}M: never killed, and no request is answered`,
  run: (guest) => throttleWorker(guest),
}

/** Swap only delays it, by its size divided by the leak rate. */
export const swap: Scenario = {
  id: 'swap',
  title: `as memory-high, on a machine with ${SWAP_MB} MB of swap, once that is full`,
  run: async (guest) => {
    await guest.run(
      `dd if=/dev/zero of=/swapfile bs=1M count=${SWAP_MB} status=none && chmod 600 /swapfile && mkswap -q /swapfile && swapon /swapfile`,
    )
    const truth = await throttleWorker(guest)
    const meminfo = await guest.run('cat /proc/meminfo')
    return {
      ...truth,
      facts: {
        ...truth.facts,
        swapTotalKb: numberIn(meminfo, 'SwapTotal'),
        swapFreeKb: numberIn(meminfo, 'SwapFree'),
      },
    }
  },
}

const throttleWorker = async (guest: Guest): Promise<Truth> => {
  await deployWorker(guest, {
    service: [`MemoryHigh=${HIGH_MB}M`],
    settings: { LEAK: 'buffers', LEAK_MB_PER_SECOND: 15 },
  })
  const seen = await guest.until('the worker is throttled and no longer answers', 180_000, async () => {
    const pressure = await readCgroup(guest, QUEUE_WORKER, 'memory.pressure')
    const fullAvg10 = Number(/^full avg10=([\d.]+)/m.exec(pressure ?? '')?.[1] ?? 0)
    // Above 60 and unanswered: while it only swaps, the pressure stays below and the health check works.
    if (fullAvg10 < 60 || (await isWorkerHealthy(guest, 4))) return undefined
    return { fullAvg10, events: await readCgroup(guest, QUEUE_WORKER, 'memory.events') }
  })
  const current = await readCgroup(guest, QUEUE_WORKER, 'memory.current')
  return {
    ...(await unitTruth(guest, QUEUE_WORKER)),
    ...nobodyKilled,
    summary: `${QUEUE_WORKER} is throttled at MemoryHigh=${HIGH_MB}M (pressure full avg10 ${seen.fullAvg10}); it lives and answers nobody`,
    limitOwner: 'unit',
    limitBytes: HIGH_MB * 1024 * 1024,
    facts: {
      highEvents: numberIn(seen.events, 'high'),
      pressureFullAvg10: seen.fullAvg10,
      memoryCurrentBytes: Number(current),
      kernelKills: (await readKernelKills(guest)).length,
    },
  }
}
