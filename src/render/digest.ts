import type { Digest, DigestGrowth, DigestLine } from '../domain/digest.ts'
import type { CheckId } from '../domain/snapshot.ts'
import { escapeTerminal, escapeText } from './escape.ts'
import { formatBytes, formatCount } from './format.ts'
import { sparkline } from './sparkline.ts'

/** A part of a digest, as plain statements: whoever shows them escapes them. */
export interface DigestSection {
  readonly title: string
  readonly lines: readonly string[]
}

const HOUR_MS = 3_600_000
/** outputs.md section 3: the layouts for 1, 20 and 500 hosts. */
const ONE_HOST_LINES = 6
const WORST_HOSTS = 10
const FEW_HOSTS = 50
const NAMED_CRITICALS = 30
const NAMED_UNCHECKED = 20
const NAMED_CHANGES = 20

const isOpen = (line: DigestLine): boolean => line.state !== 'resolved'
const STILL: ReadonlySet<DigestLine['state']> = new Set(['same', 'better', 'stale'])

/** `20/20 hosts checked 02:00 UTC · 1 critical · 2 new · 3 open · 1 growing`: first line and notification. */
export const digestHeadline = (digest: Digest): string => {
  const time = new Date(digest.atMs).toISOString().slice(11, 16)
  const count = (test: (line: DigestLine) => boolean): number => digest.lines.filter(test).length
  const parts: readonly (readonly [number, string])[] = [
    [count((line) => isOpen(line) && line.level === 'critical'), 'critical'],
    [count((line) => line.state === 'new'), 'new'],
    [count((line) => line.state === 'worse'), 'worse'],
    [count((line) => STILL.has(line.state)), 'open'],
    [digest.growing.filter((growth) => growth.hours !== null).length, 'growing'],
    [count((line) => line.state === 'resolved'), 'resolved'],
    [digest.notChecked.length, 'not checked'],
  ]
  const shown = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`)
  const one = digest.total === 1 ? 'host' : 'hosts'
  return [
    `${digest.checked}/${digest.total} ${one} checked ${time} UTC`,
    ...(shown.length === 0 ? ['nothing new'] : shown),
  ].join(' · ')
}

/** Everything, for the page. */
export const digestPageSections = (digest: Digest): readonly DigestSection[] =>
  [
    section('New', linesOf(digest, (line) => line.state === 'new').map(lineText(digest))),
    section('Worse', linesOf(digest, (line) => line.state === 'worse').map(lineText(digest))),
    section(
      'Heading for trouble',
      digest.growing.map((growth) => growthText(growth)),
    ),
    section('Still open', linesOf(digest, (line) => STILL.has(line.state)).map(lineText(digest))),
    section('Resolved', linesOf(digest, (line) => line.state === 'resolved').map(lineText(digest))),
    section(
      'Changes',
      digest.changes.map(({ host, text }) => `${host}: ${text}`),
    ),
    section('Top movers', digest.movers.map(moverText)),
    section('Not checked', [...uncheckedLines(digest), ...partlyLines(digest), ...unforecastLines(digest)]),
  ].filter(({ lines }) => lines.length > 0)

/** What fits a message, by the number of hosts. */
export const digestMessageSections = (digest: Digest): readonly DigestSection[] => {
  const sections =
    digest.total <= 1 ? oneHost(digest) : digest.total <= FEW_HOSTS ? fewHosts(digest) : manyHosts(digest)
  const missed = section('Missed', digest.missed)
  return [missed, ...sections].filter(({ lines }) => lines.length > 0)
}

/** The full report as a Markdown page. */
export const renderDigestPage = (digest: Digest): string => {
  const date = new Date(digest.atMs).toISOString().slice(0, 10)
  const out = [`# Digest ${escapeText(digest.name)}, ${date}`, '', escapeText(digestHeadline(digest)), '']
  out.push(escapeText(`Hosts: ${digest.hosts}. Looked at: ${span(digest)}. Run: ${digest.runId}.`), '')
  for (const missed of digest.missed) out.push(`**Missed:** ${escapeText(missed)}`, '')
  for (const { title, lines } of digestPageSections(digest)) {
    out.push(`## ${title}`, '', ...lines.map((line) => `- ${escapeText(line)}`), '')
  }
  return `${out.join('\n').trimEnd()}\n`
}

/** The message as plain text: the terminal, and the text of a notification. */
export const renderDigestText = (digest: Digest): string => {
  const out = [digestHeadline(digest)]
  for (const { title, lines } of digestMessageSections(digest)) {
    out.push('', title, ...lines.map((line) => `  ${escapeTerminal(line)}`))
  }
  return `${out.join('\n')}\n`
}

const section = (title: string, lines: readonly string[]): DigestSection => ({ title, lines })

const RANK = { critical: 0, warn: 1, ok: 2 } as const

