import type { CheckId, Level } from '../../domain/snapshot.ts'

/** When a check fires and when it clears again. Between the two an open state stays open. */
export interface Threshold {
  /** Whether large values are bad (`above`) or small ones (`below`). */
  readonly direction: 'above' | 'below'
  readonly warn: number
  readonly critical: number | null
  readonly clear: number
  readonly unit: string
}

export type Thresholds = Readonly<Record<CheckId, Threshold>>

/** What medic.yaml may change of one check. */
export interface ThresholdSetting {
  readonly warn?: number | undefined
  readonly critical?: number | undefined
  readonly clear?: number | undefined
}

const above = (unit: string, warn: number, critical: number | null, clear = warn): Threshold => ({
  direction: 'above',
  warn,
  critical,
  clear,
  unit,
})
const below = (unit: string, warn: number, critical: number | null, clear = warn): Threshold => ({
  direction: 'below',
  warn,
  critical,
  clear,
  unit,
})

/** outputs.md section 3 names the anchor of each; clearing values without an anchor are ours. */
export const DEFAULT_THRESHOLDS: Thresholds = {
  // Netdata 10/15; earlyoom acts at 10 % and 5 %.
  'memory-available': below('%', 10, 5, 15),
  // Netdata's cgroup alarms.
  'unit-memory': above('%', 90, 98, 80),
  // Netdata: any within 30 minutes; the same unit twice is critical.
  'oom-kills': above('kills', 0, 1, 0),
  // Ours; `full` avg300 > 1 % counts as `some` > 10 %.
  'memory-pressure': above('% of time', 10, 100, 8),
  // Netdata.
  'swap-used': above('%', 90, 98, 80),
  // node-mixin: share of RAM in 30 minutes.
  'swap-out': above('% of RAM in 30 min', 30, null, 20),
  'major-faults': above('/s', 500, null, 300),
  // Checkmk 80/90, relaxed on large disks; Netdata 90/98.
  'disk-used': above('%', 80, 90, 78),
  // node-mixin: hours until full.
  'disk-filling': below('h', 24, 4, 48),
  // Checkmk.
  'inodes-free': below('%', 10, 5, 12),
  // node-mixin.
  'failed-unit': above('', 0, null, 0),
  // node-mixin: more than 2 in 5 minutes is critical.
  'unit-restarts': above('restarts', 0, null, 0),
  // Netdata 2, node-mixin 2, Checkmk 5 a core.
  load: above('a core', 2, 5, 1.5),
  // Netdata, node-mixin: only after 17 minutes up.
  clock: above('', 0, null, 0),
  // Checkmk 12 h / 24 h; critical after a week is ours. In hours.
  'reboot-wanted': above('h', 12, 7 * 24, 0),
  // Netdata. In days.
  certificate: below('days', 14, 7, 14),
}

export const thresholdsWith = (settings: Readonly<Partial<Record<CheckId, ThresholdSetting>>>): Thresholds =>
  Object.fromEntries(
    Object.entries(DEFAULT_THRESHOLDS).map(([check, threshold]) => {
      const setting = settings[check as CheckId]
      if (setting === undefined) return [check, threshold]
      const warn = setting.warn ?? threshold.warn
      const moved = threshold.clear + (warn - threshold.warn)
      return [
        check,
        { ...threshold, warn, critical: setting.critical ?? threshold.critical, clear: setting.clear ?? moved },
      ]
    }),
  ) as Record<CheckId, Threshold>

export const levelOf = (value: number, { direction, warn, critical }: Threshold): Level => {
  const isPast = (bound: number): boolean => (direction === 'above' ? value > bound : value < bound)
  if (critical !== null && isPast(critical)) return 'critical'
  return isPast(warn) ? 'warn' : 'ok'
}

export const isCleared = (value: number, { direction, clear }: Threshold): boolean =>
  direction === 'above' ? value <= clear : value >= clear

export const thresholdText = ({ direction, warn, critical, unit }: Threshold): string => {
  const sign = direction === 'above' ? '>' : '<'
  const shown = unit === '' || unit === '%' ? unit : ` ${unit}`
  return `warn ${sign} ${warn}${shown}${critical === null ? '' : `, critical ${sign} ${critical}${shown}`}`
}
