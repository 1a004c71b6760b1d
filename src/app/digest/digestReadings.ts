import type { Diagnosis } from '../../domain/finding.ts'
import type { Kind } from '../../domain/kind.ts'
import type { CheckId, CheckReading, Sample } from '../../domain/snapshot.ts'
import type { FactView } from '../../parsers/facts.ts'
import { dfParser } from '../../parsers/df.ts'
import { dfInodesParser } from '../../parsers/dfInodes.ts'
import { loadavgParser } from '../../parsers/loadavg.ts'
import { eventsOf, logParser } from '../../parsers/log/log.ts'
import { meminfoParser } from '../../parsers/meminfo.ts'
import { pressureParser } from '../../parsers/pressure.ts'
import { systemctlFailedParser } from '../../parsers/systemctlFailed.ts'
import { timedatectlParser } from '../../parsers/timedatectl.ts'
import { uptimeParser } from '../../parsers/uptime.ts'
import { formatBytes } from '../../render/format.ts'
import { isCleared, levelOf, thresholdText } from './digestThresholds.ts'
import type { Threshold, Thresholds } from './digestThresholds.ts'
import { relaxed } from './digestDisks.ts'
import { certificatesOf, rebootWantedHours } from './digestText.ts'
import { isRealDisk } from '../trend/realDisk.ts'
import { sampleOf } from '../trend/sampleOf.ts'

export interface DigestReadings {
  readonly readings: readonly CheckReading[]
  /** Checks whose source was read. */
  readonly seen: ReadonlySet<CheckId>
  readonly sample: Sample
}

export interface ReadingContext {
  readonly facts: FactView
  readonly diagnosis: Diagnosis
  readonly thresholds: Thresholds
  readonly nowMs: number
  /** Samples before this look, oldest first. */
  readonly history: readonly Sample[]
  /** When the digest before was made. */
  readonly sinceMs: number
}

const HOST = 'host'
/** node-mixin: a clock needs this long after boot. */
const CLOCK_AFTER_SECONDS = 17 * 60
/** Shorter times give no rate worth the name; our choice. */
const DISK_RATE_LEAST_MS = 3_600_000
const KILL_KINDS: ReadonlySet<Kind> = new Set([
  'global-oom',
  'memcg-oom',
  'cpuset-oom',
  'container-oom',
  'systemd-oomd',
  'earlyoom',
])

/** Everything one look at a host measured, against its thresholds. Pure. */
export const digestReadings = (context: ReadingContext): DigestReadings => {
  const sheet = new Sheet(context.thresholds)
  const sample = sampleOf(context.facts, context.nowMs)
  readMemory(sheet, context, sample)
  readUnits(sheet, sample)
  readDisks(sheet, context)
  readLogs(sheet, context, sample)
  readHost(sheet, context)
  return { readings: sheet.readings, seen: sheet.seen, sample }
}

class Sheet {
  readonly readings: CheckReading[] = []
  readonly seen = new Set<CheckId>()
  readonly #thresholds: Thresholds

  constructor(thresholds: Thresholds) {
    this.#thresholds = thresholds
  }

  /** Compares a value with the check's threshold, or with one made for this object. */
  put(check: CheckId, object: string, value: number, text: string, own?: (threshold: Threshold) => Threshold): void {
    this.seen.add(check)
    const threshold = own === undefined ? this.#thresholds[check] : own(this.#thresholds[check])
    this.readings.push({
      check,
      object,
      badness: threshold.direction === 'above' ? value : -value,
      level: levelOf(value, threshold),
      isClear: isCleared(value, threshold),
      text,
      threshold: thresholdText(threshold),
    })
  }
}

const percent = (part: number, whole: number): number => (whole <= 0 ? 0 : (part / whole) * 100)

const shown = (value: number): string => (value < 10 ? value.toFixed(1) : value.toFixed(0))

