import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runFleet } from '../../src/app/fleet/fleet.ts'
import type { FleetTools } from '../../src/app/fleet/fleet.ts'
import type { Host } from '../../src/domain/host.ts'
import { PARSERS } from '../../src/parsers/registry.ts'
import { parseRunbook } from '../../src/runbook/parse.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { sshTransport } from '../../src/transports/ssh.ts'
import type { Connection } from '../../src/transports/transport.ts'
import { simulateFleet } from '../support/fleet/simulatedFleet.ts'
import { FORKS } from './peers.ts'
import { borrowed, mebibytesPerConnection } from './held.ts'
import type { Place } from './peers.ts'
import { WORK } from './work.ts'

// Medic's side of the comparison, from login to diagnosis, with everything stored:
//
//   node fleet.ts PLACE.json [--warm]
//
// With --warm the first host is looked at once before anything is measured, as in a bot that runs already, and once
// more at the end over a connection that was kept. Prints what it measured as JSON.

/** What this process measured of itself. */
export interface Measured {
  readonly wallMs: number
  readonly cpuMs: number
  readonly peakMiB: number
  /** What each connection holds while it is kept; null with few hosts. */
  readonly heldMiBPerConnection: number | null
  /** Hosts of which some step got no answer in time; more than one in twenty make the run worthless. */
  readonly silent: number
  /** A second look at a host whose connection was kept. */
  readonly againMs: number | null
}

const RUNBOOK = parseRunbook(
  [
    '---\nid: bench\ntitle: Bench\ndescription: Twelve steps\ntimeout: 5m\nparameters:\n  since:',
    '    type: duration\n    description: How far back\n    default: 24h\n---\n\n# Bench\n\n## All\n',
    ...WORK.map(({ command, parse }, index) => {
      const parser = parse === null ? '' : ` parse=${parse}`
      return `\`\`\`sh {name=step-${index}${parser} optional timeout=60s limit=1M:head}\n${command}\n\`\`\`\n`
    }),
  ].join('\n'),
  'bench.md',
  new Set(PARSERS.map((parser) => parser.id)),
)

type Connect = (host: Host, signal: AbortSignal) => Promise<Connection>

const lookAt = async (hosts: readonly Host[], tools: FleetTools, connect: Connect): Promise<number> => {
  let silent = 0
  const run = runFleet(
    { ...tools, triageTools: async (host) => ({ ...(await tools.triageTools(host)), connect }) },
    { hosts, runbook: RUNBOOK, parameters: {}, requestedBy: 'bench', concurrency: Number(FORKS) },
    new AbortController().signal,
  )
  let step = await run.next()
  while (!step.done) {
    if (step.value.type === 'host-ended') {
      const { host, result } = step.value
      const isWhole = result?.analysis.evidence.every((one) => one.result.outcome === 'exited') ?? false
      if (host.state !== 'done' || !isWhole) silent += 1
      if (result === null) process.stderr.write(`${host.host}: ${host.state}: ${host.error ?? ''}\n`)
    }
    step = await run.next()
  }
  return silent
}

const hostsOf = (place: Place): readonly Host[] =>
  place.addresses.map((address) => ({
    name: address,
    transport: 'ssh',
    ssh: {
      address,
      port: place.port,
      user: place.user,
      identityFiles: [place.keyFile],
      hostKey: place.hostKey,
      hostKeyAlias: null,
      knownHostsFiles: [],
      acceptNewKey: false,
      jumps: [],
    },
    replay: null,
    sudo: false,
    site: null,
    groups: [],
    tags: {},
  }))

/** The second look at a host: its connection stays open, as it does for ten minutes in a bot. */
const timeOfSecondLook = async (host: Host, tools: FleetTools): Promise<number> => {
  await using kept = await sshTransport.connect(host, AbortSignal.timeout(60_000))
  const connect: Connect = () => Promise.resolve(borrowed(kept))
  await lookAt([host], tools, connect)
  const startedAt = performance.now()
  await lookAt([host], tools, connect)
  return performance.now() - startedAt
}

const main = async (): Promise<void> => {
  const [file = '', flag] = process.argv.slice(2)
  const hosts = hostsOf(JSON.parse(readFileSync(file, 'utf8')) as Place)
  const [first] = hosts
  if (first === undefined) throw new Error('no hosts')
  const folder = mkdtempSync(join(tmpdir(), 'medic-bench-'))
  try {
    await using store = await openSqliteStore(folder)
    const { tools } = simulateFleet({ habitOf: () => 'healthy', store })
    const connect = sshTransport.connect.bind(sshTransport)
    if (flag === '--warm') await lookAt([first], tools, connect)
    const before = process.memoryUsage.rss()
    let peak = before
    const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 50)
    const cpu = process.cpuUsage()
    const startedAt = performance.now()
    const silent = await lookAt(hosts, tools, connect)
    if (silent * 20 > hosts.length) throw new Error(`${silent} of ${hosts.length} hosts gave no whole answer`)
    const wallMs = performance.now() - startedAt
    const { user, system } = process.cpuUsage(cpu)
    clearInterval(timer)
    peak = Math.max(peak, process.memoryUsage.rss())
    const measured: Measured = {
      wallMs,
      cpuMs: (user + system) / 1000,
      peakMiB: peak / 2 ** 20,
      silent,
      againMs: flag === '--warm' ? await timeOfSecondLook(first, tools) : null,
      heldMiBPerConnection:
        flag === '--warm' ? await mebibytesPerConnection(hosts, (some, keep) => lookAt(some, tools, keep)) : null,
    }
    process.stdout.write(`${JSON.stringify(measured)}\n`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
