import { readKernelKills, unitTruth, untilKernelKill, untilRestarted } from './observe.ts'
import type { Scenario } from './scenario.ts'

const LIMIT_MB = 120
/** As docker names them. */
const ID = '4f1c9a60e7d25b83c07e1f64ad92b35e8c6f01d7a94be2533f8d10c6725eab94'
const BUNDLE = '/srv/shop'
const UNIT = 'shop_container.service'

const UNIT_FILE = `[Unit]
Description=Shop, in a container

[Service]
ExecStartPre=-/usr/bin/crun delete -f ${ID}
ExecStart=/usr/bin/crun --systemd-cgroup run --bundle ${BUNDLE} ${ID}
Restart=always
`

const mount = (type: string, destination: string, options: readonly string[], source: string = type) => ({
  type,
  destination,
  source,
  options,
})

/** What docker hands to its runtime, in small: the guest's own /usr, own processes, a limit. */
const CONFIG = {
  ociVersion: '1.0.2',
  // Like docker's own runtime: the processes live in the scope itself, not in a group below it.
  annotations: { 'run.oci.systemd.subgroup': '' },
  root: { path: 'rootfs', readonly: true },
  hostname: 'shop',
  process: {
    terminal: false,
    user: { uid: 33, gid: 33 },
    cwd: '/',
    args: ['/usr/bin/node', '/srv/app/render.js'],
    env: ['PATH=/usr/bin', 'LEAK_MB_PER_SECOND=12'],
  },
  mounts: [
    mount('proc', '/proc', ['nosuid', 'noexec', 'nodev']),
    mount('tmpfs', '/dev', ['nosuid', 'mode=755']),
    mount('bind', '/usr', ['rbind', 'ro'], '/usr'),
    mount('bind', '/srv/app', ['rbind', 'ro'], '/srv/app'),
  ],
  linux: {
    namespaces: ['pid', 'mount', 'ipc', 'uts', 'network'].map((type) => ({ type })),
    cgroupsPath: `system.slice:docker:${ID}`,
    resources: { memory: { limit: LIMIT_MB * 1024 * 1024, swap: LIMIT_MB * 1024 * 1024 } },
  },
}

/** A container as docker makes them, by an OCI runtime: its limit, its scope, process numbers of its own inside. */
export const containerOom: Scenario = {
  id: 'container-oom',
  title: `a container (docker-${ID.slice(0, 12)}….scope) is OOM-killed at its own limit of ${LIMIT_MB} MB, and started again`,
  run: async (guest) => {
    await guest.run(
      `mkdir -p ${BUNDLE}/rootfs/{proc,dev,usr,srv/app} && cd ${BUNDLE}/rootfs && ln -s usr/lib usr/lib64 usr/bin .`,
    )
    await guest.write(`${BUNDLE}/config.json`, JSON.stringify(CONFIG))
    await guest.write(`/etc/systemd/system/${UNIT}`, UNIT_FILE)
    await guest.run(`systemctl daemon-reload && systemctl start ${UNIT}`)
    await untilKernelKill(guest, 180_000)
    await untilRestarted(guest, UNIT, 90_000)
    const victims = await readKernelKills(guest)
    return {
      ...(await unitTruth(guest, UNIT)),
      summary: `the kernel killed pid ${victims[0]?.pid} of container ${ID.slice(0, 12)} at its limit, ${LIMIT_MB} MB`,
      killer: 'kernel',
      limitOwner: 'container',
      limitBytes: LIMIT_MB * 1024 * 1024,
      victims,
      facts: {
        container: ID,
        constraint: victims[0]?.constraint ?? null,
        limitCgroup: victims[0]?.limitCgroup ?? null,
      },
    }
  },
}