const linesOf = (digest: Digest, test: (line: DigestLine) => boolean): readonly DigestLine[] =>
  digest.lines.filter(test).toSorted((one, other) => RANK[one.level] - RANK[other.level])

/** Every line: host, object, value, threshold, since. */
const lineText =
  (digest: Digest) =>
  (line: DigestLine): string => {
    const object = line.object === 'host' ? '' : ` ${line.object}:`
    const level = line.level === 'critical' ? 'CRITICAL ' : ''
    const since = line.state === 'new' ? '' : `, since ${age(digest.atMs - line.sinceMs)}`
    const owner = line.owner === null || line.state === 'new' ? '' : `, ${line.owner}`
    const state = line.state === 'stale' ? ', not seen this time' : line.state === 'better' ? ', better' : ''
    if (line.state === 'resolved') return `${line.host}:${object} ${CHECK_NAMES[line.check]} resolved: ${line.text}`
    return `${level}${line.host}:${object} ${CHECK_NAMES[line.check]}: ${line.text} (${line.threshold || 'any'})${since}${state}${owner}`
  }

/** How people call what a check looks at. */
export const CHECK_NAMES: Readonly<Record<CheckId, string>> = {
  'memory-available': 'memory',
  'unit-memory': 'unit memory',
  'oom-kills': 'OOM kills',
  'memory-pressure': 'memory pressure',
  'swap-used': 'swap',
  'swap-out': 'swapping',
  'major-faults': 'major faults',
  'disk-used': 'disk',
  'disk-filling': 'disk filling',
  'inodes-free': 'inodes',
  'failed-unit': 'failed unit',
  'unit-restarts': 'automatic restarts',
  load: 'load',
  clock: 'clock',
  'reboot-wanted': 'reboot wanted',
  certificate: 'certificate',
}

const age = (ms: number): string =>
  ms < 48 * HOUR_MS ? `${Math.round(ms / HOUR_MS)} h` : `${Math.round(ms / 24 / HOUR_MS)} d`

const hoursText = (hours: number): string =>
  hours < 48 ? `${Math.max(1, Math.round(hours))} h` : `${(hours / 24).toFixed(1)} d`

/** Never one date without its range. */
export const growthText = ({ host, object, perHourBytes, hours, roomBytes }: DigestGrowth): string => {
  const rate = `rising ${formatBytes(Math.round(perHourBytes))}/h`
  if (hours === null) return `${host}: ${object}: ${rate}, too early to forecast`
  const latest = hours.latest === null ? 'later than 14 d or never' : hoursText(hours.latest)
  return `${host}: ${object}: ${rate}, ${formatBytes(roomBytes)} left: full in ${hoursText(hours.soonest)} to ${latest}, most likely ${hoursText(hours.middle)}, if days like the last one repeat`
}

const moverText = ({ host, object, fromBytes, toBytes }: Digest['movers'][number]): string =>
  `${host}: ${object}: ${formatBytes(fromBytes)} to ${formatBytes(toBytes)} (${toBytes > fromBytes ? '+' : ''}${formatBytes(toBytes - fromBytes)})`

const uncheckedLines = (digest: Digest): readonly string[] =>
  digest.notChecked.map(({ host, reason, lastSeenMs }) => {
    const seen = lastSeenMs === null ? 'never seen' : `last seen ${age(digest.atMs - lastSeenMs)} ago`
    return `${host}: ${reason} (${seen})`
  })

const partlyLines = (digest: Digest): readonly string[] =>
  digest.partly.map(({ host, text }) => `${host}, in part: ${text}`)

const unforecastLines = (digest: Digest): readonly string[] =>
  digest.unforecast.map(({ reason, count }) => `no memory forecast for ${formatCount(count, 'host')}: ${reason}`)

