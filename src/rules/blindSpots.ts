import type { Evidence } from '../domain/evidence.ts'
import { cgroupEventsParser } from '../parsers/cgroupEvents.ts'
import type { FactView } from '../parsers/facts.ts'
import { logParser } from '../parsers/log/log.ts'
import { pressureParser } from '../parsers/pressure.ts'
import { vmstatParser } from '../parsers/vmstat.ts'
import { isHostAsked, isKernelLog } from './askedHost.ts'
import { bootTimeMs, isBootInsideWindow } from './bootTime.ts'
import { cgroupReadings } from './cgroupReadings.ts'

/** What could not be seen, and whether an empty list of findings therefore proves nothing. */
export interface Blindness {
  readonly blindSpots: readonly string[]
  /** No source of the kernel's own words could be read. */
  readonly isKernelLogBlind: boolean
  readonly isDecisive: boolean
}

export const findBlindSpots = (facts: FactView): Blindness => {
  const kernelLogs = facts.evidence.filter(isKernelLog)
  const isKernelSeen = kernelLogs.some((item) => whyUnseen(item, facts.evidence) === null)
  const isKernelLogBlind = isHostAsked(facts) && !isKernelSeen
  const spots: string[] = []
  if (isKernelLogBlind) spots.push(kernelBlindness(kernelLogs, facts.evidence))
  const namesByReason = new Map<string, Set<string>>()
  for (const item of facts.evidence) {
    // One good copy of the kernel log is enough, and its absence has been told above.
    const reason = kernelLogs.includes(item) ? null : whyUnseen(item, facts.evidence)
    if (reason !== null) namesByReason.set(reason, (namesByReason.get(reason) ?? new Set()).add(nameOf(item)))
    spots.push(...gapsOf(item))
  }
  for (const [reason, names] of namesByReason) spots.push(`${listed([...names])}: ${reason}`)
  const lostBoot = lostHistory(facts)
  if (lostBoot !== null) spots.push(lostBoot)
  if (isHostAsked(facts) && !hasPressure(facts)) spots.push(NO_PSI)
  return {
    blindSpots: [...new Set(spots)],
    isKernelLogBlind,
    // A runbook that does not ask for the kernel log is not about it.
    isDecisive: (isKernelLogBlind && kernelLogs.length > 0 && !hasKillCounters(facts)) || lostBoot !== null,
  }
}

const NO_PSI =
  'memory pressure: this host has no pressure stall information (/proc/pressure), so stalls cannot be seen; some distributions need the boot option psi=1'

const nameOf = (item: Evidence): string => (item.subject === null ? item.step : `${item.step} (${item.subject})`)

/** A lost connection blinds dozens of steps for one reason. */
const SHOWN_NAMES = 6

const listed = (names: readonly string[]): string =>
  names.length <= SHOWN_NAMES
    ? names.join(', ')
    : `${names.slice(0, SHOWN_NAMES).join(', ')} and ${names.length - SHOWN_NAMES} more`

const kernelBlindness = (logs: readonly Evidence[], evidence: readonly Evidence[]): string => {
  if (logs.length === 0) return 'kernel log: no step read it'
  const reasons = logs.map((item) => `${nameOf(item)}: ${whyUnseen(item, evidence) ?? 'empty'}`)
  return `kernel log: could not be read (${[...new Set(reasons)].join('; ')})`
}

const HINT = /Hint: You are currently not seeing messages/
const DENIED =
  /Operation not permitted|Permission denied|Access denied|insufficient permissions|No journal files were opened/i
const NO_ENTRIES = /^-- No entries --\s*$/

/** Files that do not exist and units that do not run hide nothing. */
const NOTHING_HIDDEN =
  /^(?:missing: |not needed)|has no control group: it is not running|^no process of \S{1,255} is known/

/** Why an evidence shows nothing that could be relied on; null when it does. */
const whyUnseen = (item: Evidence, all: readonly Evidence[]): string | null => {
  const { result } = item
  // So much text is no empty answer.
  if (item.longText !== undefined) {
    return item.reading.status === 'unparsed' ? `not understood: ${item.reading.reason}` : null
  }
  if (result.outcome === 'not-run') return NOTHING_HIDDEN.test(result.reason) ? null : `not run: ${result.reason}`
  if (result.outcome === 'timed-out') return result.stdout === '' ? 'timed out without output' : null
  const said = `${result.stderr}\n${result.stdout.length < 2000 ? result.stdout : ''}`
  if (item.parser === logParser.id) {
    if (HINT.test(said)) return 'this user may not see the whole journal'
    if (NO_ENTRIES.test(result.stdout.trimStart())) return whyNoEntries(item, all)
  }
  if (result.stdout.trim() === '' && DENIED.test(said)) return 'permission denied'
  if (isKernelLog(item) && result.stdout.trim() === '') return 'empty'
  if (item.parser === null || item.parser === pressureParser.id || isAbsentCgroupFile(item)) return null
  if (item.reading.status === 'unparsed') return `not understood: ${item.reading.reason}`
  if (item.reading.status === 'none' && result.outcome !== 'exited') return item.reading.reason
  return null
}

