import { PgBoss } from 'pg-boss'
import type { Job } from 'pg-boss'
import type { SiteOrder, SiteQueue, SiteWork } from './job.ts'
import { joinSignals } from '../domain/joinedSignal.ts'

/** Beside Medic's own tables, and not among them. */
const SCHEMA = 'medic_jobs'
/**
 * A killed worker's host goes to the next one within a minute (security-reliability.md section 9): its lease ends after
 * 20 s without a heartbeat, which comes every 5 s, and somebody looks for ended leases every 10 s.
 */
const LEASE_SECONDS = 20
const HEARTBEAT_SECONDS = 5
const LOOK_SECONDS = 10
/** Somebody else holds the row, or the database is away: tried again after this, for as long as the order is of use. */
const AGAIN_SECONDS = 3
const TRIES = 1_000
/** Longer than any host may take. */
const LONGEST_SECONDS = 4 * 3600
const KEPT_SECONDS = 24 * 3600
/** New orders are announced; this is for announcements that got lost, and for orders given again. */
const POLL_SECONDS = 2
/** What is at work when a worker is stopped may say its last words. */
const STOP_MS = 10_000

export interface SiteQueueOptions {
  /** One line about what the queue could not do; it goes on by itself. */
  readonly report: (line: string) => void
  /** Turns an error of the driver into one clear line. */
  readonly explain: (error: unknown) => unknown
}

/** Orders for workers, over Postgres. Any number of processes may offer and take. Throws StoreError. */
export const openSiteQueue = async (url: string, { report, explain }: SiteQueueOptions): Promise<SiteQueue> => {
  const boss = new PgBoss({
    connectionString: url,
    schema: SCHEMA,
    application_name: 'medic-jobs',
    max: 4,
    connectionTimeoutMillis: 5_000,
    schedule: false,
    registerInstance: false,
    superviseIntervalSeconds: LOOK_SECONDS,
    monitorIntervalSeconds: LOOK_SECONDS,
    useListenNotify: true,
  })
  boss.on('error', (error) => report(`jobs: ${oneLine(explain(error))}`))
  const guarded = async <Value>(action: () => Promise<Value>): Promise<Value> => {
    try {
      return await action()
    } catch (error) {
      throw explain(error)
    }
  }
  await guarded(() => boss.start())
  const known = new Map<string, Promise<void>>()
  const queueOf = async (site: string): Promise<string> => {
    const name = queueName(site)
    let made = known.get(name)
    if (made === undefined) {
      made = boss.createQueue(name, QUEUE)
      known.set(name, made)
      made.catch(() => known.delete(name))
    }
    await made
    return name
  }
  return {
    offer: (site, order) =>
      guarded(async () => {
        await boss.send(await queueOf(site), order, { singletonKey: keyOf(order) })
      }),

    withdraw: (site, order) =>
      guarded(async () => {
        const name = await queueOf(site)
        const jobs = await boss.findJobs(name, { key: keyOf(order), queued: true })
        if (jobs.length > 0)
          await boss.cancel(
            name,
            jobs.map(({ id }) => id),
          )
      }),

    work: (site, work) =>
      guarded(async () => {
        const name = await queueOf(site)
        return takeOrders(boss, name, work)
      }),

    [Symbol.asyncDispose]: () => boss.stop({ graceful: true, timeout: STOP_MS }),
  }
}

/** `exclusive`: at most one order for a key waits or is worked on. */
const QUEUE = {
  policy: 'exclusive',
  retryLimit: TRIES,
  retryDelay: AGAIN_SECONDS,
  heartbeatSeconds: LEASE_SECONDS,
  expireInSeconds: LONGEST_SECONDS,
  retentionSeconds: KEPT_SECONDS,
  deleteAfterSeconds: 3600,
  notify: true,
} as const

const takeOrders = async (boss: PgBoss, name: string, { concurrency, handle }: SiteWork): Promise<AsyncDisposable> => {
  const stop = new AbortController()
  const options = {
    batchSize: 1,
    heartbeatRefreshSeconds: HEARTBEAT_SECONDS,
    pollingIntervalSeconds: POLL_SECONDS,
    notifyPollingIntervalSeconds: POLL_SECONDS,
  }
  for (let place = 0; place < concurrency; place += 1) {
    let id = ''
    id = await boss.work(name, options, async (jobs: Job<SiteOrder>[]) => {
      try {
        for (const job of jobs) {
          using either = joinSignals(job.signal, stop.signal)
          await handle(job.data, either.signal)
        }
      } finally {
        // Whoever ended a host takes the next one at once, and not with the next poll.
        if (!stop.signal.aborted) boss.notifyWorker(id)
      }
    })
  }
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await boss.offWork(name, { wait: true })
    },
  }
}

const keyOf = ({ fleetId, number }: SiteOrder): string => `${fleetId}.${number}`

/** A site may have any name, a queue may not; different sites stay different. */
export const queueName = (site: string): string =>
  `site-${site.replaceAll(/[^A-Za-z0-9_-]/gu, (sign) => `.${(sign.codePointAt(0) ?? 0).toString(16)}.`)}`

const oneLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ')
