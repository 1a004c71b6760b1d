import type { Guest } from '../guest.ts'
import { readKernelKills, unitTruth, untilConsoleKill } from './observe.ts'
import type { Scenario, Truth } from './scenario.ts'

const NAME = 'php-fpm-82'
const BASE = '/www/server/php/82'
const SWAP_MB = 64

/** In the manner of hosting panels: no unit file, no functions of the distribution. */
const INIT_SCRIPT = `#!/bin/sh
### BEGIN INIT INFO
# Provides:          ${NAME}
# Required-Start:    $remote_fs
# Required-Stop:     $remote_fs
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: starts ${NAME}
### END INIT INFO
pid=${BASE}/var/run/php-fpm.pid
case "$1" in
  start) ${BASE}/sbin/php-fpm --daemonize --fpm-config ${BASE}/etc/php-fpm.conf --pid $pid ;;
  stop) [ -r $pid ] && kill -QUIT $(cat $pid) ;;
esac
`
const CONFIG = `[global]
error_log = ${BASE}/var/log/php-fpm.log
[www]
listen = /tmp/php-cgi-82.sock
user = www-data
group = www-data
pm = static
pm.max_children = 3
php_admin_value[memory_limit] = -1
`
const EXPORT = `<?php
$rows = [];
while (true) { $rows[] = str_repeat('x', 4 << 20) . count($rows); usleep(50000); }
`

/** Nobody restarts it, and one dead child is enough to stop it: systemd wrote the unit from the init script. */
export const panelPhpFpm: Scenario = {
  id: 'panel-php-fpm',
  title: `${NAME} has an init script and a generated unit; a child is OOM-killed, systemd stops all of it, and nothing starts it again`,
  run: async (guest) => {
    await install(guest)
    await guest.run(`systemctl daemon-reload && systemctl start ${NAME}`)
    await exportAll(guest)
    await guest.until('systemd has stopped it', 60_000, async () =>
      (await unitTruth(guest, `${NAME}.service`)).activeState === 'failed' ? true : undefined,
    )
    return truthOf(guest, `${NAME}.service`, 'systemd then stopped the rest, and it stays down')
  },
}

/** Restarted by hand, it lives in a login and no unit knows of it. */
export const panelPhpFpmLogin: Scenario = {
  id: 'panel-php-fpm-login',
  title: `as panel-php-fpm, but started by hand over ssh, on a machine with ${SWAP_MB} MB of swap: it lives in a login's scope`,
  run: async (guest) => {
    await install(guest)
    await guest.run(
      `dd if=/dev/zero of=/swapfile bs=1M count=${SWAP_MB} status=none && chmod 600 /swapfile && mkswap -q /swapfile && swapon /swapfile`,
    )
    const started = await guest.execAs('dora', `sudo /etc/init.d/${NAME} start`)
    const master = await guest.until(`${NAME} has written its pid (${started.stderr.trim()})`, 60_000, async () => {
      const { stdout } = await guest.exec(`cat ${BASE}/var/run/php-fpm.pid`)
      return stdout.trim() === '' ? undefined : stdout.trim()
    })
    const scope = /session-\w+\.scope/.exec(await guest.run(`cat /proc/${master}/cgroup`))?.[0]
    await exportAll(guest)
    await guest.run(`kill -0 ${master}`)
    return truthOf(guest, scope ?? '', 'its master lives on in a login and starts another')
  },
}

const install = async (guest: Guest): Promise<void> => {
  await guest.run(`mkdir -p ${BASE}/{sbin,etc,var/run,var/log} && ln -s /usr/sbin/php-fpm8.2 ${BASE}/sbin/php-fpm`)
  await guest.write(`/etc/init.d/${NAME}`, INIT_SCRIPT)
  await guest.write(`${BASE}/etc/php-fpm.conf`, CONFIG)
  await guest.write('/www/wwwroot/shop/export.php', EXPORT)
  await guest.run(`chmod 755 /etc/init.d/${NAME}`)
}

/** One request that wants more than there is. */
const exportAll = async (guest: Guest): Promise<void> => {
  const request = 'env SCRIPT_FILENAME=/www/wwwroot/shop/export.php REQUEST_METHOD=GET'
  await guest.run(`systemd-run -q --collect --unit=request ${request} cgi-fcgi -bind -connect /tmp/php-cgi-82.sock`)
  await untilConsoleKill(guest, 180_000)
  await guest.until('the journal has the kill', 60_000, async () =>
    (await readKernelKills(guest)).length > 0 ? true : undefined,
  )
}

const truthOf = async (guest: Guest, unit: string, rest: string): Promise<Truth> => {
  const victims = await readKernelKills(guest)
  return {
    ...(await unitTruth(guest, unit)),
    summary: `the machine ran out of memory and the kernel killed a child of ${NAME} (pid ${victims[0]?.pid}) in ${unit}; ${rest}`,
    killer: 'kernel',
    limitOwner: 'host',
    limitBytes: null,
    victims,
    facts: {
      constraint: victims[0]?.constraint ?? null,
      configuration: `${BASE}/etc/php-fpm.conf`,
      sourcePath: await guest.run(`systemctl show -P SourcePath ${unit}`),
    },
  }
}
