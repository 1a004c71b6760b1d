import type { Claim } from '../domain/finding.ts'
import type { EventOf } from '../parsers/log/events.ts'
import { logParser } from '../parsers/log/log.ts'
import { cgroupOwner } from '../parsers/cgroupOwner.ts'
import { isNear, placedOf } from './nearness.ts'
import type { Rule } from './rule.ts'
import { claimOf, type Telling, tellingsOf } from './tellings.ts'

type Kill = Telling<EventOf<'oomd-kill'>>
type Notice = Telling<EventOf<'unit-oom-notice'>>

/** oomd's own line or, when only PID 1's journal was read, systemd's notice; both about one kill are one claim. */
export const systemdOomdRule: Rule = {
  id: 'systemd-oomd',
  kinds: ['systemd-oomd'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed', 'php-fpm-children', 'app-own-message', 'killed-unknown-sender', 'watchdog'],
  check: (facts) => {
    const kills = tellingsOf(facts, 'oomd-kill', { key: (event) => `${event.cgroup ?? ''} ${event.reason ?? ''}` })
    const notices = tellingsOf(facts, 'unit-oom-notice', { key: (event) => `${event.unit} ${event.killer}` }).filter(
      (notice) => notice.event.killer === 'systemd-oomd',
    )
    const told = new Set<Notice>()
    const claims = kills.map((kill) => {
      const notice = notices.find((candidate) => !told.has(candidate) && isAbout(kill, candidate))
      if (notice !== undefined) told.add(notice)
      return killClaim(kill, notice)
    })
    return [...claims, ...notices.filter((notice) => !told.has(notice)).map((notice) => noticeClaim(notice))]
  },
}

/** PID 1 notices an oomd kill within a second or two; a minute allows for a busy manager. */
const SAME_KILL_MS = 60_000

const isAbout = (kill: Kill, notice: Notice): boolean => {
  if (
    kill.event.cgroup !== null &&
    unitOf(kill) !== notice.event.unit &&
    !kill.event.cgroup.endsWith(`/${notice.event.unit}`)
  )
    return false
  return isNear(placedOf(kill), placedOf(notice), SAME_KILL_MS)
}

const unitOf = (kill: Kill): string | null => (kill.event.cgroup === null ? null : cgroupOwner(kill.event.cgroup).unit)

const killClaim = (kill: Kill, notice: Notice | undefined): Claim => {
  const { event } = kill
  const unit = notice?.event.unit ?? unitOf(kill)
  const isWhole = event.cgroup !== null || notice !== undefined
  return claimOf('systemd-oomd', kill, {
    summary: `systemd-oomd killed ${event.cgroup ?? unit ?? 'a control group it does not name'}${causeWords(event)}`,
    confidence: isWhole ? 'certain' : 'likely',
    unit,
    cgroup: event.cgroup,
    why: whyOf(event),
    victims: (event.pids.length === 0 ? [null] : event.pids).map((pid) => ({
      pid,
      comm: null,
      unit,
      anonRssBytes: null,
    })),
    citations: [...kill.citations, ...(notice?.citations ?? [])],
    doubts: isWhole ? [] : [event.pids.length > 0 ? ONLY_PIDS : ONLY_REASON],
  })
}

const ONLY_REASON = 'this version of systemd-oomd logs only the reason, not which control group it killed'
const ONLY_PIDS = 'the lines name the processes that were signalled, not their control group'

const causeWords = ({ cause, reason }: Kill['event']): string => {
  if (cause === 'swap') return ' because memory and swap were nearly full'
  if (cause === 'pressure') return ' because of memory pressure'
  return reason === null ? '' : ' as a rule of its configuration says'
}

const whyOf = (event: EventOf<'oomd-kill'>): string | null => {
  if (event.reason === null) return null
  return event.cause === 'pressure' && event.pressureCgroup !== null
    ? `memory pressure of ${event.pressureCgroup} was ${event.reason}`
    : event.reason
}

const noticeClaim = (notice: Notice): Claim =>
  claimOf('systemd-oomd', notice, {
    summary: `systemd-oomd killed ${notice.event.processes ?? 'some'} process(es) of ${notice.event.unit}`,
    unit: notice.event.unit,
    victims: [{ pid: null, comm: null, unit: notice.event.unit, anonRssBytes: null }],
  })
