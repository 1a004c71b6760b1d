import { advice } from './dropIn.ts'
import { hostView } from './hostView.ts'
import type { RemedyMaker } from './remedy.ts'
import { mib } from './sizing.ts'

/** Above this a swap file is a matter of taste; below it, none means that the first burst kills (oom.md 4.4). */
const SMALL_HOST_MIB = 4096

/** A soft landing for a small host without swap. */
export const swapMaker: RemedyMaker = {
  id: 'swap',
  answers: ['global-oom', 'memory-pressure'],
  propose: (finding, facts) => {
    if (finding.role !== 'root-cause') return []
    const host = hostView(facts)
    if (host.totalBytes === null || host.swapTotalBytes !== 0) return []
    const total = mib(host.totalBytes)
    if (total > SMALL_HOST_MIB) return []
    const size = Math.min(total, 2048)
    return [
      advice({
        id: 'swap',
        title: `Add ${size} MiB of swap, or zram for half of the memory`,
        because: `This host has ${total} MiB of memory and no swap, so the first burst ends in a kill. Swap gives time to look; it does not cure growth.`,
        warnings: ['Not as a file on ZFS or Btrfs.', 'On a database host 1 GiB is enough for a soft landing.'],
      }),
    ]
  },
}
