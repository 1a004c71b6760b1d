import { nobodyKilled, readKernelKills, unitTruth } from './observe.ts'
import { deployWorker, QUEUE_WORKER } from './queueWorker.ts'
import type { Scenario } from './scenario.ts'
import { killWorkerAtItsLimit } from './workerOom.ts'

/** The evidence is gone with the reboot: the right answer is "unknown", not "no". */
export const volatileJournal: Scenario = {
  id: 'volatile-journal',
  title: 'the worker was OOM-killed, then the machine was rebooted, and its journal lives in memory only',
  run: async (guest) => {
    await guest.write('/etc/systemd/journald.conf.d/lab.conf', '[Journal]\nStorage=volatile\n')
    await guest.run(
      'systemctl disable -q --now rsyslog syslog.socket; rm -rf /var/log/journal /var/log/{kern.log,syslog,messages}*; systemctl restart systemd-journald',
    )
    const before = await killWorkerAtItsLimit(guest)
    await deployWorker(guest, { service: ['MemoryMax=200M'] })
    const bootId = await guest.run('cat /proc/sys/kernel/random/boot_id')
    await guest.exec('systemctl reboot').catch(() => {})
    guest.hangUp()
    await guest.until('the machine is up again', 180_000, async () => {
      guest.hangUp()
      await guest.connect(180_000)
      const { code, stdout } = await guest.exec('cat /proc/sys/kernel/random/boot_id')
      return code !== 0 || stdout.trim() === bootId ? undefined : true
    })
    await guest.exec('systemctl is-system-running --wait', { timeoutMs: 180_000 })
    return {
      ...(await unitTruth(guest, QUEUE_WORKER)),
      ...nobodyKilled,
      summary: `pid ${before.victims[0]?.pid} was OOM-killed before a reboot; no log of that time exists`,
      facts: {
        killedBeforeReboot: before.victims[0]?.pid ?? null,
        killedAt: before.victims[0]?.at ?? null,
        rebootedAt: await guest.run('uptime -s'),
        kernelKills: (await readKernelKills(guest)).length,
      },
    }
  },
}