const readMemory = (sheet: Sheet, { facts, history, nowMs }: ReadingContext, sample: Sample): void => {
  const memory = facts.latest(meminfoParser, null)?.facts
  const total = memory?.totalBytes ?? null
  const available = memory?.availableBytes ?? null
  if (total !== null && available !== null) {
    const share = percent(available, total)
    sheet.put('memory-available', HOST, share, `${shown(share)} % of memory available (${formatBytes(available)})`)
  }
  const swapTotal = memory?.swapTotalBytes ?? null
  const swapFree = memory?.swapFreeBytes ?? null
  if (swapTotal !== null && swapFree !== null) {
    sheet.seen.add('swap-used')
    const share = percent(swapTotal - swapFree, swapTotal)
    if (swapTotal > 0) sheet.put('swap-used', HOST, share, `${shown(share)} % of swap used`)
  }
  const pressure = facts.all(pressureParser).findLast(({ command }) => command === '/proc/pressure/memory')?.facts
  if (pressure !== undefined) {
    const { avg300Percent: some } = pressure.some
    const full = pressure.full?.avg300Percent ?? 0
    // `full` counts tenfold, so that one threshold serves both: 1 % of it warns, 10 % is critical.
    const value = Math.max(Math.min(some, 100), full * 10)
    sheet.put('memory-pressure', HOST, value, `memory stalls: some ${shown(some)} %, full ${shown(full)} % (5 min)`)
  }
  readRates(sheet, { earlier: history.at(-1) ?? null, nowMs, total }, sample)
}

/** Counters speak only within one boot, and only over a time that was measured. */
const readRates = (
  sheet: Sheet,
  { earlier, nowMs, total }: { readonly earlier: Sample | null; readonly nowMs: number; readonly total: number | null },
  sample: Sample,
): void => {
  if (earlier === null || earlier.bootId === null || earlier.bootId !== sample.bootId || total === null) return
  const seconds = (nowMs - earlier.atMs) / 1000
  // "In 30 minutes" and "for 15 minutes" cannot be said of a whole night.
  if (seconds < 300 || seconds > 45 * 60) return
  const rise = (name: string): number | null => {
    const [from, to] = [earlier.values[name], sample.values[name]]
    return from === undefined || to === undefined || to < from ? null : to - from
  }
  const swapped = rise('swap-out-bytes')
  if (swapped !== null) {
    const share = percent(swapped, total) * (1800 / seconds)
    sheet.put('swap-out', HOST, share, `${shown(share)} % of RAM swapped out in 30 min`)
  }
  const faults = rise('major-faults')
  if (faults !== null) sheet.put('major-faults', HOST, faults / seconds, `${shown(faults / seconds)} major faults/s`)
}

const readUnits = (sheet: Sheet, sample: Sample): void => {
  for (const [name, used] of Object.entries(sample.values)) {
    if (!name.startsWith('unit-memory:')) continue
    sheet.seen.add('unit-memory')
    const unit = name.slice('unit-memory:'.length)
    const limit = sample.values[`unit-limit:${unit}`]
    if (limit === undefined || limit <= 0) continue
    const share = percent(used, limit)
    sheet.put(
      'unit-memory',
      unit,
      share,
      `${shown(share)} % of its limit (${formatBytes(used)} of ${formatBytes(limit)})`,
    )
  }
}

const readDisks = (sheet: Sheet, { facts, history, nowMs }: ReadingContext): void => {
  const disks = facts.latest(dfParser, null)?.facts.filesystems ?? null
  for (const disk of disks?.filter(isRealDisk) ?? []) {
    const { mount, sizeBytes, availableBytes, usedPercent } = disk
    if (usedPercent === null) continue
    const free = availableBytes === null ? '' : `, ${formatBytes(availableBytes)} free`
    sheet.put('disk-used', mount, usedPercent, `${usedPercent} % used${free}`, (own) => relaxed(own, sizeBytes))
    // The sampler does not ask for disks, and a rate over minutes is none.
    const earlier = history.findLast(
      ({ atMs, values }) => values[`disk-available:${mount}`] !== undefined && nowMs - atMs >= DISK_RATE_LEAST_MS,
    )
    const before = earlier?.values[`disk-available:${mount}`]
    if (earlier === undefined || before === undefined || availableBytes === null || sizeBytes === null) continue
    const perHour = (before - availableBytes) / ((nowMs - earlier.atMs) / 3_600_000)
    sheet.seen.add('disk-filling')
    // node-mixin: filling matters below 40 % free, and is urgent below 20 %.
    const freeShare = percent(availableBytes, sizeBytes)
    if (perHour <= 0 || freeShare >= 40) continue
    const hours = availableBytes / perHour
    const rate = `${formatBytes(perHour)}/h since the look before`
    sheet.put('disk-filling', mount, hours, `full in about ${shown(hours)} h if it goes on (${rate})`, (own) =>
      freeShare >= 20 ? { ...own, critical: null } : own,
    )
  }
  for (const inodes of facts.latest(dfInodesParser, null)?.facts.filesystems.filter(isRealDisk) ?? []) {
    const { mount, totalCount, freeCount } = inodes
    if (totalCount === null || freeCount === null || totalCount === 0) continue
    const share = percent(freeCount, totalCount)
    sheet.put('inodes-free', mount, share, `${shown(share)} % of inodes free`)
  }
}

