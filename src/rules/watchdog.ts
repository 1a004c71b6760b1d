import type { Claim } from '../domain/finding.ts'
import type { EventOf } from '../parsers/log/events.ts'
import { logParser } from '../parsers/log/log.ts'
import { isNear, placedOf } from './nearness.ts'
import type { Rule } from './rule.ts'
import { claimOf, type Telling, tellingsOf } from './tellings.ts'
import { type UnitEnding, unitEndingsOf } from './unitEndings.ts'

/** systemd ended a unit that did not report in time. Why it was silent is another question. */
export const watchdogRule: Rule = {
  id: 'watchdog',
  kinds: ['watchdog'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed'],
  check: (facts) => {
    const barks = tellingsOf(facts, 'unit-watchdog', { key: (event) => event.unit, withinMs: 1000 })
    const endings = unitEndingsOf(facts).filter((ending) => ending.result === 'watchdog')
    const told = new Set<UnitEnding>()
    const claims = barks.map((bark) => {
      const ending = endings.find((candidate) => !told.has(candidate) && isAbout(bark, candidate))
      if (ending !== undefined) told.add(ending)
      return barkClaim(bark, ending)
    })
    const alone = endings.filter((ending) => ending.result === 'watchdog' && !told.has(ending))
    return [...claims, ...alone.map((ending) => resultClaim(ending))]
  },
}

/** After SIGABRT the unit has TimeoutAbortSec= (90 s by default) to write its core. */
const ABORT_MS = 100_000

const isAbout = (bark: Telling<EventOf<'unit-watchdog'>>, ending: UnitEnding): boolean =>
  ending.unit === bark.event.unit && ending.result === 'watchdog' && isNear(placedOf(bark), ending.placed, ABORT_MS)

const WHY = 'the unit did not report within WatchdogSec=: it hung, was throttled, or waited for memory'

const barkClaim = (bark: Telling<EventOf<'unit-watchdog'>>, ending: UnitEnding | undefined): Claim =>
  claimOf('watchdog', bark, {
    summary: `systemd's watchdog ended ${bark.event.unit}${bark.event.limit === null ? '' : ` after ${bark.event.limit} without a sign of life`}`,
    unit: bark.event.unit,
    why: WHY,
    victims: ending?.victims ?? [],
    citations: [...bark.citations, ...(ending?.citations ?? [])],
  })

const resultClaim = (ending: UnitEnding): Claim =>
  claimOf('watchdog', ending.telling, {
    summary: `systemd's watchdog ended ${ending.unit}`,
    confidence: 'likely',
    unit: ending.unit,
    why: WHY,
    victims: ending.victims,
    citations: ending.citations,
    doubts: ['the line of the watchdog itself is missing, only the result is there'],
  })
