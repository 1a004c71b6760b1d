import { exhaustHost } from './hostOom.ts'
import { readJournal, readUnit } from './observe.ts'
import { QUEUE_WORKER } from './queueWorker.ts'
import type { Scenario } from './scenario.ts'

const LINE = 'MemoryMax=3G # plenty for the attachments'

/** systemd has no comments at the end of a line: the whole value is invalid, and there is no limit. */
export const trailingComment: Scenario = {
  id: 'trailing-comment',
  title: `the unit says "${LINE}", which systemd ignores; the machine runs out of memory`,
  run: async (guest) => {
    const truth = await exhaustHost(guest, { service: [LINE] })
    const show = await readUnit(guest, QUEUE_WORKER)
    const complaints = await readJournal(guest, `_PID=1 -g 'Invalid memory limit'`)
    return {
      ...truth,
      summary: `"${LINE}" is ignored, MemoryMax=${show['MemoryMax']}; the kernel killed pid ${truth.victims[0]?.pid}`,
      facts: {
        ...truth.facts,
        line: LINE,
        memoryMaxInForce: show['MemoryMax'] ?? null,
        complaint: complaints.at(-1)?.message ?? null,
      },
    }
  },
}
