import type { Claim } from '../domain/finding.ts'
import type { EventOf } from '../parsers/log/events.ts'
import { logParser } from '../parsers/log/log.ts'
import { amount } from './amount.ts'
import type { Rule } from './rule.ts'
import { claimOf, type Telling, tellingsOf } from './tellings.ts'

/** earlyoom and nohang: a user-space killer's own line that it sent a signal. */
export const earlyoomRule: Rule = {
  id: 'earlyoom',
  kinds: ['earlyoom'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed', 'php-fpm-children', 'app-own-message', 'killed-unknown-sender'],
  check: (facts) =>
    tellingsOf(facts, 'userspace-kill', {
      key: (event) => `${event.killer} ${event.pid ?? ''} ${event.comm ?? ''} ${event.signal ?? ''}`,
    }).map((telling) => killClaim(telling)),
}

const killClaim = (telling: Telling<EventOf<'userspace-kill'>>): Claim => {
  const { event } = telling
  const who = `${event.comm ?? 'a process'}${event.pid === null ? '' : ` (pid ${event.pid})`}`
  const size = event.rssBytes === null ? '' : `, ${amount(event.rssBytes)} resident`
  const survived = event.ending === 'did-not-exit'
  return claimOf('earlyoom', telling, {
    summary: `${event.killer} sent ${event.signal ?? 'a signal'} to ${who}${size}`,
    confidence: survived ? 'likely' : 'certain',
    why: event.reason,
    victims: [{ pid: event.pid, comm: event.comm, unit: null, anonRssBytes: null }],
    // The journal of earlyoom.service is about the killer, not the victim.
    unit: null,
    doubts: survived ? [`${event.killer} reports that the process did not exit`] : [],
  })
}
