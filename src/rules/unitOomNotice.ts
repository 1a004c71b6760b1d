import type { Claim } from '../domain/finding.ts'
import { cgroupOwner } from '../parsers/cgroupOwner.ts'
import type { EventOf } from '../parsers/log/events.ts'
import { logParser } from '../parsers/log/log.ts'
import { isNear, placedOf } from './nearness.ts'
import type { Rule } from './rule.ts'
import { claimOf, type Telling, tellingsOf } from './tellings.ts'

type Notice = Telling<EventOf<'unit-oom-notice'>>
type Result = Telling<EventOf<'unit-result'>>

/**
 * systemd's notice or `Failed with result 'oom-kill'`, when they stand alone: the kernel killed in this unit, but for which
 * limit is not said. The engine joins it with the kernel's own report of the same unit within a minute.
 */
export const unitOomNoticeRule: Rule = {
  id: 'unit-oom-notice',
  kinds: ['memcg-oom', 'container-oom'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed', 'php-fpm-children', 'app-own-message', 'killed-unknown-sender'],
  check: (facts) => {
    const all = tellingsOf(facts, 'unit-oom-notice', { key: (event) => `${event.unit} ${event.killer}` })
    const results = tellingsOf(facts, 'unit-result', { key: (event) => `${event.unit} ${event.result ?? ''}` }).filter(
      (result) => result.event.result === 'oom-kill',
    )
    const told = new Set<Result>()
    const resultOf = (notice: Notice): Result | undefined => {
      const found = results.find((result) => !told.has(result) && isSameKill(notice, result))
      if (found !== undefined) told.add(found)
      return found
    }
    const paired = all.map((notice) => ({ notice, result: resultOf(notice) }))
    const notices = paired.filter(({ notice }) => notice.event.killer === 'kernel' && !isInherited(notice, all))
    return [
      ...notices.map(({ notice, result }) => noticeClaim(notice, result)),
      ...results.filter((result) => !told.has(result)).map((result) => noticeClaim(result, undefined)),
    ]
  },
}

/** A stop after the kill may take as long as TimeoutStopSec= allows, 90 s by default; a minute joins the usual ones. */
const SAME_KILL_MS = 100_000

const isSameKill = (notice: Notice, result: Result): boolean =>
  notice.event.unit === result.event.unit && isNear(placedOf(notice), placedOf(result), SAME_KILL_MS)

/** Counters are hierarchical: slices and user managers notice a grandchild's kill (reference: inherited results). */
const OUTER = /^user@\d+\.service$|\.slice$/

const isInherited = (notice: Notice, all: readonly Notice[]): boolean =>
  OUTER.test(notice.event.unit ?? '') &&
  all.some(
    (inner) =>
      (!OUTER.test(inner.event.unit ?? '') || contains(notice.event.unit ?? '', inner.event.unit ?? '')) &&
      isNear(placedOf(notice), placedOf(inner), 5000),
  )

/** A slice's name begins with its parent's; users' managers live in the slice of their user. */
const contains = (outer: string, inner: string): boolean => {
  const user = /^user@(\d+)\.service$/.exec(inner)?.[1]
  const path = user === undefined ? inner : `user-${user}-manager.slice`
  return outer.endsWith('.slice') && path.startsWith(`${outer.slice(0, -'.slice'.length)}-`)
}

const noticeClaim = (notice: Notice | Result, result: Result | undefined): Claim => {
  const { unit } = notice.event
  const { kind, container } = cgroupOwner(`/${unit ?? ''}`)
  const pid = notice.event.type === 'unit-oom-notice' ? (notice.event.pid ?? null) : null
  return claimOf(kind === 'container' ? 'container-oom' : 'memcg-oom', notice, {
    summary: `the kernel's OOM killer killed a process of ${unit ?? 'a unit'}, as systemd says`,
    confidence: 'likely',
    unit,
    container,
    victims: [{ pid, comm: null, unit, anonRssBytes: null }],
    citations: [...notice.citations, ...(result?.citations ?? [])],
    doubts: [
      "the kernel's own report is missing here, so a limit of the unit, of a slice and a full host look the same",
    ],
  })
}