/** An empty answer is an answer only if this user sees the journal and a time limit can explain it. */
const whyNoEntries = (item: Evidence, all: readonly Evidence[]): string | null => {
  if (all.some((other) => HINT.test(other.result.stderr) || HINT.test(other.result.stdout.slice(0, 2000))))
    return 'the journal shows no entries to this user'
  if (!isKernelLog(item) || /--since|-S\b|--after-cursor/.test(item.command)) return null
  return 'the journal shows no entries, although every boot writes some'
}

/** A stopped unit has no cgroup, and older kernels have fewer files: neither is hidden from us. */
const isAbsentCgroupFile = (item: Evidence): boolean =>
  item.command.includes('/sys/fs/cgroup/') && item.result.stdout === '' && !DENIED.test(item.result.stderr)

const SUPPRESSED = /callbacks suppressed|\bSuppressed \d{1,12} messages\b|buffer overrun/g

/** Parts of an output that are missing although the rest was read. */
const gapsOf = (item: Evidence): readonly string[] => {
  const gaps: string[] = []
  const { result } = item
  if (result.outcome === 'timed-out' && (item.longText !== undefined || result.stdout !== ''))
    gaps.push(`${nameOf(item)}: timed out, what it printed until then was kept`)
  if (result.droppedBytes > 0)
    gaps.push(`${nameOf(item)}: ${result.droppedBytes} bytes of its output were over the limit and are missing`)
  if (item.parser !== logParser.id) return gaps
  let suppressed = 0
  for (const text of item.longText?.stretches() ?? [result.stdout]) suppressed += text.match(SUPPRESSED)?.length ?? 0
  if (suppressed > 0)
    gaps.push(
      `${nameOf(item)}: the log says ${suppressed} times that lines were suppressed or lost, so events may be missing`,
    )
  return gaps
}

const hasPressure = (facts: FactView): boolean => facts.all(pressureParser).length > 0

/**
 * Counters stand in for the log if they say something about the window: none since boot, or a boot inside it.
 * A unit's own counter does not: it begins anew at each start.
 */
const hasKillCounters = (facts: FactView): boolean => {
  const sinceBoot = [
    ...facts.all(vmstatParser).map((item) => item.facts.oomKillCount),
    ...cgroupReadings(facts, cgroupEventsParser)
      .filter((item) => item.file === 'memory.events' && item.cgroup.endsWith('.slice'))
      .map((item) => item.facts.oomKillCount),
  ].filter((count) => count !== null)
  return sinceBoot.length > 0 && (isBootInsideWindow(facts) || sinceBoot.every((count) => count === 0))
}

const NO_PERSISTENT =
  /no persistent journal was found|cannot access '?\/var\/log\/journal|\/var\/log\/journal'?: No such file/

/** A host that rebooted inside the window without a lasting journal has forgotten what happened before. */
const lostHistory = (facts: FactView): string | null => {
  if (!isBootInsideWindow(facts)) return null
  const isLost = facts.evidence.some(
    (item) =>
      NO_PERSISTENT.test(item.result.stderr) ||
      NO_PERSISTENT.test(item.result.stdout.slice(0, 4000)) ||
      hasOneBoot(item),
  )
  const boot = bootTimeMs(facts)
  if (!isLost || boot === null) return null
  return `logs before the boot at ${new Date(boot).toISOString()} do not exist: the journal is not kept over a reboot`
}

/** `journalctl --list-boots` with this boot alone: `  0 0ce954f4… Mon 2026-11-23 15:30:39 UTC …` */
const hasOneBoot = (item: Evidence): boolean => {
  // Who may not see the system's journal does not see its boots either.
  if (!item.command.includes('--list-boots') || HINT.test(item.result.stderr)) return false
  const boots = item.result.stdout.split('\n').filter((line) => /^\s{0,6}-?\d{1,6} [0-9a-f]{32}\b/.test(line))
  return boots.length === 1
}
