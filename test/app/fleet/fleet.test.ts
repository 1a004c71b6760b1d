import { describe, expect, it } from 'vitest'
import { runFleet } from '../../../src/app/fleet/fleet.ts'
import type { FleetEnd, FleetEvent } from '../../../src/app/fleet/fleet.ts'
import { fleetExitCode } from '../../../src/app/fleet/fleetDocument.ts'
import type { FleetHostState } from '../../../src/domain/fleetRun.ts'
import type { Host } from '../../../src/domain/host.ts'
import { SMALL_RUNBOOK, simulateFleet, simulatedHost } from '../../support/fleet/simulatedFleet.ts'
import type { Habit, SimulationOptions } from '../../support/fleet/simulatedFleet.ts'

const hostsWith = (count: number): readonly Host[] =>
  Array.from({ length: count }, (_, index) => simulatedHost(`host-${String(index).padStart(3, '0')}`))

/** 5 % dead, 5 % hanging, 2 % with a changed key, 1 % printing without end. */
const fieldHabit = (host: Host): Habit => {
  const place = Number(host.name.slice(5)) % 100
  if (place < 5) return 'dead'
  if (place < 9) return 'hanging'
  if (place < 10) return 'stubborn'
  if (place < 12) return 'key-changed'
  return place < 13 ? 'endless' : 'healthy'
}

interface Watched {
  readonly end: FleetEnd
  readonly events: readonly FleetEvent[]
  readonly most: number
}

const run = async (
  hosts: readonly Host[],
  options: Partial<SimulationOptions> & { deadlineMs?: number; stopAfter?: number; concurrency?: number },
): Promise<Watched> => {
  const { tools, connections } = simulateFleet({ habitOf: fieldHabit, store: null, ...options })
  const stop = new AbortController()
  const fleet = runFleet(
    tools,
    {
      hosts,
      runbook: SMALL_RUNBOOK,
      parameters: {},
      requestedBy: 'test',
      deadlineMs: options.deadlineMs ?? 300,
      ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    },
    stop.signal,
  )
  const events: FleetEvent[] = []
  let ended = 0
  let step = await fleet.next()
  while (!step.done) {
    events.push(step.value)
    if (step.value.type === 'host-ended') ended += 1
    if (ended === options.stopAfter) stop.abort()
    step = await fleet.next()
  }
  return { end: step.value, events, most: connections.most }
}

const countStates = (end: FleetEnd): Partial<Record<FleetHostState, number>> => {
  const counts: Partial<Record<FleetHostState, number>> = {}
  for (const { state } of end.hosts) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

describe('a fleet of 500 hosts, of which one in eight misbehaves', () => {
  it('accounts for every host by name and holds no host up for another', async () => {
    const hosts = hostsWith(500)
    const { end, events, most } = await run(hosts, {})
    expect(end.hosts.map(({ host }) => host)).toEqual(hosts.map(({ name }) => name))
    expect(countStates(end)).toEqual({ done: 440, 'timed-out': 50, 'key-changed': 10 })
    expect(end.run.state).toBe('done')
    const ended = events.filter((event) => event.type === 'host-ended').map((event) => event.host.host)
    expect(ended.toSorted()).toEqual(hosts.map(({ name }) => name))
    // Quiet hosts give their place away, so that more than the busy ones may be open; sockets stay bounded.
    expect(most).toBeLessThanOrEqual(256)
    expect(fleetExitCode(end.hosts)).toBe(2)
  }, 60_000)

  it('says why each host was not seen', async () => {
    const { end } = await run(hostsWith(13), {})
    const errors = Object.fromEntries(end.hosts.map(({ host, error }) => [host, error]))
    expect(errors['host-000']).toMatch(/no answer to the connection/)
    expect(errors['host-006']).toMatch(/not done within/)
    expect(errors['host-009']).toMatch(/not done within/)
    expect(errors['host-010']).toMatch(/host key changed/)
    expect(errors['host-012']).toBeNull()
  }, 30_000)
})

describe('a stopped fleet run', () => {
  it('keeps what arrived and marks the rest as cancelled', async () => {
    const { end } = await run(hostsWith(100), { habitOf: () => 'healthy', stopAfter: 10, concurrency: 4 })
    const { done = 0, cancelled = 0 } = countStates(end)
    expect(done).toBeGreaterThanOrEqual(10)
    expect(cancelled).toBeGreaterThan(0)
    expect(done + cancelled).toBe(100)
    expect(end.run.state).toBe('cancelled')
  })

  it('does not wait for a host that ignores everything', async () => {
    const { end } = await run([simulatedHost('host-000'), simulatedHost('host-001')], {
      habitOf: (host) => (host.name === 'host-001' ? 'stubborn' : 'healthy'),
      stopAfter: 1,
      deadlineMs: 60_000,
    })
    expect(end.hosts.map(({ state }) => state)).toEqual(['done', 'cancelled'])
  }, 15_000)
})

describe('exit codes of a fleet', () => {
  it('are 0 when all is well', async () => {
    const { end } = await run(hostsWith(3), { habitOf: () => 'healthy' })
    expect(end.hosts.every(({ state }) => state === 'done')).toBe(true)
    expect(end.notStored).toBe('the store could not be opened')
  })

  it('put a host that could not be seen before one with findings', () => {
    const row = {
      host: 'a',
      state: 'done' as const,
      runId: null,
      incident: null,
      findings: 0,
      verdict: null,
      isBlind: false,
      stepsDone: 1,
      stepsTotal: 1,
      error: null,
    }
    expect(fleetExitCode([row])).toBe(0)
    expect(fleetExitCode([row, { ...row, findings: 2 }])).toBe(1)
    expect(
      fleetExitCode([
        { ...row, findings: 2 },
        { ...row, state: 'refused' },
      ]),
    ).toBe(2)
    expect(fleetExitCode([{ ...row, isBlind: true }])).toBe(2)
  })
})
