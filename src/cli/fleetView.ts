import { isUnseen } from '../app/fleet/fleetDocument.ts'
import type { FleetHost } from '../domain/fleetRun.ts'
import { escapeTerminal } from '../render/escape.ts'
import type { Painter } from '../render/reportPage.ts'

/** One line for a host that ended: name, state, and what matters most. */
export const hostLine = (host: FleetHost, width: number, painter: Painter): string => {
  const name = escapeTerminal(host.host).padEnd(width)
  const found = host.findings ?? 0
  const findings =
    found > 0
      ? `${found} finding${found === 1 ? '' : 's'}: ${(host.verdict ?? '').replace(` on ${host.host}:`, ':')}`
      : ''
  const incident = host.incident === null ? '' : `  ${host.incident}`
  const said = escapeTerminal(findings)
  if (host.state !== 'done') {
    const error = escapeTerminal(host.error ?? '')
    return `${name}  ${painter.yellow(host.state)}: ${error}${said === '' ? '' : `; ${said}`}${incident}`
  }
  if (found > 0) return `${name}  ${painter.red(said)}${incident}`
  if (host.isBlind) return `${name}  ${painter.yellow('nothing found, but a decisive source could not be seen')}`
  return `${name}  ${painter.green('nothing wrong')}`
}

/** The last lines: counts, and everything that was not seen by name. */
export const summaryLines = (hosts: readonly FleetHost[], painter: Painter): readonly string[] => {
  const unseen = hosts.filter(isUnseen)
  const found = hosts.filter((host) => (host.findings ?? 0) > 0)
  const lines = [
    painter.bold(
      `${hosts.length - unseen.length}/${hosts.length} hosts seen, ${found.length} with findings` +
        (unseen.length === 0 ? '' : `, ${unseen.length} not seen`),
    ),
  ]
  const groups = new Map<string, string[]>()
  for (const host of unseen) {
    const state = host.state === 'done' ? 'blind' : host.state
    groups.set(state, [...(groups.get(state) ?? []), host.host])
  }
  for (const [state, names] of groups)
    lines.push(`  ${painter.yellow(state)} (${names.length}): ${escapeTerminal(names.join(', '))}`)
  return lines
}

export interface FleetProgress {
  show(counts: {
    readonly total: number
    readonly ended: number
    readonly running: number
    readonly unseen: number
  }): void
  clear(): void
}

/** A single line on a terminal, nothing elsewhere: there each host's own line is the progress. */
export const createFleetProgress = (stream: NodeJS.WriteStream, painter: Painter): FleetProgress => {
  if (!stream.isTTY) return { show: () => {}, clear: () => {} }
  let shownAtMs = 0
  const clear = (): void => void stream.write('\r\x1b[K')
  return {
    show({ total, ended, running, unseen }) {
      // More often nobody can read.
      if (performance.now() - shownAtMs < 100 && ended < total) return
      shownAtMs = performance.now()
      clear()
      stream.write(`${painter.bold(`${ended}/${total}`)} hosts ended, ${running} running, ${unseen} not seen`)
    },
    clear,
  }
}
