import type { HostChange } from '../domain/hostChange.ts'
import { zoneOffsetMinutes } from '../domain/zoneOffset.ts'
import { changedFilesParser } from '../parsers/changedFiles.ts'
import type { FactView } from '../parsers/facts.ts'
import { listBootsParser } from '../parsers/listBoots.ts'
import { packageChangesParser } from '../parsers/packageChanges.ts'
import type { PackageChange } from '../parsers/packageChanges.ts'
import { timedatectlParser } from '../parsers/timedatectl.ts'

/** What changed on the host inside the window, newest first, undated ones last; null when nobody looked. */
export const hostChangesOf = (facts: FactView): readonly HostChange[] | null => {
  const fromMs = facts.window.fromMs ?? Number.NEGATIVE_INFINITY
  const changes = [...fileChanges(facts), ...packageChanges(facts), ...boots(facts)]
    .filter(({ at }) => at === null || Date.parse(at) >= fromMs)
    .toSorted((one, other) => (other.at ?? '').localeCompare(one.at ?? ''))
  // Packages alone say nothing about the settings that people write.
  return changes.length === 0 && facts.all(changedFilesParser).length === 0 ? null : changes
}

const fileChanges = (facts: FactView): readonly HostChange[] =>
  facts.all(changedFilesParser).flatMap(({ evidence, subject, facts: { files } }) =>
    files.map((file) => ({
      sort: subject === null ? 'file' : 'code',
      what: `${file.path} was changed`,
      at: new Date(file.atMs).toISOString(),
      unit: subject,
      citation: facts.cite(evidence, file.line),
    })),
  )

const packageChanges = (facts: FactView): readonly HostChange[] => {
  const zone = facts.latest(timedatectlParser, null)?.facts.timezone ?? null
  const fromMs = (facts.window.fromMs ?? Number.NEGATIVE_INFINITY) - WIDEST_OFFSET_MS
  return facts.all(packageChangesParser).flatMap(({ evidence, facts: { changes } }) =>
    together(changes.filter(({ atText }) => !(printedMs(atText) < fromMs))).flatMap((group) => {
      const last = group.at(-1)
      if (last === undefined) return []
      return [
        {
          sort: 'package' as const,
          what: group.length === 1 ? packageWords(last) : groupWords(group),
          at: utcOf(last.atText, zone),
          unit: null,
          citation: facts.cite(evidence, last.line),
        },
      ]
    }),
  )
}

/** No zone is farther from UTC. */
const WIDEST_OFFSET_MS = 14 * 3_600_000

/** One upgrade of a whole system is one change. Our choice. */
const TOGETHER_MS = 10 * 60_000
const NAMED = 4

const together = (changes: readonly PackageChange[]): readonly (readonly PackageChange[])[] => {
  const groups: PackageChange[][] = []
  for (const change of changes) {
    const before = groups.at(-1)?.at(-1)
    const gapMs = before === undefined ? Number.NaN : Math.abs(printedMs(change.atText) - printedMs(before.atText))
    if (gapMs <= TOGETHER_MS) groups.at(-1)?.push(change)
    else groups.push([change])
  }
  return groups
}

/** As if it were UTC: good for the distance of two stamps of one host, and for nothing finer than a day. */
const printedMs = (atText: string): number => Date.parse(/^\d/.test(atText) ? `${atText.replace(' ', 'T')}Z` : atText)

const VERBS = {
  install: 'installed',
  upgrade: 'upgraded',
  remove: 'removed',
  purge: 'removed',
  'installed-or-upgraded': 'installed or upgraded',
} as const

const groupWords = (group: readonly PackageChange[]): string => {
  const names = [...new Set(group.map((change) => change.package))]
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : ''
  const verbs = new Set(group.map(({ action }) => VERBS[action]))
  const verb = verbs.size === 1 ? [...verbs].join('') : 'installed, upgraded or removed'
  return `${names.length} packages were ${verb}: ${names.slice(0, NAMED).join(', ')}${more}`
}

const packageWords = ({ action, package: name, fromVersion, toVersion }: PackageChange): string => {
  switch (action) {
    case 'upgrade':
      return `package ${name} was upgraded from ${fromVersion ?? '?'} to ${toVersion ?? '?'}`
    case 'install':
      return `package ${name} ${toVersion ?? ''} was installed`.replace('  ', ' ')
    default:
      return `package ${name} was ${VERBS[action]}`
  }
}

/** Only dpkg's stamp can be placed, and only with the host's zone: rpm prints a zone's ambiguous letters. */
const utcOf = (atText: string, zone: string | null): string | null => {
  const asUtcMs = printedMs(atText)
  if (zone === null || Number.isNaN(asUtcMs) || !/^\d/.test(atText)) return null
  const offset = zoneOffsetMinutes(zone, asUtcMs)
  return offset === null ? null : new Date(asUtcMs - offset * 60_000).toISOString()
}

/** The oldest boot on record may only be where the journal begins. */
const boots = (facts: FactView): readonly HostChange[] =>
  facts.all(listBootsParser).flatMap(({ evidence, facts: { boots: all } }) =>
    all.slice(1).flatMap(({ firstEntryAtMs, line }) =>
      firstEntryAtMs === null
        ? []
        : [
            {
              sort: 'boot' as const,
              what: 'the host booted',
              at: new Date(firstEntryAtMs).toISOString(),
              unit: null,
              citation: facts.cite(evidence, line),
            },
          ],
    ),
  )
