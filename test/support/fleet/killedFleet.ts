import { runFleet } from '../../../src/app/fleet/fleet.ts'
import type { Store } from '../../../src/store/store.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import { SMALL_RUNBOOK, simulateFleet, simulatedHost } from './simulatedFleet.ts'

// Runs a fleet and kills its own process at the given call of the store, before or after it: node killedFleet.ts FOLDER
// HOSTS CALL before|after. Writes what it did to standard output.

const [folder = '', hosts = '', call = '', when = ''] = process.argv.slice(2)

const kill = (): void => {
  process.kill(process.pid, 'SIGKILL')
}

let calls = 0
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

await using store = await openSqliteStore(folder)
const { tools } = simulateFleet({ habitOf: () => 'healthy', store: deadly(store) })
const run = runFleet(
  tools,
  {
    hosts: Array.from({ length: Number(hosts) }, (_, index) => simulatedHost(`host-${index}`)),
    runbook: SMALL_RUNBOOK,
    parameters: {},
    requestedBy: 'test',
    concurrency: 3,
  },
  new AbortController().signal,
)
let step = await run.next()
while (!step.done) step = await run.next()
process.stdout.write(`ended after ${calls} calls\n`)
