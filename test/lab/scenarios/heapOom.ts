import { readJournal, readKernelKills, unitTruth, untilRestarted } from './observe.ts'
import { deployWorker, QUEUE_WORKER } from './queueWorker.ts'
import type { Scenario } from './scenario.ts'

const HEAP_MB = 64

/** Node aborts itself at V8's heap limit; the kernel has no part in it. */
export const heapOom: Scenario = {
  id: 'heap-oom',
  title: `the leak is inside V8's heap (--max-old-space-size=${HEAP_MB}): Node aborts itself, no kernel line`,
  run: async (guest) => {
    await deployWorker(guest, { nodeFlags: [`--max-old-space-size=${HEAP_MB}`], settings: { LEAK: 'heap' } })
    await untilRestarted(guest, QUEUE_WORKER, 180_000)
    const fatal = await readJournal(guest, `-u ${QUEUE_WORKER} -g 'heap limit|heap out of memory'`)
    const victims = fatal.map(({ at, pid }) => ({ pid: pid ?? 0, comm: null, cgroup: null, at }))
    return {
      ...(await unitTruth(guest, QUEUE_WORKER)),
      summary: `Node (pid ${victims[0]?.pid}) aborted at its heap limit of ${HEAP_MB} MB; the kernel killed nobody`,
      killer: 'v8',
      limitOwner: null,
      limitBytes: HEAP_MB * 1024 * 1024,
      victims,
      facts: { fatalLine: fatal[0]?.message ?? null, kernelKills: (await readKernelKills(guest)).length },
    }
  },
}
