import type { LogLine } from '../lines/line.ts'
import type { OomdKillEvent } from '../programEvents.ts'
import type { Recognizer } from '../recognizer.ts'
import { numberOf, toldBy } from '../telling.ts'

/**
 * systemd-oomd's own lines. From 248:
 *   Killed /system.slice/a.service due to memory pressure for /system.slice being 46.96% > 20.00% for > 5s with reclaim activity
 * From 259 it marks a group first and kills it when its hooks have answered; no other line tells of the kill:
 *   Marked /system.slice/a.service for killing due to memory used (…) / total (…) and swap used (…) / total (…) being more than 90.00%
 * Version 247 logs only the reason, so the killed group is not known.
 * A dry run, a failed attempt and the list of candidates are no kills and do not match.
 */
export const systemdOomdRecognizer: Recognizer = {
  id: 'systemd-oomd',
  start: () => {
    const events: OomdKillEvent[] = []
    /** Whom the debug log names before it says of which group they are. */
    let signalled: OomdKillEvent | null = null
    return {
      accept: (line) => {
        const pid = pidIn(line)
        if (pid !== null) {
          signalled =
            signalled === null ? told(line, { pids: [pid] }) : { ...signalled, pids: [...signalled.pids, pid] }
          return
        }
        const event = eventOf(line)
        if (event === null) return
        const pids = event.cgroup === null ? [] : (signalled?.pids ?? [])
        if (event.cgroup !== null) signalled = null
        events.push({ ...event, pids })
      },
      finish: () => (signalled === null ? events : [...events, signalled]),
    }
  },
}

/** `oomd attempting to kill 407 with KILL`: the signal itself, whatever becomes of the group. */
const pidIn = ({ text, source }: LogLine): number | null =>
  source === 'systemd-oomd' && text.startsWith('oomd attempting to kill ')
    ? numberOf(/^oomd attempting to kill (\d{1,10}) with (?:SIG)?KILL\b/.exec(text)?.[1])
    : null

const NOTHING = { pids: [], cgroup: null, cause: null, pressureCgroup: null, reason: null } as const

const told = (line: LogLine, what: Partial<Omit<OomdKillEvent, 'type'>>): OomdKillEvent => ({
  type: 'oomd-kill',
  ...toldBy(line),
  ...NOTHING,
  ...what,
})

const eventOf = (line: LogLine): OomdKillEvent | null => {
  if (line.source !== null && line.source !== 'systemd-oomd') return null
  const { text } = line
  if (text.startsWith('Killed /') || text.startsWith('Marked /')) return killOf(line)
  if (line.source === 'systemd-oomd' && (text.startsWith('Memory pressure for ') || text.startsWith('Swap used ('))) {
    return reasonOnlyOf(line)
  }
  return line.source === 'systemd-oomd' && text.startsWith('Rule ') ? ruleOf(line) : null
}

/** From 261 rules of the administrator may end the whole group they watch; the others pick one that is not named. */
const RULE = /^(Rule '.{1,200}') conditions met for cgroup (\/\S{0,1000}) .{1,60}, taking action kill-all\b/

const ruleOf = (line: LogLine): OomdKillEvent | null => {
  const match = RULE.exec(line.text)
  if (match === null) return null
  return told(line, { cgroup: match[2] ?? null, reason: match[1] ?? null })
}

const PRESSURE =
  /^(?:Killed|Marked) (\/.{0,1000}?)(?: for killing)? due to memory pressure for (\/.{0,1000}) being (.{1,200}) with reclaim activity/
const SWAP =
  /^(?:Killed|Marked) (\/.{0,1000}?)(?: for killing)? due to (memory used .{1,300} being more than [\d.]{1,10} ?%?.{0,20})$/
/** A pager's or a window's edge took the numbers: who was killed and why stands before them. */
const TORN = /^(?:Killed|Marked) (\/\S{1,1000})(?: for killing)? due to memory ()(pressure for \/|used \(\d)/

const PRESSURE_247 =
  /^Memory pressure for (\/.{0,1000}) is greater than (\S{1,20}) for more than (\d{1,10}) seconds and there was reclaim activity/
const SWAP_247 = /^(Swap used \(\d{1,20}\) \/ total \(\d{1,20}\) is more than \S{1,20})/

const killOf = (line: LogLine): OomdKillEvent | null => {
  const pressure = PRESSURE.exec(line.text)
  if (pressure !== null) {
    return told(line, {
      cgroup: pressure[1] ?? null,
      cause: 'pressure',
      pressureCgroup: pressure[2] ?? null,
      reason: pressure[3] ?? null,
    })
  }
  const swap = SWAP.exec(line.text) ?? (line.source === 'systemd-oomd' ? TORN.exec(line.text) : null)
  if (swap === null) return null
  return told(line, {
    cgroup: swap[1] ?? null,
    cause: swap[3] === 'pressure' ? 'pressure' : 'swap',
    reason: swap[2] ?? null,
  })
}

const reasonOnlyOf = (line: LogLine): OomdKillEvent | null => {
  const pressure = PRESSURE_247.exec(line.text)
  if (pressure !== null) {
    return told(line, {
      cause: 'pressure',
      pressureCgroup: pressure[1] ?? null,
      reason: `above ${pressure[2] ?? ''} for more than ${pressure[3] ?? ''} s`,
    })
  }
  const swap = SWAP_247.exec(line.text)
  if (swap === null) return null
  return told(line, { cause: 'swap', reason: swap[1] ?? null })
}
