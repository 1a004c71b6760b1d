import type { Claim } from '../domain/finding.ts'
import type { EventOf } from '../parsers/log/events.ts'
import type { Told } from '../parsers/log/lines/line.ts'
import { logParser } from '../parsers/log/log.ts'
import { amount } from './amount.ts'
import { withEndedUnit } from './endedUnit.ts'
import type { Rule } from './rule.ts'
import { Scale } from './scale.ts'
import { claimOf, type Telling, tellingsOf } from './tellings.ts'
import { type UnitEnding, unitEndingsOf } from './unitEndings.ts'

/** A program prints its own words about memory; no killer was seen because of them. */
export const appOwnMessageRule: Rule = {
  id: 'app-own-message',
  kinds: ['app-own-message'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed'],
  check: (facts) => {
    const endings = unitEndingsOf(facts)
    const refusals = tellingsOf(facts, 'enomem', { key: (event) => `${event.program ?? ''} ${event.call}` })
    const messages = tellingsOf(facts, 'app-message', {
      key: (event) => `${event.app ?? ''} ${event.what} ${event.sourcePid ?? ''}`,
    }).filter(withoutReasonsOf(refusals))
    return messages.map((telling) => {
      const named = endings.filter((ending) => isOfUnit(telling, ending))
      return withEndedUnit(messageClaim(telling), telling, named, isBadExit)
    })
  },
}

/** R and others print the limit they met beside the refusal, at most a few warnings apart. Arbitrary. */
const REASON_LINES = 12

/** Leaves out the reasons of refusals: the same program's limit beside its refused allocation is no second event. */
const withoutReasonsOf = (
  refusals: readonly Telling<EventOf<'enomem'>>[],
): ((telling: Telling<EventOf<'app-message'>>) => boolean) => {
  const placeOf = (program: string, { event, evidence }: Telling<Told>): string =>
    [program, evidence.evidence, event.source].join(' ')
  const lineOf = ({ event }: Telling<Told>): number => event.cited[0]?.line ?? 0
  const byPlace = new Map<string, Scale>()
  for (const refusal of refusals) {
    if (refusal.event.program === null) continue
    const place = placeOf(refusal.event.program, refusal)
    const lines = byPlace.get(place) ?? new Scale(REASON_LINES)
    byPlace.set(place, lines)
    lines.add(lineOf(refusal))
  }
  return (telling) => {
    const { app } = telling.event
    return app === null || byPlace.get(placeOf(app, telling))?.hasNear(lineOf(telling)) !== true
  }
}

/** The journal's identifier is the unit's own name: with the exit that follows it says which unit spoke. */
const isOfUnit = (telling: Telling<EventOf<'app-message'>>, ending: UnitEnding): boolean =>
  telling.event.source !== null && ending.unit === `${telling.event.source}.service`

const isBadExit = (exit: EventOf<'unit-exit'>): boolean => exit.code !== 'exited' || exit.status !== 0

const WHAT: Readonly<Record<EventOf<'app-message'>['what'], string>> = {
  'own-limit': 'it met a memory limit of its own',
  gpu: 'the GPU has no memory left; the host’s memory is another matter',
  'self-check': 'it says itself that memory is short',
  'restart-limit': 'it ended or restarted a process for its own memory limit',
  'bad-alloc': 'it caught a failed allocation',
  'shared-memory':
    'it was refused shared memory by a limit on it, such as kernel.shmall; no memory and no disk was full',
}

/** Nobody runs short with this much left: the program's unit must be wrong. Arbitrary. */
const PLENTY_BYTES = 64 * 1024 ** 3

const messageClaim = (telling: Telling<EventOf<'app-message'>>): Claim => {
  const { event } = telling
  const stated = event.statedAvailableBytes
  return claimOf('app-own-message', telling, {
    summary: `${event.app ?? 'a program'} says so, no killer was seen: ${WHAT[event.what]}`,
    why:
      stated !== null && stated >= PLENTY_BYTES
        ? `as printed it would still have ${amount(stated)}: the number or its unit is wrong`
        : null,
    limitBytes: event.limitBytes,
  })
}
