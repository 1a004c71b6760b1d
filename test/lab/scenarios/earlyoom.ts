import { readJournal, readKernelKills, unitTruth, untilRestarted } from './observe.ts'
import { deployWorker, QUEUE_WORKER } from './queueWorker.ts'
import type { Scenario } from './scenario.ts'

/** A polite killer from user space: SIGTERM, a clean exit, no failure anywhere in systemd. */
export const earlyoom: Scenario = {
  id: 'earlyoom',
  title: 'earlyoom sends SIGTERM to the leaking worker before the kernel would kill; systemd sees a clean exit',
  run: async (guest) => {
    await guest.run('systemctl -q unmask earlyoom && systemctl start earlyoom')
    await deployWorker(guest, {
      settings: { LEAK: 'buffers', LEAK_AFTER_SECONDS: 5, LEAK_MB_PER_SECOND: 15 },
    })
    const lines = await guest.until('earlyoom sends SIGTERM', 180_000, async () => {
      const found = await readJournal(guest, `-u earlyoom -g 'sending SIGTERM to process'`)
      return found.length > 0 ? found : undefined
    })
    await untilRestarted(guest, QUEUE_WORKER, 90_000)
    const victims = lines.map(({ at, message }) => {
      const match = /process (\d+) uid \d+ "(.*?)"/.exec(message)
      return { at, pid: Number(match?.[1]), comm: match?.[2] ?? null, cgroup: null }
    })
    return {
      ...(await unitTruth(guest, QUEUE_WORKER)),
      summary: `earlyoom sent SIGTERM to pid ${victims[0]?.pid} of ${QUEUE_WORKER}, which exited cleanly and was restarted`,
      killer: 'earlyoom',
      limitOwner: 'host',
      limitBytes: null,
      victims,
      facts: { line: lines[0]?.message ?? null, kernelKills: (await readKernelKills(guest)).length },
    }
  },
}
