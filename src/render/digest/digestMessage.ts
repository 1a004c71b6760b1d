import type { Digest, DigestLine } from '../../domain/digest.ts'
import { formatCount } from '../format.ts'
import { sparkline } from '../sparkline.ts'
import {
  CHECK_NAMES,
  STILL,
  changeText,
  growthText,
  isOpen,
  lineText,
  linesOf,
  moverText,
  partlyLines,
  section,
  uncheckedLines,
} from './digestWords.ts'
import type { DigestSection } from './digestWords.ts'

/** outputs.md section 3: the layouts for 1, 20 and 500 hosts. */
const ONE_HOST_LINES = 6
const WORST_HOSTS = 10
const FEW_HOSTS = 50
const NAMED_CRITICALS = 30
const NAMED_UNCHECKED = 20
const NAMED_CHANGES = 20

/** What fits a message, by the number of hosts. */
export const digestMessageSections = (digest: Digest): readonly DigestSection[] => {
  const sections =
    digest.total <= 1 ? oneHost(digest) : digest.total <= FEW_HOSTS ? fewHosts(digest) : manyHosts(digest)
  const missed = section('Missed', digest.missed)
  return [missed, ...sections].filter(({ lines }) => lines.length > 0)
}

/** State line, at most six lines, one picture if anything grows. */
const oneHost = (digest: Digest): readonly DigestSection[] => {
  const important = linesOf(digest, (line) => line.state === 'new' || line.state === 'worse').map(lineText(digest))
  const growing = digest.growing.map((growth) => growthText(growth))
  const rest = [
    ...linesOf(digest, (line) => STILL.has(line.state)).map(lineText(digest)),
    ...linesOf(digest, (line) => line.state === 'resolved').map(lineText(digest)),
    ...digest.changes.map(changeText),
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
    section('Changes', capped(digest.changes.map(changeText), WORST_HOSTS)),
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
