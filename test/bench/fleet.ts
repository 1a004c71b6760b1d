import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runFleet } from '../../src/app/fleet.ts'
import type { Host } from '../../src/domain/host.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { SMALL_RUNBOOK, simulateFleet, simulatedHost } from '../support/fleet/simulatedFleet.ts'
import type { Habit } from '../support/fleet/simulatedFleet.ts'

// What a fleet run costs here, without any network: recorded evidence, a real store, and hosts that misbehave.
//
//   node --expose-gc test/bench/fleet.ts             500, 2 000 and 10 000 hosts
//   node --expose-gc test/bench/fleet.ts 500 1000
//
// Cost should grow with the number of hosts and memory should not. A host takes two seconds to be given up, so that the
// hosts that hang do not hide what the others cost.

const MIB = 2 ** 20
const DEADLINE_MS = 2_000

/** 5 % dead, 5 % hanging, 2 % with a changed key, 1 % printing without end. */
const habitOf = (host: Host): Habit => {
  const place = Number(host.name.slice(1)) % 100
  if (place < 5) return 'dead'
  if (place < 10) return 'hanging'
  if (place < 12) return 'key-changed'
  return place < 13 ? 'endless' : 'healthy'
}

const heapNow = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const measure = async (count: number): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'medic-bench-'))
  try {
    await using store = await openSqliteStore(folder)
    const { tools, connections } = simulateFleet({ habitOf, store, deadMs: 200 })
    const hosts = Array.from({ length: count }, (_, index) => simulatedHost(`h${index}`))
    const before = heapNow()
    let highest = 0
    const startedAt = performance.now()
    const cpu = process.cpuUsage()
    const run = runFleet(
      tools,
      { hosts, runbook: SMALL_RUNBOOK, parameters: {}, requestedBy: 'bench', deadlineMs: DEADLINE_MS },
      new AbortController().signal,
    )
    let ended = 0
    let step = await run.next()
    while (!step.done) {
      if (step.value.type === 'host-ended') ended += 1
      if (step.value.type === 'host-ended' && ended % 250 === 0) highest = Math.max(highest, heapNow() - before)
      step = await run.next()
    }
    const wallMs = performance.now() - startedAt
    const { user, system } = process.cpuUsage(cpu)
    if (ended !== count) throw new Error(`${count - ended} of ${count} hosts have no result`)
    return [
      String(count).padStart(7),
      `${(wallMs / 1000).toFixed(1)} s`.padStart(9),
      `${((user + system) / 1000 / count).toFixed(2)} ms`.padStart(12),
      `${(highest / MIB).toFixed(1)} MiB`.padStart(11),
      `${(process.memoryUsage.rss() / MIB).toFixed(0)} MiB`.padStart(10),
      String(connections.most).padStart(12),
    ].join('  ')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const counts = process.argv.slice(2).map(Number)
if (counts.some((count) => !Number.isInteger(count) || count < 1)) {
  process.stderr.write('fleet: expected numbers of hosts, such as 500 2000\n')
  process.exit(64)
}
if (globalThis.gc === undefined) process.stderr.write('fleet: without --expose-gc the memory column means little\n')
process.stdout.write('  hosts       wall  CPU per host   heap added   resident  connections\n')
for (const count of counts.length > 0 ? counts : [500, 2_000, 10_000]) process.stdout.write(`${await measure(count)}\n`)
