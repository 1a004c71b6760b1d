import { createSiteWorker } from '../app/fleet/siteWorker.ts'
import { ConfigError } from '../domain/errors.ts'
import { showWorker } from '../app/fleet/workers.ts'
import type { Store } from '../store/store.ts'
import { createMedic } from '../wire.ts'
import { openHealth } from './health.ts'
import { createLog } from './log.ts'

/** A connection attempt to a silent host must not keep a stopped worker alive. */
const LINGER_MS = 500

/** `medic worker`: takes hosts of its sites from the queue, until a signal. */
export const runWorker = async (options: {
  readonly sites: readonly string[]
  readonly concurrency: number
}): Promise<number> => {
  await using medic = await createMedic({})
  if (medic.settings.databaseUrl === null)
    throw new ConfigError('worker: DATABASE_URL is not set', {
      hint: 'workers share their work through Postgres; docs/operations.md shows how',
    })
  const { createCleaner } = await import('../redaction/clean.ts')
  const log = createLog(createCleaner(medic.settings.redact))
  const report = (line: string): void => log.info({}, line)
  const stopped = untilSignal()
  const [store, queue, library] = await Promise.all([medic.openStore(), medic.openSites(report), medic.library()])
  if (queue === null) return 2
  const handle = createSiteWorker({
    store,
    library,
    report,
    // Orders name hosts of medic.yaml only: no other has a site.
    inventory: medic.chatInventory,
    triageTools: (host) => medic.triageTools(host),
    now: Date.now,
  })
  const working = await Promise.all(
    options.sites.map((site) => queue.work(site, { concurrency: options.concurrency, handle })),
  )
  await using _shown = await showWorker(store, options.sites, Date.now)
  const { health } = medic.settings
  await using _health = health === null ? null : await openHealth(health, () => storeAway(store))
  const known = medic.chatInventory.list().filter(({ site }) => site !== null && options.sites.includes(site)).length
  process.stdout.write(`medic: working for ${options.sites.join(', ')}: ${known} hosts in medic.yaml\n`)
  log.info({ signal: await stopped }, 'stopping')
  await Promise.all(working.map((work) => work[Symbol.asyncDispose]()))
  setTimeout(() => process.exit(0), LINGER_MS).unref()
  return 0
}

const storeAway = async (store: Store): Promise<null> => {
  await store.findHolder('health')
  return null
}

const untilSignal = (): Promise<string> =>
  new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.once(name, () => {
        resolve(name)
        // A second signal means: now.
        process.once(name, () => process.exit(1))
      })
    }
  })
