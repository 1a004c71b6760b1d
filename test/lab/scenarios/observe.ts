import type { Guest } from '../guest.ts'
import type { Truth, Victim } from './scenario.ts'

export interface JournalLine {
  readonly at: string
  readonly pid: number | null
  readonly message: string
}

export interface KernelKill extends Victim {
  readonly constraint: string
  /** The cgroup whose limit was hit; null when the whole machine was out of memory. */
  readonly limitCgroup: string | null
}

/** Journal lines of this boot that match, as the guest's own journalctl finds them. */
export const readJournal = async (guest: Guest, parameters: string): Promise<JournalLine[]> => {
  const { stdout } = await guest.exec(`journalctl -b --no-pager -o json ${parameters}`)
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => {
      const entry = JSON.parse(line) as Record<string, string | number[]>
      const message = entry['MESSAGE']
      // What journalctl prints: the writer's own time where there is one.
      const microseconds = Number(entry['_SOURCE_REALTIME_TIMESTAMP'] ?? entry['__REALTIME_TIMESTAMP'])
      return {
        at: new Date(microseconds / 1000).toISOString(),
        pid: entry['_PID'] === undefined ? null : Number(entry['_PID']),
        message: typeof message === 'string' ? message : Buffer.from(message ?? []).toString(),
      }
    })
}

/** Every process the kernel's OOM killer has killed since boot, from the pair of lines it writes for each. */
export const readKernelKills = async (guest: Guest): Promise<KernelKill[]> => {
  const lines = await readJournal(guest, `-k -g 'oom-kill:constraint|Killed process'`)
  const kills: KernelKill[] = []
  let reason: Record<string, string> = {}
  for (const { at, message } of lines) {
    if (message.startsWith('oom-kill:')) {
      reason = Object.fromEntries(
        message
          .slice('oom-kill:'.length)
          .split(',')
          .map((pair) => pair.split('=') as [string, string]),
      )
      continue
    }
    const killed = /Killed process (\d+) \((.*?)\) total-vm/.exec(message)
    if (killed === null) continue
    kills.push({
      at,
      pid: Number(killed[1]),
      comm: killed[2] ?? null,
      cgroup: reason['task_memcg'] ?? null,
      constraint: reason['constraint'] ?? '',
      limitCgroup: reason['oom_memcg'] ?? null,
    })
  }
  return kills
}

/** What systemd says about a unit now. */
export const readUnit = async (guest: Guest, unit: string): Promise<Record<string, string>> => {
  const text = await guest.run(`systemctl show ${unit}`)
  return Object.fromEntries(text.split('\n').map((line) => [line.slice(0, line.indexOf('=')), afterEquals(line)]))
}

const afterEquals = (line: string): string => line.slice(line.indexOf('=') + 1)

/** The part of the truth that systemd knows. */
export const unitTruth = async (
  guest: Guest,
  unit: string,
): Promise<Pick<Truth, 'unit' | 'mainPid' | 'restarts' | 'activeState' | 'result'>> => {
  const show = await readUnit(guest, unit)
  const mainPid = Number(show['MainPID'])
  return {
    unit,
    mainPid: mainPid === 0 ? null : mainPid,
    restarts: Number(show['NRestarts']),
    activeState: show['ActiveState'] ?? '',
    result: show['Result'] ?? '',
  }
}

/** Truths about a machine on which nobody was killed. */
export const nobodyKilled = {
  killer: null,
  limitOwner: null,
  limitBytes: null,
  victims: [],
} as const satisfies Partial<Truth>

/** Waits for automatic restarts; counted by systemd since the last start by hand. */
export const untilRestarted = (guest: Guest, unit: string, timeoutMs: number): Promise<true> =>
  guest.until(`${unit} is restarted by systemd and runs`, timeoutMs, async () => {
    const show = await guest.run(`systemctl show ${unit} -p NRestarts,MainPID`)
    return /NRestarts=[1-9]/.test(show) && /MainPID=[1-9]/.test(show) ? true : undefined
  })

/** Waits for the first kill the kernel counts. */
export const untilKernelKill = (guest: Guest, timeoutMs: number): Promise<true> =>
  guest.until('the kernel counts an OOM kill', timeoutMs, async () => {
    const counter = await guest.run('grep ^oom_kill /proc/vmstat')
    return Number(counter.split(' ')[1]) > 0 ? true : undefined
  })

/** Waits for a kill on the serial console: asking a machine without memory would only add to its trouble. */
export const untilConsoleKill = (guest: Guest, timeoutMs: number): Promise<true> =>
  guest.until('"Killed process" on the console', timeoutMs, () =>
    Promise.resolve(/out of memory: Killed process/i.test(guest.console()) ? true : undefined),
  )

/** A file of the unit's own cgroup, or null when the cgroup is gone. */
export const readCgroup = async (guest: Guest, unit: string, file: string): Promise<string | null> => {
  const { code, stdout } = await guest.exec(`cat /sys/fs/cgroup/system.slice/${unit}/${file}`)
  return code === 0 ? stdout : null
}

/** One value of a `key value` file such as memory.events. */
export const numberIn = (text: string | null, key: string): number | null => {
  const match = new RegExp(`^${key}[: ]+(\\d+)`, 'm').exec(text ?? '')
  return match === null ? null : Number(match[1])
}
