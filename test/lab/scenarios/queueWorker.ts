import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Guest } from '../guest.ts'
import { GUEST_DIR } from '../recipe.ts'

export const QUEUE_WORKER = 'queue_worker.service'

const UNIT_PATH = `/etc/systemd/system/${QUEUE_WORKER}`

export interface Deployment {
  /** Further lines of the unit's sections. */
  readonly unit?: readonly string[]
  readonly service?: readonly string[]
  readonly nodeFlags?: readonly string[]
  /** /etc/default/queue_worker, see worker.js. */
  readonly settings?: Readonly<Record<string, string | number>>
}

/** Rolls out a new version of the worker, the way a person would: files, daemon-reload, restart. */
export const deployWorker = async (guest: Guest, deployment: Deployment): Promise<void> => {
  await guest.write(UNIT_PATH, unitFile(deployment))
  const settings = Object.entries(deployment.settings ?? {}).map(([name, value]) => `${name}="${value}"\n`)
  await guest.write('/etc/default/queue_worker', settings.join(''))
  await guest.run(`systemctl daemon-reload && systemctl restart ${QUEUE_WORKER}`)
}

const unitFile = ({ unit = [], service = [], nodeFlags = [] }: Deployment): string =>
  readFileSync(join(GUEST_DIR, 'rootfs', UNIT_PATH), 'utf8')
    .replace('\n\n[Service]', ['', ...unit].join('\n') + '\n\n[Service]')
    .replace('\n\n[Install]', ['', ...service].join('\n') + '\n\n[Install]')
    .replace('/usr/bin/node ', ['/usr/bin/node', ...nodeFlags, ''].join(' '))

/** Whether the worker's HTTP health check answers within the limit. */
export const isWorkerHealthy = async (guest: Guest, limitSeconds: number): Promise<boolean> => {
  const { code } = await guest.exec(`curl -sf -m ${limitSeconds} -o /dev/null http://127.0.0.1:3000/`)
  return code === 0
}
