import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { runFleet } from '../../../src/app/fleet/fleet.ts'
import type { FleetHost, FleetHostState } from '../../../src/domain/fleetRun.ts'
import type { Host } from '../../../src/domain/host.ts'
import { PARSERS } from '../../../src/parsers/registry.ts'
import { parseRunbook } from '../../../src/runbook/parse.ts'
import type { Store } from '../../../src/store/store.ts'
import { createSshTransport } from '../../../src/transports/ssh.ts'
import { freePort, hostOf, makeKey, startSshd } from '../sshd.ts'
import { simulateFleet } from './simulatedFleet.ts'

// Many hosts over real ssh, one in eight of them sick. They are one sshd under several ports: which port it is decides
// how the host behaves.

export interface SickFleet {
  readonly count: number
  readonly store: Store | null
  /** How long a login may take; a dead host costs this. */
  readonly connectMs: number
  readonly deadlineMs: number
}

export interface SickFleetEnd {
  readonly wallMs: number
  readonly rows: readonly FleetHost[]
  /** What each host should have come to, by name. */
  readonly expected: Readonly<Record<string, FleetHostState>>
  /** Most the process had resident beyond what it had before. */
  readonly addedBytes: number
  /** Bytes that hosts printed and nobody kept. */
  readonly droppedBytes: number
}

type Kind = 'healthy' | 'dead' | 'hanging' | 'key-changed' | 'flood'

/** 5 % dead, 5 % hanging, 2 % with a changed key, 1 % printing 1 GB, spread over the fleet. */
const kindOf = (number: number, count: number): Kind => {
  const place = ((number * 37) % count) / count
  if (place < 0.05) return 'dead'
  if (place < 0.1) return 'hanging'
  if (place < 0.12) return 'key-changed'
  return place < 0.13 ? 'flood' : 'healthy'
}

const EXPECTED: { readonly [K in Kind]: FleetHostState } = {
  healthy: 'done',
  dead: 'timed-out',
  hanging: 'timed-out',
  'key-changed': 'key-changed',
  flood: 'done',
}

const runbookOf = (floodPort: number) =>
  parseRunbook(
    `---
id: sick-fleet
title: A look at many
description: A few files and one step
timeout: 30s
parameters:
  since:
    type: duration
    description: How far back
    default: 24h
---

# Look

## Now

\`\`\`files {name=memory}
/proc/meminfo
/proc/loadavg
\`\`\`

\`\`\`sh {name=words timeout=25s limit=64K:both}
case "$SSH_CONNECTION" in *" ${floodPort}") head -c 1073741824 /dev/zero | tr '\\0' x;; *) uname -a; df -P;; esac
\`\`\`
`,
    'sick-fleet.md',
    new Set(PARSERS.map((parser) => parser.id)),
  )

/** Looks at the whole fleet once and says what became of each host. */
export const lookAtSickFleet = async ({ count, store, connectMs, deadlineMs }: SickFleet): Promise<SickFleetEnd> => {
  const [hangPort, floodPort] = [await freePort(), await freePort()]
  await using sshd = await startSshd({
    config: ['MaxStartups 1000', `Port ${hangPort}`, `Port ${floodPort}`],
    // A host that lets one in and then says nothing, not even to a request for files.
    last: [`Match LocalPort ${hangPort}`, 'ForceCommand exec sleep 90'],
  })
  makeKey(join(sshd.folder, 'otherkey'))
  const otherKey = readFileSync(join(sshd.folder, 'otherkey.pub'), 'utf8').trim()
  const dead = createServer(() => {})
  dead.listen(0, '127.0.0.1')
  await once(dead, 'listening')
  dead.unref()
  const ports = {
    healthy: sshd.port,
    'key-changed': sshd.port,
    dead: (dead.address() as AddressInfo).port,
    hanging: hangPort,
    flood: floodPort,
  }
  const hosts: Host[] = []
  const expected: Record<string, FleetHostState> = {}
  for (let number = 0; number < count; number += 1) {
    const kind = kindOf(number, count)
    const name = `${kind}-${number}`
    const changes = { port: ports[kind], ...(kind === 'key-changed' ? { hostKey: otherKey } : {}) }
    hosts.push({ ...hostOf(sshd.target(changes)), name })
    expected[name] = EXPECTED[kind]
  }
  const transport = createSshTransport({ connectMs, retryAfterMs: 500 })
  const { tools } = simulateFleet({ habitOf: () => 'healthy', store })
  const before = process.memoryUsage.rss()
  let most = before
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 100)
  let droppedBytes = 0
  const startedAt = performance.now()
  try {
    const run = runFleet(
      {
        ...tools,
        triageTools: async (host) => ({
          ...(await tools.triageTools(host)),
          connect: (to, signal, onReached) => transport.connect(to, signal, onReached),
        }),
      },
      { hosts, runbook: runbookOf(floodPort), parameters: {}, requestedBy: 'test', deadlineMs },
      new AbortController().signal,
    )
    let step = await run.next()
    while (!step.done) {
      if (step.value.type === 'host-ended')
        for (const { result } of step.value.result?.analysis.evidence ?? []) droppedBytes += result.droppedBytes
      step = await run.next()
    }
    const wallMs = performance.now() - startedAt
    return { wallMs, rows: step.value.hosts, expected, addedBytes: most - before, droppedBytes }
  } finally {
    clearInterval(timer)
    dead.close()
  }
}
