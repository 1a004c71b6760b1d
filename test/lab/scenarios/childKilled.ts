import type { Guest } from '../guest.ts'
import { readJournal, readKernelKills, unitTruth, untilKernelKill, untilRestarted } from './observe.ts'
import { deployWorker, QUEUE_WORKER } from './queueWorker.ts'
import type { Scenario, Truth } from './scenario.ts'

const LIMIT_MB = 200

/** Only the child dies by the kernel; systemd's default then stops the rest, which looks like a clean stop. */
export const childKilled: Scenario = {
  id: 'child-killed',
  title: 'a forked child leaks and is OOM-killed; OOMPolicy=stop makes systemd stop and restart the whole unit',
  run: async (guest) => {
    const truth = await killChild(guest, [])
    return { ...truth, summary: `${truth.summary}; systemd stopped and restarted the unit (OOMPolicy=stop)` }
  },
}

/** The same, and the unit lives on as if nothing had happened. */
export const childKilledContinue: Scenario = {
  id: 'child-killed-continue',
  title: 'a forked child leaks and is OOM-killed; OOMPolicy=continue keeps the unit active',
  run: async (guest) => {
    const truth = await killChild(guest, ['OOMPolicy=continue'])
    return { ...truth, summary: `${truth.summary}; the unit stayed active (OOMPolicy=continue)` }
  },
}

const killChild = async (guest: Guest, service: readonly string[]): Promise<Truth> => {
  await deployWorker(guest, {
    service: [`MemoryMax=${LIMIT_MB}M`, ...service],
    settings: { LEAK: 'child', LEAK_MB_PER_SECOND: 12 },
  })
  await untilKernelKill(guest, 180_000)
  if (service.length === 0) await untilRestarted(guest, QUEUE_WORKER, 90_000)
  else await untilChildExitLogged(guest)
  const victims = await readKernelKills(guest)
  const started = await readJournal(guest, `-u ${QUEUE_WORKER} -g 'Render child [0-9]+ started'`)
  const parent = started.find(({ message }) => message.includes(`child ${victims[0]?.pid} started`))
  return {
    ...(await unitTruth(guest, QUEUE_WORKER)),
    summary: `the kernel killed pid ${victims[0]?.pid}, a child of the main process ${parent?.pid ?? '?'}`,
    killer: 'kernel',
    limitOwner: 'unit',
    limitBytes: LIMIT_MB * 1024 * 1024,
    victims,
    facts: { mainPidAtKill: parent?.pid ?? null, constraint: victims[0]?.constraint ?? null },
  }
}

const untilChildExitLogged = (guest: Guest): Promise<true> =>
  guest.until('the worker logs the end of its child', 90_000, async () => {
    const lines = await readJournal(guest, `-u ${QUEUE_WORKER} -g 'Render child [0-9]+ exited'`)
    return lines.length > 0 ? true : undefined
  })
