import type { Claim } from '../domain/finding.ts'
import type { EventOf } from '../parsers/log/events.ts'
import { logParser } from '../parsers/log/log.ts'
import { isNear, placedOf } from './nearness.ts'
import type { Rule } from './rule.ts'
import { claimOf, type Telling, tellingsOf } from './tellings.ts'
import { type UnitEnding, unitEndingsOf } from './unitEndings.ts'

/** A supervisor's patience ended: the SIGKILL that follows is its own, not an OOM kill. */
export const timeoutKillRule: Rule = {
  id: 'timeout-kill',
  kinds: ['timeout-kill'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed', 'killed-unknown-sender'],
  check: (facts) => {
    const timeouts = tellingsOf(facts, 'unit-timeout', {
      key: (event) => `${event.unit} ${event.state}`,
      withinMs: 1000,
    })
    const endings = unitEndingsOf(facts).filter((ending) => ending.result === 'timeout')
    const told = new Set<UnitEnding>()
    const claims: Claim[] = []
    let last: Telling<EventOf<'unit-timeout'>> | null = null
    for (const timeout of timeouts) {
      const isNextStage =
        last !== null && last.event.unit === timeout.event.unit && isNear(placedOf(last), placedOf(timeout), STAGE_MS)
      last = timeout
      const before = claims.at(-1)
      if (isNextStage && before !== undefined) {
        claims[claims.length - 1] = { ...before, citations: [...before.citations, ...timeout.citations] }
        continue
      }
      const ending = endings.find((candidate) => !told.has(candidate) && isAbout(timeout, candidate))
      if (ending !== undefined) told.add(ending)
      claims.push(unitClaim(timeout, ending))
    }
    const alone = endings.filter((ending) => ending.result === 'timeout' && !told.has(ending))
    const supervisors = tellingsOf(facts, 'supervisor-timeout', {
      key: (event) => `${event.supervisor} ${event.pid ?? ''} ${event.container ?? ''}`,
    })
    return [...claims, ...alone.map((ending) => resultClaim(ending)), ...supervisors.map((one) => supervisorClaim(one))]
  },
}

/** stop-sigterm, final-sigterm and final-sigkill of one stop follow at TimeoutStopSec=, 90 s by default. */
const STAGE_MS = 200_000
const ENDING_MS = 200_000

const isAbout = (timeout: Telling<EventOf<'unit-timeout'>>, ending: UnitEnding): boolean =>
  ending.unit === timeout.event.unit &&
  ending.result === 'timeout' &&
  isNear(placedOf(timeout), ending.placed, ENDING_MS)

const unitClaim = (timeout: Telling<EventOf<'unit-timeout'>>, ending: UnitEnding | undefined): Claim => {
  const { unit, state } = timeout.event
  return claimOf('timeout-kill', timeout, {
    summary: `${unit} did not finish '${state}' in time and systemd ended it`,
    unit,
    why: 'a time limit of the unit (TimeoutStopSec=, TimeoutStartSec= or RuntimeMaxSec=), not memory',
    victims: ending?.victims ?? [],
    citations: [...timeout.citations, ...(ending?.citations ?? [])],
  })
}

const resultClaim = (ending: UnitEnding): Claim =>
  claimOf('timeout-kill', ending.telling, {
    summary: `${ending.unit} did not finish in time and systemd ended it`,
    confidence: 'likely',
    unit: ending.unit,
    why: 'a time limit of the unit, not memory',
    victims: ending.victims,
    citations: ending.citations,
    doubts: ['the line of the time-out itself is missing, only the result is there'],
  })

const ENGINES: ReadonlySet<string> = new Set([
  'docker',
  'kubelet',
  'nomad',
  'autoheal',
  'podman',
  'cri-o',
  'ecs',
  'kubernetes',
])

const supervisorClaim = (timeout: Telling<EventOf<'supervisor-timeout'>>): Claim => {
  const { supervisor, pid, container, limit } = timeout.event
  const isEngine = ENGINES.has(supervisor)
  const who = container === null ? 'a process' : `container ${container}`
  return claimOf('timeout-kill', timeout, {
    summary: `${supervisor} ended ${who}${pid === null ? '' : ` (pid ${pid})`} that took too long${limit === null ? '' : ` (${limit})`}`,
    // The journal files the line under the supervisor's unit, and its process lives there too; an engine's does not.
    unit: isEngine ? null : (timeout.event.unit ?? timeout.subject),
    container,
    why: 'a time limit of the supervisor, not memory',
    victims: pid === null ? [] : [{ pid, comm: null, unit: null, anonRssBytes: null }],
  })
}
