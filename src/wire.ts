import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { FleetTools } from './app/fleet/fleet.ts'
import { createInventory } from './app/inventory/inventory.ts'
import type { Inventory } from './app/inventory/inventory.ts'
import type { PostmortemTools } from './app/postmortem/postmortem.ts'
import type { PublishTools } from './app/postmortem/publish.ts'
import type { TriageTools } from './app/triage.ts'
import { sha256 } from './app/hash.ts'
import { readSettings } from './settings/settings.ts'
import type { Settings } from './settings/settings.ts'
import { UsageError } from './domain/errors.ts'
import type { Host } from './domain/host.ts'
import type { SiteQueue } from './jobs/job.ts'
import type { NightOptions } from './night.ts'
import { PARSERS } from './parsers/registry.ts'
import { loadLibrary } from './runbook/library.ts'
import type { Publisher } from './publishers/publisher.ts'
import type { Library } from './runbook/library.ts'
import { failingStore } from './store/failingStore.ts'
import type { Store } from './store/store.ts'
import { hostsOf } from './app/inventory/hosts.ts'
import { medicVersion } from './version.ts'

/** Everything a door needs, joined. The only place that knows every implementation; each is loaded when it is needed. */
export interface Medic extends AsyncDisposable {
  readonly settings: Settings
  readonly inventory: Inventory
  /** What chat and schedules may name: medic.yaml only. */
  readonly chatInventory: Inventory
  library(): Promise<Library>
  /** Opens the store once; throws StoreError. */
  openStore(): Promise<Store>
  /** Where the store is, without its password, and the newest change of its tables that this version knows. */
  storePlace(): Promise<{ readonly place: string; readonly schema: string }>
  /** Tools for a run on this host; a store that cannot be opened is null, and the run says so. */
  triageTools(host: Host): Promise<TriageTools>
  postmortemTools(): Promise<PostmortemTools>
  /** Every target of `publish:`; needs no store. */
  publishers(): Promise<readonly Publisher[]>
  /** Tools for pages, with every target of the settings; throws StoreError. */
  publishTools(): Promise<PublishTools>
  /** Tools for one runbook on many hosts. */
  fleetTools(): Promise<FleetTools>
  /** Orders for workers at their sites, null without a database that processes share. Throws StoreError. */
  openSites(report: (line: string) => void): Promise<SiteQueue | null>
  /** Schedules and the sampler, for a process that stays. Throws StoreError. */
  startNight(options: NightOptions): Promise<AsyncDisposable>
  /** When a schedule is due next, also as its own zone writes it. */
  nextRun(time: {
    readonly at: string
    readonly zone: string
  }): Promise<{ readonly atMs: number; readonly local: string }>
}

/** A database that could not be opened is not waited for by every run of the next seconds; then it is tried again. */
const TRY_AGAIN_MS = 10_000

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** A real kill, recorded in the lab: `medic triage demo`. */
export const DEMO_BUNDLE = join(ROOT, 'test', 'cases', 'demo', 'bundle.json.gz')

export const runbookParserIds = (): ReadonlySet<string> => new Set(PARSERS.map((parser) => parser.id))

