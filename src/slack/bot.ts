import { randomUUID } from 'node:crypto'
import type { Analysis } from '../app/analyse.ts'
import { createOwners } from '../app/owner.ts'
import { createPolicy } from '../app/policy.ts'
import { RunDesk } from '../app/runDesk.ts'
import type { Store } from '../store/store.ts'
import type { Medic } from '../wire.ts'
import { connectSlack, outboxClient } from './app.ts'
import { closeExpired, closeLeft } from './runs/changes.ts'
import { DeliveryBook } from './delivery.ts'
import type { Desk } from './desk.ts'
import { listen } from './listen.ts'
import { digestDelivery } from './digestDelivery.ts'
import type { Log } from './log.ts'
import { Outbox } from './outbox/outbox.ts'
import { takeUpRuns } from './runs/takeUp.ts'
import { createUsergroups } from './usergroups.ts'

export interface Bot {
  readonly mode: 'socket' | 'http'
  isReady(): boolean
  /** Refuses new runs, says that running ones are interrupted, sends what can be sent, closes the connection. */
  stop(): Promise<void>
}

export interface BotTools {
  readonly medic: Medic
  readonly botToken: string
  readonly log: Log
  readonly explain: (text: string, source: string) => Promise<Analysis>
}

const START_LIMIT_MS = 30_000
/** Expired approvals, and runs another process left behind, are looked for this often. */
const TIDY_EVERY_MS = 5_000
/** A host that ignores the end of its run is left behind. */
const NIGHT_STOP_MS = 8_000
const KEEP_MS = 30 * 86_400_000

/** Starts the Slack door and returns when commands arrive. Throws ExpectedError when Slack refuses or cannot be reached. */
export const startBot = async ({ medic, botToken, log, explain }: BotTools): Promise<Bot> => {
  const settings = { ...medic.settings.slack, botToken }
  const store = await openStore(medic, log)
  const now = Date.now
  const owners = await createOwners(store, now)
  const connection = connectSlack(settings, log)
  const client = connection.app.client
  const outbox = new Outbox({ client: outboxClient(settings, log), store, owners, now, log })
  const policy = createPolicy({
    rules: medic.settings.policy,
    groups: medic.settings.groups,
    membersOf: createUsergroups(client, now),
  })
  const runs = new RunDesk({ store, owners, now, triageTools: (host) => medic.triageTools(host) })
  const desk: Desk = {
    inventory: medic.chatInventory,
    library: await medic.library(),
    store,
    runs,
    outbox,
    policy,
    approvals:
      store === null
        ? null
        : {
            store,
            policy,
            selfApprove: medic.settings.selfApprove,
            now,
            newId: () => randomUUID(),
            connect: async (host, signal) => (await medic.triageTools(host)).connect(host, signal),
          },
    publishTools: () => medic.publishTools(),
    canPublish: medic.settings.publish.targets.length > 0,
    explain,
    client,
    log,
    owner: owners.self,
    takeUp: () => takeUpRuns(desk),
    now,
  }
  connection.app.use(async ({ context, next }) => {
    context['homeTeamId'] = connection.identity.teamId
    await next()
  })
  listen(connection.app, desk, new DeliveryBook(desk))
  await connection.open(START_LIMIT_MS)
  await resumeAfterRestart(desk)
  const night = await startNight(medic, desk)
  const tidy = setInterval(() => {
    tidyUp(desk).catch((error: unknown) => log.warn({ error }, 'tidying up failed'))
  }, TIDY_EVERY_MS)
  return {
    mode: connection.mode,
    isReady: () => connection.isReady(),
    async stop() {
      clearInterval(tidy)
      await Promise.race([night?.[Symbol.asyncDispose](), after(NIGHT_STOP_MS)])
      await runs.close(8_000)
      await outbox.stop(5_000)
      await connection.close()
      await owners[Symbol.asyncDispose]()
    },
  }
}

/** Digests and the sampler need a store: without one nothing could be said once only. */
const startNight = async (medic: Medic, desk: Desk): Promise<AsyncDisposable | null> => {
  const { store, log } = desk
  if (store === null) return null
  try {
    return await medic.startNight({
      deliver: digestDelivery({ ...desk, store, medic }),
      report: (line) => log.info({}, line),
    })
  } catch (error) {
    log.error({ error }, 'schedules and the sampler could not be started')
    return null
  }
}

const after = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })

/** A store that cannot be opened does not keep the bot from answering; it says so in every result. */
const openStore = async (medic: Medic, log: Log): Promise<Store | null> => {
  try {
    return await medic.openStore()
  } catch (error) {
    log.error({ error }, 'the store could not be opened: nothing is remembered, no change can be approved')
    return null
  }
}

/** What a process before us left: its runs go on or are said to be interrupted, its unsent messages are sent. */
const resumeAfterRestart = async (desk: Desk): Promise<void> => {
  await tidyUp(desk).catch((error: unknown) => desk.log.warn({ error }, 'what was left could not be taken up yet'))
  const before = desk.now() - KEEP_MS
  await desk.store?.forgetDeliveries(before).catch(() => {})
  await desk.store?.forgetOutgoing(before).catch(() => {})
}

const tidyUp = async (desk: Desk): Promise<void> => {
  const restored = await desk.outbox.restore()
  if (restored > 0) desk.log.info({ messages: restored }, 'took over unsent messages')
  await takeUpRuns(desk)
  await closeLeft(desk)
  await closeExpired(desk)
}
