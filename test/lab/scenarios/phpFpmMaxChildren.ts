import { nobodyKilled, readKernelKills, readUnit, unitTruth } from './observe.ts'
import type { Scenario } from './scenario.ts'

const SOCKET = '/run/php/php8.2-fpm.sock'
const LOG = '/var/log/php8.2-fpm.log'
const REQUESTS = 6
const UNIT = 'php8.2-fpm.service'

const REQUEST = `env SCRIPT_FILENAME=/srv/www/slow.php REQUEST_METHOD=GET cgi-fcgi -bind -connect ${SOCKET}`

/** A full pool: nobody dies, everybody waits, and only FPM's own log says why. */
export const phpFpmMaxChildren: Scenario = {
  id: 'php-fpm-max-children',
  title: `both children of the PHP pool are busy and ${REQUESTS - 2} requests wait; no memory problem`,
  run: async (guest) => {
    for (let count = 1; count <= REQUESTS; count += 1) {
      await guest.run(`systemd-run -q --collect --unit=request-${count} ${REQUEST}`)
    }
    const waiting = await guest.until('requests wait in the listen queue', 90_000, async () => {
      const sockets = await guest.run(`ss -lxH src ${SOCKET}`)
      const queued = Number(sockets.trim().split(/\s+/)[2])
      return queued >= REQUESTS - 2 ? queued : undefined
    })
    const status = await guest.until('FPM reports both children active', 90_000, async () => {
      const text = (await readUnit(guest, UNIT))['StatusText'] ?? ''
      return text.includes('Processes active: 2, idle: 0') ? text : undefined
    })
    const logLine = await guest.until('FPM logs that the pool is full', 90_000, async () => {
      const { stdout } = await guest.exec(`grep max_children ${LOG}`)
      return stdout
        .trim()
        .split('\n')
        .findLast((line) => line !== '')
    })
    return {
      ...(await unitTruth(guest, UNIT)),
      ...nobodyKilled,
      summary: `both children of pool www are busy, ${waiting} requests wait`,
      facts: {
        maxChildren: 2,
        waiting,
        status,
        logLine,
        kernelKills: (await readKernelKills(guest)).length,
      },
    }
  },
}
