import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runFleet } from '../../src/app/fleet/fleet.ts'
import type { Host } from '../../src/domain/host.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { SMALL_RUNBOOK, simulateFleet, simulatedHost } from '../support/fleet/simulatedFleet.ts'
import type { Habit } from '../support/fleet/simulatedFleet.ts'
import { printBar } from './bar.ts'
import { slopeOf } from './slope.ts'

// What a fleet run costs here, without any network: recorded evidence, a real store, and hosts that are far away or
// misbehave.
//
//   node --expose-gc test/bench/simulate.ts                  1 000, 3 000 and 10 000 hosts, each in its own process
//   node --expose-gc test/bench/simulate.ts --hosts 500,2000
//   node --expose-gc test/bench/simulate.ts --bar            500 hosts over real ssh, one in eight of them sick
//
// Cost should grow with the number of hosts and memory should not. A host takes two seconds to be given up, so that the
// hosts that hang do not hide what the others cost.

const MIB = 2 ** 20
const DEADLINE_MS = 2_000
const DEFAULT_COUNTS = [1_000, 3_000, 10_000]

/** 5 % dead, 4 % hanging, 1 % that ignore even their signal, 2 % with a changed key, 1 % printing without end. */
const habitOf = (host: Host): Habit => {
  const place = Number(host.name.slice(1)) % 100
  if (place < 5) return 'dead'
  if (place < 9) return 'hanging'
  if (place < 10) return 'stubborn'
  if (place < 12) return 'key-changed'
  return place < 13 ? 'endless' : 'healthy'
}

/** Half of the hosts are near, a quarter 10 ms and a quarter 40 ms away. */
const delayMsOf = (host: Host): number => [0, 0, 10, 40][Number(host.name.slice(1)) % 4] ?? 0

const heapNow = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const measure = async (count: number): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'medic-bench-'))
  try {
    await using store = await openSqliteStore(folder)
    const { tools, connections } = simulateFleet({ habitOf, delayMsOf, store, deadMs: 200 })
    const hosts = Array.from({ length: count }, (_, index) => simulatedHost(`h${index}`))
    const before = heapNow()
    const every = Math.max(1, Math.floor(count / 20))
    const points: [number, number][] = []
    let gcMs = 0
    const startedAt = performance.now()
    const cpu = process.cpuUsage()
    const run = runFleet(
      tools,
      { hosts, runbook: SMALL_RUNBOOK, parameters: {}, requestedBy: 'bench', deadlineMs: DEADLINE_MS },
      new AbortController().signal,
    )
    const seen = new Set<string>()
    let step = await run.next()
    while (!step.done) {
      if (step.value.type === 'host-ended') {
        seen.add(step.value.host.host)
        if (seen.size % every === 0) {
          const gcAt = performance.now()
          points.push([seen.size, heapNow() - before])
          gcMs += performance.now() - gcAt
        }
      }
      step = await run.next()
    }
    const wallMs = performance.now() - startedAt - gcMs
    const { user, system } = process.cpuUsage(cpu)
    if (seen.size !== count) throw new Error(`${count - seen.size} of ${count} hosts have no result`)
    return [
      String(count).padStart(7),
      `${(wallMs / 1000).toFixed(1)} s`.padStart(9),
      `${((user + system) / 1000 / count).toFixed(2)} ms`.padStart(12),
      `${(Math.max(...points.map(([, heap]) => heap)) / MIB).toFixed(1)} MiB`.padStart(12),
      `${slopeOf(points).toFixed(0)} B`.padStart(15),
      `${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`.padStart(13),
      String(connections.most).padStart(11),
    ].join('  ')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const usage = (problem: string): never => {
  process.stderr.write(`simulate: ${problem}\n`)
  process.exit(64)
}

const countsOf = (words: readonly string[]): readonly number[] => {
  const [flag, text, ...rest] = words
  if (flag === undefined) return DEFAULT_COUNTS
  const counts = (text ?? '').split(',').map(Number)
  if (flag !== '--hosts' || rest.length > 0 || counts.some((count) => !Number.isInteger(count) || count < 20))
    return usage('expected --hosts and numbers from 20, such as --hosts 500,2000, or --bar')
  return counts
}

const main = async (): Promise<void> => {
  const words = process.argv.slice(2)
  if (words[0] === '--bar') return printBar(Number(words[1] ?? 500))
  if (globalThis.gc === undefined) return usage('the heap can only be told with node --expose-gc')
  const counts = countsOf(words)
  if (process.env['MEDIC_SIMULATE_ONE'] === '1') {
    for (const count of counts) process.stdout.write(`${await measure(count)}\n`)
    return
  }
  process.stdout.write('  hosts       wall  CPU per host  heap at most  left by a host  resident most  connections\n')
  // A process of its own for each, because the resident memory of a process never tells of its second run alone.
  for (const count of counts) {
    const own = ['--expose-gc', fileURLToPath(import.meta.url), '--hosts', String(count)]
    const env = { ...process.env, MEDIC_SIMULATE_ONE: '1' }
    process.stdout.write(execFileSync(process.execPath, own, { env, stdio: ['ignore', 'pipe', 'inherit'] }))
  }
}

await main()