const span = (digest: Digest): string =>
  `${new Date(digest.sinceMs).toISOString().slice(0, 16).replace('T', ' ')} to ${new Date(digest.atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** State line, at most six lines, one picture if anything grows. */
const oneHost = (digest: Digest): readonly DigestSection[] => {
  const important = linesOf(digest, (line) => line.state === 'new' || line.state === 'worse').map(lineText(digest))
  const growing = digest.growing.map((growth) => growthText(growth))
  const rest = [
    ...linesOf(digest, (line) => STILL.has(line.state)).map(lineText(digest)),
    ...linesOf(digest, (line) => line.state === 'resolved').map(lineText(digest)),
    ...digest.changes.map(({ host, text }) => `${host}: ${text}`),
  ]
  const all = [...important, ...growing, ...rest]
  const kept =
    all.length > ONE_HOST_LINES ? [...all.slice(0, ONE_HOST_LINES - 1), more(all.length - ONE_HOST_LINES + 1)] : all
  const [first] = digest.growing
  const picture = first === undefined ? [] : [`${first.object}, 48 h: ${sparkline(first.trend)}`]
  return [section('State', kept), section('Trend', picture), section('Not checked', uncheckedLines(digest))]
}

const more = (count: number): string => `and ${count} more in the full report`

/** One line a finding grouped by host, the worst ten hosts. */
const fewHosts = (digest: Digest): readonly DigestSection[] => {
  const open = digest.lines.filter((line) => isOpen(line))
  const byHost = new Map<string, DigestLine[]>()
  for (const line of open) byHost.set(line.host, [...(byHost.get(line.host) ?? []), line])
  const weight = (lines: readonly DigestLine[]): number =>
    lines.reduce(
      (sum, line) =>
        sum + (line.level === 'critical' ? 100 : 1) + (line.state === 'new' || line.state === 'worse' ? 10 : 0),
      0,
    )
  const ranked = [...byHost].toSorted(([, one], [, other]) => weight(other) - weight(one))
  const shown = new Set(ranked.slice(0, WORST_HOSTS).map(([host]) => host))
  const of = (test: (line: DigestLine) => boolean): readonly string[] =>
    linesOf(digest, (line) => test(line) && (shown.has(line.host) || !isOpen(line)))
      .toSorted((one, other) => [...shown].indexOf(one.host) - [...shown].indexOf(other.host))
      .map(lineText(digest))
  const left = ranked.length - shown.size
  return [
    section(
      'New',
      of((line) => line.state === 'new'),
    ),
    section(
      'Worse',
      of((line) => line.state === 'worse'),
    ),
    section(
      'Heading for trouble',
      capped(
        digest.growing.map((growth) => growthText(growth)),
        WORST_HOSTS,
      ),
    ),
    section(
      'Still open',
      of((line) => STILL.has(line.state)),
    ),
    section('More', left > 0 ? [`${formatCount(left, 'more host')} with open findings in the full report`] : []),
    section(
      'Resolved',
      capped(
        of((line) => line.state === 'resolved'),
        WORST_HOSTS,
      ),
    ),
    section(
      'Changes',
      capped(
        digest.changes.map(({ host, text }) => `${host}: ${text}`),
        WORST_HOSTS,
      ),
    ),
    section('Top movers', digest.movers.slice(0, 5).map(moverText)),
    section('Not checked', [...capped(uncheckedLines(digest), NAMED_UNCHECKED), ...capped(partlyLines(digest), 3)]),
  ]
}

const capped = (lines: readonly string[], most: number): readonly string[] =>
  lines.length <= most ? lines : [...lines.slice(0, most), more(lines.length - most)]

/** Counts by cause, only criticals by name. */
const manyHosts = (digest: Digest): readonly DigestSection[] => {
  const groups = (test: (line: DigestLine) => boolean): readonly string[] => {
    const hosts = new Map<string, Set<string>>()
    for (const line of digest.lines.filter(test)) {
      const name = CHECK_NAMES[line.check]
      hosts.set(name, (hosts.get(name) ?? new Set()).add(line.host))
    }
    return [...hosts]
      .toSorted(([, one], [, other]) => other.size - one.size)
      .map(
        ([name, set]) => `${formatCount(set.size, 'host')}: ${name}${set.size <= 3 ? ` (${[...set].join(', ')})` : ''}`,
      )
  }
  const criticals = linesOf(digest, (line) => isOpen(line) && line.level === 'critical').map(lineText(digest))
  const growing = digest.growing
    .filter((growth) => growth.hours !== null)
    .toSorted((one, other) => (one.hours?.middle ?? 0) - (other.hours?.middle ?? 0))
    .map((growth) => growthText(growth))
  return [
    section('Critical', capped(criticals, NAMED_CRITICALS)),
    section(
      'New',
      groups((line) => line.state === 'new'),
    ),
    section(
      'Worse',
      groups((line) => line.state === 'worse'),
    ),
    section('Heading for trouble', capped(growing, WORST_HOSTS)),
    section(
      'Still open',
      groups((line) => STILL.has(line.state)),
    ),
    section(
      'Resolved',
      groups((line) => line.state === 'resolved'),
    ),
    section('Changes', changeGroups(digest)),
    section('Top movers', digest.movers.map(moverText)),
    section('Not checked', [
      ...capped(uncheckedLines(digest), NAMED_UNCHECKED),
      ...(digest.partly.length === 0 ? [] : [`${formatCount(digest.partly.length, 'host')} in part`]),
    ]),
  ]
}

const changeGroups = (digest: Digest): readonly string[] => {
  const words = {
    reboot: 'rebooted',
    packages: 'packages changed',
    limit: 'memory limits changed',
    system: 'system changed',
  }
  const counts = new Map<string, Set<string>>()
  for (const { kind, host } of digest.changes) counts.set(words[kind], (counts.get(words[kind]) ?? new Set()).add(host))
  return [...counts].map(
    ([word, hosts]) =>
      `${formatCount(hosts.size, 'host')}: ${word}${hosts.size <= NAMED_CHANGES ? ` (${[...hosts].join(', ')})` : ''}`,
  )
}
