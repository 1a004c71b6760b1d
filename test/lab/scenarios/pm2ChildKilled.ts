import type { Guest } from '../guest.ts'
import { readJournal, readKernelKills, unitTruth, untilConsoleKill } from './observe.ts'
import type { Scenario } from './scenario.ts'

/** As `pm2 startup` wrote it: no OOMPolicy, no limit. */
const UNIT = 'pm2-ops.service'
const START_IMAGES =
  'setpriv --reuid ops --regid ops --init-groups /opt/pm2/node_modules/.bin/pm2 start /srv/app/images.js'

/** The kernel kills a converter, which alone would do no harm; systemd's default does the rest. */
export const pm2ChildKilled: Scenario = {
  id: 'pm2-child-killed',
  title:
    'PM2 runs two apps; a converter that one of them started is OOM-killed, and systemd stops PM2 and both; only the saved app comes back',
  run: async (guest) => {
    await guest.run(`systemctl start ${UNIT}`)
    const before = await unitTruth(guest, UNIT)
    await guest.run(`cd / && HOME=/home/ops ${START_IMAGES}`)
    const apps = await appsOf(guest)
    await untilConsoleKill(guest, 120_000)
    await guest.until('PM2 has gone with all its apps', 120_000, async () => {
      const left = await appsOf(guest)
      return apps.some((pid) => left.includes(pid)) ? undefined : true
    })
    const victims = await readKernelKills(guest)
    const notices = await readJournal(guest, `_PID=1 UNIT=${UNIT} -g 'killed by the OOM killer'`)
    return {
      ...(await unitTruth(guest, UNIT)),
      summary: `the kernel killed a converter (pid ${victims[0]?.pid}) below ${UNIT}; systemd then stopped PM2 and its ${apps.length} apps`,
      killer: 'kernel',
      limitOwner: 'host',
      limitBytes: null,
      victims,
      facts: {
        appsBefore: apps.length,
        mainPidBefore: before.mainPid,
        oomPolicy: await guest.run(`systemctl show -P OOMPolicy ${UNIT}`),
        notice: notices.at(-1)?.message ?? null,
      },
    }
  },
}

/** An app is Node below PM2's own process; it shows its script's name only once that runs. */
const appsOf = async (guest: Guest): Promise<string[]> => {
  const { stdout } = await guest.exec(`ps -u ops -o pid=,args=`)
  return [...stdout.matchAll(/^ *(\d+) node (?:\/srv\/app\/|.*ProcessContainerFork)/gm)].map((match) => match[1] ?? '')
}
