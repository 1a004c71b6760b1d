import type { Citation } from '../domain/evidence.ts'
import { blankClaim } from '../domain/finding.ts'
import type { Claim } from '../domain/finding.ts'
import { dfParser } from '../parsers/df.ts'
import type { Filesystem } from '../parsers/df.ts'
import { dfInodesParser } from '../parsers/dfInodes.ts'
import type { FactView } from '../parsers/facts.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import { amount } from './amount.ts'
import type { Rule } from './rule.ts'
import { DISK_FULL_PERCENT } from './thresholds.ts'

/** More messages about one full disk prove no more; our choice. */
const MAX_MESSAGES = 6

/** A file system has no space or no inodes left. */
export const diskFullRule: Rule = {
  id: 'disk-full',
  kinds: ['disk-full'],
  needs: [dfParser],
  wants: [dfInodesParser, logParser],
  explains: ['app-own-message'],
  check: (facts) => {
    const said = messages(facts).flatMap((message) => message.citations)
    return fullPlaces(facts).map(({ words, isAtEnd, citations }) => ({
      ...blankClaim('disk-full', words),
      confidence: isAtEnd ? 'certain' : said.length > 0 ? 'certain' : 'likely',
      why: said.length > 0 ? 'programs were refused for want of space' : null,
      citations: [...citations, ...said.slice(0, MAX_MESSAGES)],
    }))
  },
}

/** A program was refused for want of space, and no full file system is known. */
export const diskFullMessageRule: Rule = {
  id: 'disk-full-message',
  kinds: ['disk-full'],
  needs: [logParser],
  wants: [dfParser, dfInodesParser],
  explains: ['app-own-message'],
  check: (facts) => {
    if (fullPlaces(facts).length > 0) return []
    const isMeasured = facts.all(dfParser).length > 0
    const byProgram = Map.groupBy(messages(facts), (message) =>
      JSON.stringify([message.program, message.path, message.unit]),
    )
    return [...byProgram.values()].flatMap((group): Claim[] => {
      const newest = group.at(-1)
      if (newest === undefined) return []
      const who = newest.program ?? newest.unit ?? 'a program'
      const where = newest.path === null ? '' : ` at ${newest.path}`
      return [
        {
          ...blankClaim('disk-full', `${who} was refused space${where}: ${CAUSES[newest.cause]}`),
          confidence: isMeasured || newest.cause === 'redis-snapshot' ? 'possible' : 'likely',
          at: newest.at,
          atText: newest.atText,
          unit: newest.unit,
          count: group.reduce((sum, message) => sum + message.count, 0),
          doubts: [
            ...(isMeasured
              ? ['no file system is full now: a quota, inotify watches or a tmpfs answer in the same words']
              : []),
            ...(newest.cause === 'redis-snapshot'
              ? [
                  "Redis says the same when it may not write there, or cannot fork: its own log has the failed save's reason",
                ]
              : []),
          ],
          citations: group.flatMap((message) => message.citations).slice(0, MAX_MESSAGES),
        },
      ]
    })
  },
}

const CAUSES = {
  'no-space': 'no space left on device',
  quota: 'disk quota exceeded',
  'redis-snapshot': 'Redis cannot save its snapshot',
  'flood-stage': 'the flood-stage disk watermark is exceeded',
} as const

interface Message {
  readonly program: string | null
  readonly path: string | null
  readonly unit: string | null
  readonly cause: keyof typeof CAUSES
  readonly at: string | null
  readonly atText: string | null
  readonly count: number
  readonly citations: readonly Citation[]
}

const messages = (facts: FactView): readonly Message[] =>
  facts.all(logParser).flatMap((log) => {
    const couldNotFork = eventsOf(log.facts, 'enomem').some(
      ({ program, call }) => program === 'redis' && call === 'fork',
    )
    const refused = eventsOf(log.facts, 'disk-full').filter(
      ({ cause }) => !(couldNotFork && cause === 'redis-snapshot'),
    )
    return refused.map((event) => ({
      program: event.program,
      path: event.path,
      unit: log.subject,
      cause: event.cause,
      at: event.time.atMs === null ? null : new Date(event.time.atMs).toISOString(),
      atText: event.time.atText,
      count: event.repeats,
      citations: event.cited.map((cited) => ({ evidence: log.evidence, line: cited.line, text: cited.text })),
    }))
  })

interface FullPlace {
  readonly words: string
  /** Nothing at all is left. */
  readonly isAtEnd: boolean
  readonly citations: readonly Citation[]
}

const fullPlaces = (facts: FactView): readonly FullPlace[] => {
  const places: FullPlace[] = []
  const df = facts.latest(dfParser, null)
  for (const system of df?.facts.filesystems ?? []) {
    if (df === undefined || isAlwaysFull(system) || (system.usedPercent ?? 0) < DISK_FULL_PERCENT) continue
    const left = system.availableBytes === null ? '' : `, ${amount(system.availableBytes)} left`
    places.push({
      words: `${system.mount} is ${system.usedPercent} % full${left}${isTmpfs(system) ? ' (a tmpfs: its files are memory)' : ''}`,
      isAtEnd: system.availableBytes === 0,
      citations: [facts.cite(df.evidence, system.line)],
    })
  }
  const inodes = facts.latest(dfInodesParser, null)
  for (const system of inodes?.facts.filesystems ?? []) {
    if (inodes === undefined || isAlwaysFull(system) || (system.usedPercent ?? 0) < DISK_FULL_PERCENT) continue
    places.push({
      words: `${system.mount} has used ${system.usedPercent} % of its inodes, ${system.freeCount ?? 0} left: no new file can be made even where there is space`,
      isAtEnd: system.freeCount === 0,
      citations: [facts.cite(inodes.evidence, system.line)],
    })
  }
  return places
}

const isTmpfs = (system: { source: string }): boolean => system.source === 'tmpfs'

/** Images are full by nature, and the kernel's own file systems hold no files of anybody. */
const isAlwaysFull = (system: Pick<Filesystem, 'source' | 'mount'>): boolean =>
  /^\/dev\/(?:loop|sr)\d/.test(system.source) ||
  /^(?:devtmpfs|udev|efivarfs|squashfs|iso9660|none)$/.test(system.source) ||
  /^\/(?:snap|var\/lib\/snapd\/snap|cdrom|run\/user|sys|proc)\b/.test(system.mount) ||
  system.mount === '/dev/shm'
