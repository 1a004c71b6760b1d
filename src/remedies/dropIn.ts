import type { Argv, Remedy, Setting } from '../domain/remedy.ts'
import { isUnitName } from '../parsers/unitOfCgroup.ts'

/** Since which systemd a key is known (oom.md 3.2); 0 means always. */
export const KEY_SINCE: Readonly<Record<string, number>> = {
  MemoryMax: 231,
  MemoryHigh: 231,
  MemoryLimit: 208,
  MemorySwapMax: 232,
  OOMPolicy: 243,
  OOMScoreAdjust: 0,
  StartLimitIntervalSec: 230,
  StartLimitBurst: 230,
  RestartSec: 0,
  Environment: 0,
  TasksMax: 227,
}

/** A key in the wrong section is ignored by systemd, silently but for one log line. */
const SECTION: Readonly<Record<string, 'Unit' | 'Service'>> = { StartLimitIntervalSec: 'Unit', StartLimitBurst: 'Unit' }

/** Written to the running unit by a reload; everything else waits for the next start. */
const AT_RELOAD = new Set([
  'MemoryMax',
  'MemoryHigh',
  'MemorySwapMax',
  'TasksMax',
  'OOMPolicy',
  'StartLimitIntervalSec',
  'StartLimitBurst',
  'RestartSec',
])

export interface DropIn {
  readonly id: string
  readonly title: string
  readonly unit: string
  /** `memory` gives `50-medic-memory.conf`: one file a remedy, so that each can be undone alone. */
  readonly topic: string
  readonly settings: readonly Setting[]
  readonly because: string
  readonly checks: Remedy['checks']
  readonly warnings: readonly string[]
  readonly confidence: Remedy['confidence']
  /** Files of the unit's cgroup that must show the new value. */
  readonly cgroupFiles: readonly string[]
}

export const dropInPath = (unit: string, topic: string): string =>
  `/etc/systemd/system/${unit}.d/50-medic-${topic}.conf`

/**
 * The proposal, or the reasoned refusal when a check does not hold. `apply[0]` takes the file's content on standard
 * input; nothing here passes through a shell.
 */
export const dropInRemedy = (dropIn: DropIn): Remedy => {
  const failed = dropIn.checks.filter((check) => !check.holds)
  const bad = [
    ...(isUnitName(dropIn.unit) ? [] : [`"${dropIn.unit}" is no unit name`]),
    ...dropIn.settings.flatMap(problemOf),
  ]
  if (failed.length > 0 || bad.length > 0) {
    const reasons = [...failed.map((check) => `${check.check}: ${check.detail}`), ...bad]
    return refusal({
      ...dropIn,
      // A number that is not proposed stands in the reasons, not where one looks for what to set.
      settings: [],
      title: `Leave ${dropIn.unit} as it is`,
      because: `${dropIn.because} Not proposed, because ${reasons.join('; ')}.`,
    })
  }
  const path = dropInPath(dropIn.unit, dropIn.topic)
  const restart: Argv[] = dropIn.settings.every((setting) => AT_RELOAD.has(setting.key))
    ? []
    : [['systemctl', 'restart', dropIn.unit]]
  const keys = dropIn.settings.map((setting) => setting.key)
  return {
    id: dropIn.id,
    title: dropIn.title,
    risk: 'change',
    because: dropIn.because,
    files: [{ path, content: contentOf(dropIn) }],
    apply: [
      ['install', '-D', '-m', '0644', '/dev/stdin', path],
      ['systemd-analyze', 'verify', dropIn.unit],
      ['systemctl', 'daemon-reload'],
      ...restart,
    ],
    verify: [
      ['systemctl', 'show', '-p', [...keys.map(propertyOf), 'NeedDaemonReload'].join(','), dropIn.unit],
      ...dropIn.cgroupFiles.map((file) => ['cat', file]),
    ],
    undo: [
      ['rm', '-f', '--', path],
      ['rmdir', '--ignore-fail-on-non-empty', '--', path.slice(0, path.lastIndexOf('/'))],
      ['systemctl', 'daemon-reload'],
      ...restart,
    ],
    settings: dropIn.settings,
    checks: dropIn.checks,
    warnings:
      restart.length === 0 ? dropIn.warnings : [...dropIn.warnings, `takes effect by a restart of ${dropIn.unit}`],
    confidence: dropIn.confidence,
  }
}

export interface Refusal {
  readonly id: string
  readonly title: string
  readonly because: string
  readonly checks?: Remedy['checks']
  readonly warnings?: readonly string[]
  readonly settings?: readonly Setting[]
}

/** No change of the host: advice for people, or the reason why nothing is proposed. */
export const refusal = (parts: Refusal): Remedy => ({
  id: parts.id,
  title: parts.title,
  risk: 'read',
  because: parts.because,
  files: [],
  apply: [],
  verify: [],
  undo: [],
  settings: parts.settings ?? [],
  checks: parts.checks ?? [],
  warnings: parts.warnings ?? [],
  confidence: 'low',
})

/** Advice is a refusal to touch the host that says what a person should do instead. */
export const advice = refusal

/** systemctl show prints some keys under another name. */
const propertyOf = (key: string): string =>
  key === 'StartLimitIntervalSec' ? 'StartLimitIntervalUSec' : key === 'RestartSec' ? 'RestartUSec' : key

const VALUE = /^[A-Za-z0-9][A-Za-z0-9=:%.,_+\-/]*$/

const problemOf = (setting: Setting): readonly string[] => [
  ...(Object.hasOwn(KEY_SINCE, setting.key) ? [] : [`"${setting.key}" is no key Medic may write`]),
  ...(VALUE.test(setting.value) ? [] : [`"${setting.value}" is no plain value for ${setting.key}`]),
]

const contentOf = (dropIn: DropIn): string => {
  const lines = ['# Written by Medic. Comments stand on lines of their own: systemd has no others.']
  for (const section of ['Unit', 'Service'] as const) {
    const mine = dropIn.settings.filter((setting) => (SECTION[setting.key] ?? 'Service') === section)
    if (mine.length === 0) continue
    lines.push('', `[${section}]`)
    for (const setting of mine) lines.push(`# ${comment(setting.because)}`, `${setting.key}=${setting.value}`)
  }
  return `${lines.join('\n')}\n`
}

/** One printable line that cannot be continued by a backslash. */
const comment = (text: string): string =>
  text
    .replace(/−/g, '-')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replace(/\\/g, '/')
    .trim()

/** Are the keys known to this host's systemd, and does a reload apply them? */
export const versionCheck = (keys: readonly string[], systemdVersion: number | null): Remedy['checks'][number] => {
  const check = 'systemd knows every key'
  if (systemdVersion === null) return { check, holds: false, detail: "systemd's version was not read" }
  const unknown = keys.filter((key) => systemdVersion < (KEY_SINCE[key] ?? Number.POSITIVE_INFINITY))
  if (unknown.length > 0)
    return { check, holds: false, detail: `systemd ${systemdVersion} does not know ${unknown.join(', ')}` }
  if (systemdVersion < 237)
    return {
      check,
      holds: false,
      detail: `systemd ${systemdVersion} does not apply limits to a running unit at a reload; systemctl set-property does`,
    }
  return { check, holds: true, detail: `systemd ${systemdVersion} knows ${keys.join(', ')}` }
}
