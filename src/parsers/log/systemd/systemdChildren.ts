import type { LogEvent } from '../events.ts'
import type { LogLine } from '../lines/line.ts'
import type { ProcessKilledEvent } from '../programEvents.ts'
import { numberOf, toldBy } from '../telling.ts'
import type { UnitExitEvent } from './unitEvents.ts'

/**
 * systemd at its debug level names the process that its next lines speak of by unit only:
 *   Child 237 (bash) died (code=killed, status=9/KILL)
 *   app.service: Child 237 belongs to app.service.
 *   app.service: Main process exited, code=killed, status=9/KILL
 */
const DIED = /^Child (\d{1,10})(?: \((.{1,64})\))? died \(code=(?:killed|dumped), status=(\d{1,3})\/[A-Z0-9]{2,10}\)/
/** Before its version 230 the lines of the end gave no name, the ones of the signal did. */
const SIGNALLED = /^(?:Received SIGCHLD from PID|Got SIGCHLD for process) (\d{1,10}) \((.{1,64})\)/
const BELONGS = /^(?:\S{1,255}: )?Child (\d{1,10}) belongs to (\S{1,255}?)\.?$/

/** The exit follows within a few lines. Arbitrary. */
const WITHIN_LINES = 12
const SIGKILL = 9

interface Child {
  readonly line: LogLine
  readonly pid: number
  readonly comm: string | null
  readonly status: number
  unit: string | null
  told: boolean
}

/** Keeps who died, gives exits their process, and at the end tells of the killed that no exit line was about. */
export const reapedChildren = (): {
  accept: (line: LogLine) => boolean
  named: (exit: UnitExitEvent) => UnitExitEvent
  finish: () => readonly LogEvent[]
} => {
  const children: Child[] = []
  const nameOf = (pid: string | undefined): string | null => (signalled?.pid === pid ? (signalled?.comm ?? null) : null)
  let signalled: { readonly pid: string; readonly comm: string } | null = null
  return {
    accept: (line) => {
      if (line.text.includes('SIGCHLD ')) {
        const match = SIGNALLED.exec(line.text)
        if (match !== null) signalled = { pid: match[1] ?? '', comm: match[2] ?? '' }
        return match !== null
      }
      if (!line.text.includes('Child ')) return false
      const died = DIED.exec(line.text)
      const pid = numberOf(died?.[1])
      if (died !== null && pid !== null) {
        children.push({ line, pid, comm: died[2] ?? nameOf(died[1]), status: Number(died[3]), unit: null, told: false })
        return true
      }
      const belongs = BELONGS.exec(line.text)
      const child = children.findLast((one) => String(one.pid) === belongs?.[1])
      if (child !== undefined && isFollowing(child, line.number)) child.unit = belongs?.[2] ?? null
      return belongs !== null
    },
    named: (exit) => {
      const child = children.findLast(
        (one) => !one.told && one.status === exit.status && (one.unit ?? exit.unit) === exit.unit,
      )
      const at = exit.cited[0]?.line ?? 0
      if (child === undefined || !isFollowing(child, at) || (exit.pid !== null && exit.pid !== child.pid)) return exit
      child.told = true
      return { ...exit, pid: child.pid, comm: child.comm }
    },
    finish: () => children.filter((child) => !child.told && child.status === SIGKILL).map((child) => killed(child)),
  }
}

const isFollowing = (child: Child, line: number): boolean => line - child.line.number <= WITHIN_LINES

const killed = (child: Child): ProcessKilledEvent => {
  const told = toldBy(child.line)
  return {
    type: 'process-killed',
    ...told,
    unit: child.unit ?? told.unit,
    reporter: 'systemd',
    pid: child.pid,
    comm: child.comm,
    container: null,
    seenAs: 'signal',
  }
}