export const createMedic = async (options: { readonly acceptNewKey?: boolean }): Promise<Medic> => {
  const settings = readSettings()
  const { sshEntries, sshTarget } = await import('./transports/sshConfig.ts')
  const sources = hostsOf(settings, {
    sshEntries,
    sshTarget: (folder, alias) => sshTarget(folder, alias, settings.userName),
    acceptNewKey: options.acceptNewKey === true,
    demoBundle: DEMO_BUNDLE,
  })
  const inventory = createInventory(sources, 'terminal')
  let store: Promise<Store> | undefined
  const openStore = (): Promise<Store> => {
    store ??= openStoreOf(settings).catch((error: unknown) => {
      setTimeout(() => {
        store = undefined
      }, TRY_AGAIN_MS).unref()
      throw error
    })
    return store
  }
  let sites: Promise<SiteQueue | null> | undefined
  // A fleet asks once for every host; neither changes while the process lives.
  let page: Promise<PostmortemTools> | undefined
  const pageTools = (): Promise<PostmortemTools> => {
    page ??= postmortemTools(settings)
    return page
  }
  let cleaner: Promise<TriageTools['clean']> | undefined
  const cleanTool = (): Promise<TriageTools['clean']> => {
    cleaner ??= import('./redaction/clean.ts').then(({ createCleaner }) => createCleaner(settings.redact))
    return cleaner
  }
  const medic: Medic = {
    settings,
    inventory,
    chatInventory: createInventory(sources, 'chat'),
    library: () =>
      loadLibrary(
        [join(ROOT, 'runbooks'), ...(settings.runbooksFolder === null ? [] : [settings.runbooksFolder])],
        runbookParserIds(),
      ),
    openStore,
    async storePlace() {
      const { NEWEST_MIGRATION } = await import('./store/migrations.ts')
      const place =
        settings.databaseUrl === null
          ? join(settings.home, 'medic.db')
          : (await import('./store/postgres.ts')).placeOf(settings.databaseUrl)
      return { place, schema: NEWEST_MIGRATION }
    },
    postmortemTools: pageTools,
    async publishers() {
      const { createPublisher } = await import('./publishers/registry.ts')
      const { targets, ...rest } = settings.publish
      return targets.map((target) => createPublisher(target, { ...rest, home: settings.home, hash: sha256 }))
    },
    async publishTools() {
      const [clean, postmortem, opened, publishers] = await Promise.all([
        cleanTool(),
        pageTools(),
        openStore(),
        medic.publishers(),
      ])
      return { ...postmortem, clean, store: opened, publishers, now: Date.now }
    },
    async triageTools(host) {
      const [clean, postmortem, way, opened] = await Promise.all([
        cleanTool(),
        pageTools(),
        wayTo(host),
        openStore().catch((error: unknown) => failingStore(error)),
      ])
      return {
        ...postmortem,
        ...way,
        clean,
        store: opened,
        newRunId,
        medicVersion: medicVersion(),
      }
    },
    async fleetTools() {
      const opened = await openStore().catch(() => null)
      const hasSites = Object.values(settings.hosts).some(({ site }) => site !== undefined)
      // Only hosts of medic.yaml have a site; without any, no queue is needed.
      const queue = opened === null || !hasSites ? null : await medic.openSites(() => {})
      return { sites: queue, store: opened, triageTools: (host) => medic.triageTools(host), now: Date.now, newRunId }
    },
    openSites(report) {
      sites ??= openSitesOf(settings, report)
      return sites
    },
    async nextRun(time) {
      const { localTime, nextOccurrence } = await import('./jobs/dailyTime.ts')
      const { dueAtMs } = nextOccurrence(time, Date.now())
      return { atMs: dueAtMs, local: localTime(time.zone, dueAtMs) }
    },
    async startNight(night) {
      const [{ startNight }, opened, fleet, library] = await Promise.all([
        import('./night.ts'),
        openStore(),
        medic.fleetTools(),
        medic.library(),
      ])
      const connect = async (host: Host): Promise<TriageTools['connect']> => (await wayTo(host)).connect
      return startNight(
        { settings: settings.fleet, sources, library, fleet: { ...fleet, store: opened }, connect },
        night,
      )
    },
    async [Symbol.asyncDispose]() {
      const queue = await sites?.catch(() => null)
      await queue?.[Symbol.asyncDispose]()
      const opened = await store?.catch(() => undefined)
      await opened?.[Symbol.asyncDispose]()
    },
  }
  return medic
}

const newRunId = (nowMs: number): string =>
  `run-${new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(4).toString('hex')}`

/** Only the engine that is used is loaded. */
const openStoreOf = async (settings: Settings): Promise<Store> => {
  if (settings.databaseUrl !== null) {
    return (await import('./store/postgres.ts')).openPostgresStore(settings.databaseUrl)
  }
  return (await import('./store/sqlite.ts')).openSqliteStore(settings.home)
}

const openSitesOf = async (settings: Settings, report: (line: string) => void): Promise<SiteQueue | null> => {
  if (settings.databaseUrl === null) return null
  const [{ openSiteQueue }, { explainerOf }] = await Promise.all([
    import('./jobs/pgBoss.ts'),
    import('./store/postgres.ts'),
  ])
  return openSiteQueue(settings.databaseUrl, { report, explain: explainerOf(settings.databaseUrl) })
}

const postmortemTools = async (settings: Settings): Promise<PostmortemTools> => {
  const path = settings.templatePath ?? join(ROOT, 'templates', 'postmortem.md.hbs')
  const { compileTemplate } = await import('./render/template.ts')
  let source: string
  try {
    source = await readFile(path, 'utf8')
  } catch (cause) {
    throw new UsageError(`template: cannot read "${path}": ${(cause as Error).message}`, { cause })
  }
  const name = settings.templatePath === null ? 'templates/postmortem.md.hbs' : path
  return { template: compileTemplate(source, name), hash: sha256 }
}

/** How to reach a host, and by which clock: a replay lives in its own time. */
const wayTo = async (host: Host): Promise<Pick<TriageTools, 'connect' | 'now' | 'recorded'>> => {
  if (host.transport === 'replay') {
    const [{ replayTransport }, { importBundle }] = await Promise.all([
      import('./transports/replay.ts'),
      import('./app/bundle.ts'),
    ])
    const path = host.replay ?? ''
    const bundle = importBundle(await readFile(path), path)
    const startedAtMs = Date.now()
    const transport = replayTransport(bundle.evidence)
    return {
      connect: (target, signal, onReached) => transport.connect(target, signal, onReached),
      now: () => bundle.run.startedAtMs + (Date.now() - startedAtMs),
      recorded: bundle.evidence,
    }
  }
  const transport =
    host.transport === 'local'
      ? (await import('./transports/local.ts')).localTransport
      : (await import('./transports/ssh.ts')).sshTransport
  return { connect: (target, signal, onReached) => transport.connect(target, signal, onReached), now: Date.now }
}
