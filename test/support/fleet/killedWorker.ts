import { randomUUID } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { createSiteWorker } from '../../../src/app/fleet/siteWorker.ts'
import type { SiteWorkerTools } from '../../../src/app/fleet/siteWorker.ts'
import { UsageError } from '../../../src/domain/errors.ts'
import type { Runbook } from '../../../src/runbook/runbook.ts'
import { openPostgresStore } from '../../../src/store/postgres.ts'
import type { Store } from '../../../src/store/store.ts'
import { SMALL_RUNBOOK, simulateFleet, simulatedHost } from './simulatedFleet.ts'

// A worker that takes every host of a fleet run and kills its own process at the given call of the store, before or after
// it: node killedWorker.ts URL FLEET HOSTS CALL before|after STEPS. Steps that reach a host leave a line in the file STEPS.

/** The small look, with a step that changes the host. */
export const CHANGING_RUNBOOK: Runbook = {
  ...SMALL_RUNBOOK,
  id: 'small-change',
  phases: SMALL_RUNBOOK.phases.map((phase) => ({
    ...phase,
    steps: phase.steps.map((step) => (step.kind === 'sh' ? { ...step, risk: 'change', undo: 'true' } : step)),
  })),
}

/** Simulated hosts `FLEET-0`, `FLEET-1`, …, whose steps leave a line in a file. */
export const workerOn = (store: Store, stepsFile: string): ReturnType<typeof createSiteWorker> => {
  const { tools } = simulateFleet({ habitOf: () => 'healthy', store })
  const triageTools: SiteWorkerTools['triageTools'] = async (host) => {
    const own = await tools.triageTools(host)
    return {
      ...own,
      newRunId: () => `run-${randomUUID()}`,
      connect: async (to, signal) => {
        const inner = await own.connect(to, signal)
        return {
          description: inner.description,
          canFork: inner.canFork,
          readFiles: (paths, limits, stop) => inner.readFiles(paths, limits, stop),
          run: (commands, stop) => {
            for (const { step } of commands) appendFileSync(stepsFile, `${host.name} ${step}\n`)
            return inner.run(commands, stop)
          },
          [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
        }
      },
    }
  }
  return createSiteWorker({
    store,
    triageTools,
    inventory: {
      list: () => [],
      select: () => [],
      find: (name) => {
        if (!/-\d+$/.test(name)) throw new UsageError(`there is no host "${name}"`)
        return simulatedHost(name)
      },
    },
    library: { runbooks: [SMALL_RUNBOOK, CHANGING_RUNBOOK], problems: [] },
    now: Date.now,
    report: () => {},
  })
}

const main = async (): Promise<void> => {
  const [url = '', fleetId = '', hosts = '', call = '', when = '', stepsFile = ''] = process.argv.slice(2)
  let calls = 0
  const kill = (): void => {
    process.kill(process.pid, 'SIGKILL')
  }
  const deadly = (store: Store): Store =>
    new Proxy(store, {
      get(target, name, receiver) {
        const value: unknown = Reflect.get(target, name, receiver)
        if (typeof value !== 'function' || typeof name !== 'string') return value
        return async (...args: unknown[]): Promise<unknown> => {
          calls += 1
          const isLast = calls === Number(call)
          if (isLast && when === 'before') kill()
          const result: unknown = await Reflect.apply(value, target, args)
          if (isLast) kill()
          return result
        }
      },
    })
  await using store = await openPostgresStore(url)
  const handle = workerOn(deadly(store), stepsFile)
  const never = new AbortController().signal
  await Promise.all(
    Array.from({ length: Number(hosts) }, (_, number) => handle({ fleetId, number, deadlineMs: null }, never)),
  )
  process.stdout.write(`ended after ${calls} calls\n`)
}

if (import.meta.main) await main()