const readLogs = (sheet: Sheet, context: ReadingContext, sample: Sample): void => {
  const { facts, diagnosis, history, sinceMs } = context
  const logs = facts.all(logParser)
  const kernel = logs.some(({ step }) => step === 'kernel-log')
  if (kernel) sheet.seen.add('oom-kills')
  const kills = new Map<string, number>()
  for (const finding of diagnosis.findings) {
    if (!KILL_KINDS.has(finding.kind)) continue
    const object = finding.unit ?? finding.victims[0]?.comm ?? HOST
    kills.set(object, (kills.get(object) ?? 0) + finding.count)
  }
  for (const [object, count] of kills)
    sheet.put('oom-kills', object, count, `${count} kill${count === 1 ? '' : 's'} for lack of memory`)
  const before = history.findLast(({ atMs }) => atMs <= sinceMs) ?? history[0]
  if (kills.size === 0 && !kernel && before !== undefined) countedKills(sheet, before, sample)
  const ends = logs.find(({ step }) => step === 'systemd-ends')
  if (ends === undefined) return
  sheet.seen.add('unit-restarts')
  const restarts = new Map<string, (number | null)[]>()
  for (const event of eventsOf(ends.facts, 'unit-restart'))
    restarts.set(event.unit, [...(restarts.get(event.unit) ?? []), event.time.atMs])
  for (const [unit, times] of restarts) {
    const isBurst = mostWithin(times, 300_000) > 2
    const text = `restarted by systemd ${times.length} time${times.length === 1 ? '' : 's'}${isBurst ? ', more than 2 in 5 min' : ''}`
    sheet.put('unit-restarts', unit, times.length, text, (own) => (isBurst ? { ...own, critical: own.warn } : own))
  }
}

/** Without the kernel's words there is only its counter, which begins at 0 with each boot. */
const countedKills = (sheet: Sheet, earlier: Sample, sample: Sample): void => {
  const now = sample.values['oom-kills']
  const before = earlier.values['oom-kills']
  if (now === undefined || before === undefined || earlier.bootId !== sample.bootId || now < before) return
  sheet.seen.add('oom-kills')
  const count = now - before
  if (count > 0)
    sheet.put('oom-kills', HOST, count, `${count} kills counted by the kernel, whose log could not be read`)
}

const mostWithin = (times: readonly (number | null)[], spanMs: number): number => {
  const sorted = times.filter((atMs) => atMs !== null).toSorted((one, other) => one - other)
  return Math.max(0, ...sorted.map((from, index) => sorted.slice(index).filter((atMs) => atMs - from <= spanMs).length))
}

const readHost = (sheet: Sheet, { facts, nowMs }: ReadingContext): void => {
  const failed = facts.latest(systemctlFailedParser, null)?.facts.units
  if (failed !== undefined) sheet.seen.add('failed-unit')
  for (const { unit } of failed ?? []) sheet.put('failed-unit', unit, 1, 'in state failed')
  const cores = Number(textOf(facts, 'processors').trim())
  const load = facts.latest(loadavgParser, null)?.facts
  if (load !== undefined && Number.isInteger(cores) && cores > 0) {
    const share = load.load15 / cores
    sheet.put('load', HOST, share, `load ${load.load15} on ${cores} core${cores === 1 ? '' : 's'} (15 min)`)
  }
  const synchronized = facts.latest(timedatectlParser, null)?.facts.synchronized ?? null
  const uptime = facts.latest(uptimeParser, null)?.facts.uptimeSeconds ?? null
  if (synchronized !== null && uptime !== null) {
    sheet.seen.add('clock')
    if (uptime >= CLOCK_AFTER_SECONDS)
      sheet.put('clock', HOST, synchronized ? 0 : 1, synchronized ? 'synchronised' : 'not synchronised')
  }
  const wanted = rebootWantedHours(facts, nowMs)
  if (wanted !== null) {
    sheet.seen.add('reboot-wanted')
    if (wanted.isWanted) sheet.put('reboot-wanted', HOST, wanted.hours, wanted.text)
  }
  for (const { path, days } of certificatesOf(textOf(facts, 'certificates'), nowMs))
    sheet.put('certificate', path, days, days < 0 ? 'has ended' : `ends in ${shown(days)} days`)
  if (isRun(facts, 'certificates')) sheet.seen.add('certificate')
}

const textOf = (facts: FactView, step: string): string =>
  facts.evidence.find((item) => item.step === step)?.result.stdout ?? ''

const isRun = (facts: FactView, step: string): boolean =>
  facts.evidence.some((item) => item.step === step && item.result.outcome === 'exited')
