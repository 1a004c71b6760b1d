import { fileURLToPath } from 'node:url'
import type { Cell } from './main.ts'
import { measure } from './measure.ts'
import { ANSIBLE, MASTER, MEDIC, MEDIC_WARM } from './peers.ts'

export interface Judged {
  readonly what: string
  readonly limit: string
  /** What was measured; null when this run held nothing for it. */
  readonly value: string | null
  readonly isMissed: boolean
}

type Find = (client: string, hosts: number, delayMs: number) => Cell | undefined

/** Holds what was measured against the goals of docs/performance.md. Ratios are taken within this run. */
export const budgets = async (cells: readonly Cell[]): Promise<readonly Judged[]> => {
  const find: Find = (client, hosts, delayMs) =>
    cells.find((cell) => cell.client === client && cell.hosts === hosts && cell.delayMs === delayMs)
  const delayMs = Math.max(0, ...cells.filter(({ hosts }) => hosts === 1).map((cell) => cell.delayMs))
  const near = find(MEDIC_WARM, 1, 0)
  const far = delayMs > 0 ? find(MEDIC_WARM, 1, delayMs) : undefined
  const many = largest(cells, MEDIC_WARM, 200)
  const playbook = largest(cells, ANSIBLE, 20)
  const medicBeside = playbook === undefined ? undefined : find(MEDIC, playbook.hosts, 0)
  const master = find(MASTER, 1, 0)
  const trips = (nearMs: number | null | undefined, farMs: number | null | undefined): number | null => {
    const count = typeof nearMs === 'number' && typeof farMs === 'number' ? (farMs - nearMs) / delayMs : 0
    // Nobody asks and is answered in less than one, but for what a clock is off: then the machine was too busy to tell.
    return count < 0.9 ? null : count
  }
  return [
    judge('round trips, cold look at a far host', 12, '', trips(near?.wallMs, far?.wallMs)),
    judge('round trips, second look', 2, '', trips(near?.measured?.againMs, far?.measured?.againMs)),
    judge('wall, one near host, process started, against ControlMaster', 0.8, ' x', over(near?.wallMs, master?.wallMs)),
    judge(`client CPU per host at ${many?.hosts ?? 200} hosts`, 20, ' ms', many?.cpuMsPerHost ?? null),
    judge(
      `client CPU per host against Ansible at ${playbook?.hosts ?? 20}`,
      0.1,
      ' x',
      over((many ?? medicBeside)?.cpuMsPerHost, playbook?.cpuMsPerHost),
    ),
    judge('memory held by each open connection', 0.5, ' MiB', many?.measured?.heldMiBPerConnection ?? null),
    judge(
      `wall against Ansible with pipelining at ${playbook?.hosts ?? 500} hosts`,
      0.2,
      ' x',
      playbook === undefined ? null : over(medicBeside?.wallMs, playbook.wallMs),
    ),
    judge('CPU of medic --help', 150, ' ms', await helpCpuMs()),
  ]
}

const judge = (what: string, most: number, sign: string, value: number | null): Judged => ({
  what,
  limit: `at most ${most}${sign}`,
  value: value === null ? null : `${value.toFixed(value < 10 ? 2 : 0)}${sign}`,
  isMissed: value !== null && value > most,
})

const over = (own: number | undefined, other: number | undefined): number | null =>
  own === undefined || other === undefined ? null : own / other

/** A client's near cell with the most hosts, when that is at least so many. */
const largest = (cells: readonly Cell[], client: string, least: number): Cell | undefined =>
  cells
    .filter((cell) => cell.client === client && cell.delayMs === 0 && cell.hosts >= least)
    .toSorted((a, b) => b.hosts - a.hosts)[0]

/** The second start counts: the first fills the compile cache. */
const helpCpuMs = async (): Promise<number> => {
  const words = [process.execPath, fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url)), '--help']
  await measure({ words }, 60_000)
  return (await measure({ words }, 60_000)).cpuMs
}
