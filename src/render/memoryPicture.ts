import type { EvidenceId } from '../domain/evidence.ts'

export interface MemoryShare {
  readonly name: string
  readonly count: string
  readonly rssBytes: number
  readonly share: string
  readonly evidence: readonly EvidenceId[]
}

/** Who held the memory: at the kill if the kernel printed its table, else when the run looked. */
export interface MemoryPicture {
  /** With rows: what they show. Without: why there are none. */
  readonly text: string
  readonly evidence: readonly EvidenceId[]
  readonly rows: readonly MemoryShare[]
}

export interface MemoryUser {
  readonly comm: string
  readonly rssBytes: number
}

const SHOWN = 8

/** Sums by name, because forty small processes can outweigh one big one. */
export const memoryPicture = (
  text: string,
  users: readonly MemoryUser[],
  evidence: readonly EvidenceId[],
  totalBytes: number | null,
): MemoryPicture => {
  const groups = new Map<string, { count: number; rssBytes: number }>()
  for (const user of users) {
    const group = groups.get(user.comm) ?? { count: 0, rssBytes: 0 }
    groups.set(user.comm, { count: group.count + 1, rssBytes: group.rssBytes + user.rssBytes })
  }
  const rows = [...groups]
    .toSorted(([a, x], [b, y]) => y.rssBytes - x.rssBytes || (a < b ? -1 : 1))
    .slice(0, SHOWN)
    .map(([name, { count, rssBytes }]) => ({
      name,
      count: String(count),
      rssBytes,
      share:
        totalBytes === null || totalBytes <= 0 ? 'not known' : `${Math.round((100 * rssBytes) / totalBytes)} % of RAM`,
      evidence,
    }))
  return { text: text.replace(/[\s:.]+$/, ''), evidence, rows }
}

export const NO_MEMORY_PICTURE: MemoryPicture = {
  text: 'no task table and no process list stand in the evidence of this run',
  evidence: [],
  rows: [],
}
