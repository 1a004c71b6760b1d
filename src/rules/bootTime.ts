import type { FactView } from '../parsers/facts.ts'
import { uptimeParser } from '../parsers/uptime.ts'

/** When the host booted, from its uptime; null when nobody read it. Exact to about a second. */
export const bootTimeMs = (facts: FactView): number | null => {
  const uptime = facts.latest(uptimeParser, null)
  return uptime === undefined ? null : uptime.takenAtMs - Math.round(uptime.facts.uptimeSeconds * 1000)
}

/** Whether everything counted since boot happened inside the window; false when either is unknown. */
export const isBootInsideWindow = (facts: FactView): boolean => {
  const boot = bootTimeMs(facts)
  return boot !== null && facts.window.fromMs !== null && boot >= facts.window.fromMs
}
