import { budgets } from './budgets.ts'
import { farPlace } from './farPlace.ts'
import type { Measured } from './fleet.ts'
import { measure } from './measure.ts'
import { EACH, MEDIC_WARM, contenders } from './peers.ts'
import type { Contender, Place } from './peers.ts'
import { medianOf, readOptions } from './options.ts'
import { startSshd } from '../support/sshd.ts'

// How Medic's way of looking at hosts compares with its peers, in turn on the same loopback hosts. Ratios, because
// machines are noisy. docs/performance.md says how to read it.
//
//   npm run bench                                        1 and 20 hosts, near and 50 ms away
//   npm run bench -- --hosts 1,50,200,500 --delay 0,50,250 --slow 50 --rounds 3
//   npm run bench -- --check                             1, 20 and 200 hosts against the budgets

/** One cell of the table: a client, a number of hosts, a distance. */
export interface Cell {
  readonly client: string
  readonly hosts: number
  readonly delayMs: number
  readonly wallMs: number
  readonly cpuMsPerHost: number
  readonly peakMiB: number
  readonly measured: Measured | null
}

/** What takes longer is not worth waiting for. */
const LIMIT_MS = 10 * 60_000

const addresses = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `127.1.${Math.floor(index / 250)}.${(index % 250) + 1}`)

const once = async (contender: Contender, place: Place, delayMs: number): Promise<Cell> => {
  const { wallMs, cpuMs, peakMiB, said } = await measure(contender.program(place), LIMIT_MS)
  const hosts = place.addresses.length
  // The process tells of itself: what came before its start is no part of it.
  const measured = contender.name.startsWith('Medic') ? (JSON.parse(said) as Measured) : null
  const own = contender.name === MEDIC_WARM ? measured : null
  return {
    client: contender.name,
    hosts,
    delayMs,
    wallMs: own?.wallMs ?? wallMs,
    cpuMsPerHost: (own?.cpuMs ?? cpuMs) / hosts,
    peakMiB: own?.peakMiB ?? Math.max(peakMiB, measured?.peakMiB ?? 0),
    measured,
  }
}

const middle = (cells: readonly Cell[]): Cell => {
  const wallMs = medianOf(cells.map((cell) => cell.wallMs))
  const sorted = cells.toSorted((a, b) => Math.abs(a.wallMs - wallMs) - Math.abs(b.wallMs - wallMs))
  const [nearest] = sorted
  if (nearest === undefined) throw new Error('nothing was measured')
  return {
    ...nearest,
    wallMs,
    cpuMsPerHost: medianOf(cells.map((cell) => cell.cpuMsPerHost)),
    peakMiB: medianOf(cells.map((cell) => cell.peakMiB)),
  }
}

const lineOf = (cell: Cell, all: readonly Cell[]): string => {
  const peer = all.find(
    ({ client, hosts, delayMs }) => client === EACH && hosts === cell.hosts && delayMs === cell.delayMs,
  )
  const near = all.find(({ client, hosts, delayMs }) => client === cell.client && hosts === cell.hosts && delayMs === 0)
  const isFar = cell.delayMs > 0 && cell.hosts === 1 && near !== undefined
  const trips = isFar ? ((cell.wallMs - near.wallMs) / cell.delayMs).toFixed(1) : ''
  const ratio = (own: number, other: number | undefined): string =>
    other === undefined || other === 0 ? '' : `${(own / other).toFixed(2)} x`
  return [
    cell.client.padEnd(30),
    String(cell.hosts).padStart(5),
    String(cell.delayMs).padStart(6),
    cell.wallMs.toFixed(0).padStart(8),
    ratio(cell.wallMs, peer?.wallMs).padStart(8),
    cell.cpuMsPerHost.toFixed(0).padStart(9),
    ratio(cell.cpuMsPerHost, peer?.cpuMsPerHost).padStart(8),
    cell.peakMiB.toFixed(0).padStart(7),
    trips.padStart(7),
  ].join('')
}

const HEAD = `${'client'.padEnd(30)} hosts delay  wall ms   ratio  CPU/host   ratio    MiB  trips`

const main = async (): Promise<void> => {
  const options = readOptions(process.argv.slice(2))
  const { found, missing } = contenders()
  if (missing.length > 0) process.stdout.write(`not installed, left out: apt install ${missing.join(' ')}\n`)
  await using sshd = await startSshd({
    listen: '0.0.0.0',
    config: ['MaxStartups 2000', 'MaxSessions 20'],
  })
  const kept = new Map<string, Cell[]>()
  for (const delayMs of options.delays) {
    await using far = delayMs === 0 ? null : await farPlace(sshd.port, delayMs)
    const placeOf = (count: number): Place => ({
      addresses: addresses(count),
      port: far?.port ?? sshd.port,
      user: 'root',
      keyFile: sshd.keyFile,
      hostKey: sshd.hostKey,
      folder: sshd.folder,
    })
    const turns = Array.from({ length: options.rounds }, () =>
      options.hosts
        .filter((count) => delayMs === 0 || count <= options.far)
        .flatMap((count) => found.map((contender) => ({ contender, count })))
        .filter(({ contender, count }) => !contender.isSlow || count <= options.slow),
    ).flat()
    for (const { contender, count } of turns) {
      try {
        const cell = await once(contender, placeOf(count), delayMs)
        const key = `${contender.name} ${count} ${delayMs}`
        kept.set(key, [...(kept.get(key) ?? []), cell])
        process.stderr.write(`${lineOf(cell, [])}\n`)
        const silent = cell.measured?.silent ?? 0
        if (silent > 0) process.stdout.write(`${contender.name}: ${silent} of ${count} hosts gave no whole answer\n`)
      } catch (error) {
        const why = error instanceof Error ? error.message.slice(0, 400) : String(error)
        process.stdout.write(`${contender.name}, ${count} hosts, ${delayMs} ms: ${why}\n`)
        if (contender.name.startsWith('Medic')) process.exitCode = 1
      }
    }
  }
  const cells = [...kept.values()].map(middle)
  const sorted = cells.toSorted((a, b) => a.delayMs - b.delayMs || a.hosts - b.hosts)
  process.stdout.write(`\nratio: against ${EACH}\n${HEAD}\n`)
  for (const cell of sorted) process.stdout.write(`${lineOf(cell, sorted)}\n`)
  const judged = await budgets(sorted)
  process.stdout.write('\n')
  for (const { what, limit, value, isMissed } of judged) {
    const verdict = value === null ? 'not measured' : isMissed ? `MISSED  ${value}` : `held    ${value}`
    process.stdout.write(`${verdict.padEnd(24)}${what} (${limit})\n`)
  }
  if (options.check && judged.some(({ isMissed }) => isMissed)) process.exitCode = 1
}

await main()
