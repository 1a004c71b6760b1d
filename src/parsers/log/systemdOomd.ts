import type { LogLine } from './line.ts'
import type { OomdKillEvent } from './programEvents.ts'
import { lineRecognizer, toldBy } from './telling.ts'

/**
 * systemd-oomd's own lines. From 248:
 *   Killed /system.slice/a.service due to memory pressure for /system.slice being 46.96% > 20.00% for > 5s with reclaim activity
 * Version 247 logs only the reason, so the killed group is not known.
 * A dry run, a failed attempt and the list of candidates are no kills and do not match.
 */
export const systemdOomdRecognizer = lineRecognizer('systemd-oomd', (line) => {
  if (line.source !== null && line.source !== 'systemd-oomd') return null
  const { text } = line
  if (text.startsWith('Killed /')) return killOf(line)
  if (line.source === 'systemd-oomd' && (text.startsWith('Memory pressure for ') || text.startsWith('Swap used ('))) {
    return reasonOnlyOf(line)
  }
  return null
})

const PRESSURE = /^Killed (\/.{0,1000}) due to memory pressure for (\/.{0,1000}) being (.{1,200}) with reclaim activity/
const SWAP = /^Killed (\/.{0,1000}) due to (memory used .{1,300} being more than [\d.]{1,10} ?%?.{0,20})$/
const PRESSURE_247 =
  /^Memory pressure for (\/.{0,1000}) is greater than (\S{1,20}) for more than (\d{1,10}) seconds and there was reclaim activity/
const SWAP_247 = /^(Swap used \(\d{1,20}\) \/ total \(\d{1,20}\) is more than \S{1,20})/

const killOf = (line: LogLine): OomdKillEvent | null => {
  const pressure = PRESSURE.exec(line.text)
  if (pressure !== null) {
    return {
      type: 'oomd-kill',
      ...toldBy(line),
      cgroup: pressure[1] ?? null,
      cause: 'pressure',
      pressureCgroup: pressure[2] ?? null,
      reason: pressure[3] ?? null,
    }
  }
  const swap = SWAP.exec(line.text)
  if (swap === null) return tornOf(line)
  return {
    type: 'oomd-kill',
    ...toldBy(line),
    cgroup: swap[1] ?? null,
    cause: 'swap',
    pressureCgroup: null,
    reason: swap[2] ?? null,
  }
}

/** The pager cut the line at the screen's edge: who was killed stands in front, the numbers are gone. */
const TORN =
  /^Killed (\/\S{1,1000}) due to memory (pressure|used)\b(?: for \/\S{0,1000}(?: b.{0,80})?| [(\d].{0,200}| {0,2})(?:>|…)?$/

const tornOf = (line: LogLine): OomdKillEvent | null => {
  const torn = TORN.exec(line.text)
  if (torn === null) return null
  const cause = torn[2] === 'used' ? 'swap' : 'pressure'
  return { type: 'oomd-kill', ...toldBy(line), cgroup: torn[1] ?? null, cause, pressureCgroup: null, reason: null }
}

const reasonOnlyOf = (line: LogLine): OomdKillEvent | null => {
  const pressure = PRESSURE_247.exec(line.text)
  if (pressure !== null) {
    return {
      type: 'oomd-kill',
      ...toldBy(line),
      cgroup: null,
      cause: 'pressure',
      pressureCgroup: pressure[1] ?? null,
      reason: `above ${pressure[2] ?? ''} for more than ${pressure[3] ?? ''} s`,
    }
  }
  const swap = SWAP_247.exec(line.text)
  if (swap === null) return null
  return {
    type: 'oomd-kill',
    ...toldBy(line),
    cgroup: null,
    cause: 'swap',
    pressureCgroup: null,
    reason: swap[1] ?? null,
  }
}
